"""When a token lets nobody in or fails on the way: each cause is named, and no PIN is offered twice."""

from __future__ import annotations

import os
import shutil
import sys
from secrets import token_hex

import pytest

pytest.importorskip("pkcs11", reason="the extra pkcs11 is not installed")

from pkcs11 import exceptions as told
from pkcs11.constants import TokenFlag

from provenance.errors import KeyUnavailable, SignerRefused, WrongSecret
from provenance.keys import pkcs11_login
from provenance.keys.open import open_key
from tests.support import softhsm
from tests.support.certificates import make_chain
from tests.support.softhsm import PIN
from tests.unit.keys.key_lab import MESSAGE, Asked, never

FIND = pkcs11_login.find


@pytest.fixture(scope="module")
def token():
    made = softhsm.token()
    made.put("desk", number="51")
    return made


@pytest.fixture
def opened(token):
    softhsm.log_out()
    signers = []

    def work(secret, uri=None):
        signers.append(open_key(uri or token.uri("desk"), make_chain()[1], name="x", secret=secret))
        return signers[-1]

    yield work
    for signer in signers:
        signer.close()


class Between:
    """Stands before the real token: notes what PINs come by, and fails or waves other flags as a test wants."""

    def __init__(self, real, offered, *, flags, failure):
        self._real = real
        self._offered = offered
        self._failure = failure
        self.flags = real.flags | flags

    def __getattr__(self, name):
        return getattr(self._real, name)

    def open(self, *, user_pin=None):
        self._offered.append(user_pin)
        if self._failure is not None:
            raise self._failure
        return self._real.open(user_pin=user_pin)


@pytest.fixture
def between(monkeypatch):
    """Stand between every signer and its token; return the PINs that are offered."""

    def stand(*, flags=0, failure=None):
        offered = []

        def find(uri):
            module, real = FIND(uri)
            return module, Between(real, offered, flags=flags, failure=failure)

        monkeypatch.setattr(pkcs11_login, "find", find)
        return offered

    return stand


def test_a_refused_pin_is_never_offered_again(opened, between):
    offered, wrong = between(), token_hex(4)
    pins = Asked(wrong, PIN)
    signer = opened(pins)
    for _ in range(3):
        with pytest.raises(WrongSecret, match="does not accept this PIN") as caught:
            signer.sign(MESSAGE)
        assert "not tried again" in caught.value.hint
    assert (len(pins.words), offered) == (1, [wrong])
    with pytest.raises(WrongSecret, match="does not accept this PIN"):
        opened(Asked(wrong)).sign(MESSAGE)
    assert offered == [wrong]
    assert opened(Asked(PIN)).sign(MESSAGE)
    assert offered == [wrong, PIN]


def test_a_locked_pin_is_not_tried(opened, between):
    offered = between(flags=TokenFlag.USER_PIN_LOCKED)
    with pytest.raises(KeyUnavailable, match="locked after too many wrong ones") as caught:
        opened(never).sign(MESSAGE)
    assert "unlock it" in caught.value.hint
    assert offered == []


FAILED_LOGINS = [
    (told.PinIncorrect(), WrongSecret, "does not accept this PIN"),
    (told.PinLenRange(), WrongSecret, "does not accept this PIN"),
    (told.PinLocked(), KeyUnavailable, "locked after too many wrong ones"),
    (told.PinExpired(), KeyUnavailable, "expired"),
    (told.UserPinNotInitialized(), KeyUnavailable, "no PIN was ever set"),
    (told.DeviceRemoved(), KeyUnavailable, "the token was removed"),
    (told.SessionCount(), SignerRefused, "too many sessions"),
    (told.UserTooManyTypes(), SignerRefused, "refuses: user too many types"),
    (told.PKCS11Error("Unmapped error code 0x80000001"), SignerRefused, "Unmapped error code 0x80000001"),
]


@pytest.mark.parametrize(("failure", "kind", "message"), FAILED_LOGINS, ids=lambda item: getattr(item, "__name__", ""))
def test_a_login_that_fails_says_why(opened, between, failure, kind, message):
    between(failure=failure)
    with pytest.raises(kind, match=message) as caught:
        opened(Asked(f"for {failure!r}")).sign(MESSAGE)
    assert caught.value.hint
    assert caught.value.__cause__ is failure


@pytest.mark.parametrize("failure", [told.PinLocked(), told.PinExpired()], ids=repr)
def test_a_pin_that_met_a_lock_is_not_offered_again_either(opened, between, failure):
    offered = between(failure=failure)
    pin = f"again {failure!r}"
    signer = opened(Asked(pin, pin))
    with pytest.raises(KeyUnavailable):
        signer.sign(MESSAGE)
    with pytest.raises(WrongSecret):
        signer.sign(MESSAGE)
    assert offered == [pin]


@pytest.mark.parametrize(
    ("flag", "hint"),
    [
        (TokenFlag.USER_PIN_COUNT_LOW, "some more wrong PINs"),
        (TokenFlag.USER_PIN_FINAL_TRY, "one try is left"),
        (TokenFlag.USER_PIN_LOCKED, "the PIN is locked now"),
        (0, "too many wrong PINs lock a token"),
    ],
)
def test_how_many_tries_are_left(flag, hint):
    class Slot:
        def get_token(self):
            return type("Now", (), {"flags": TokenFlag(flag)})

    assert hint in pkcs11_login._tries(type("Before", (), {"slot": Slot()}))


def test_a_device_with_keys_of_its_own_asks_for_the_pin_itself(opened, between):
    offered = between(flags=TokenFlag.PROTECTED_AUTHENTICATION_PATH, failure=told.FunctionCancelled())
    with pytest.raises(SignerRefused, match="function cancelled"):
        opened(never).sign(MESSAGE)
    assert [isinstance(item, str) for item in offered] == [False]


def test_a_lost_session_is_named_and_the_next_signature_opens_another(opened):
    pins = Asked(PIN, PIN)
    signer = opened(pins)
    assert signer.sign(MESSAGE)
    signer.key._opened.login.session.close()
    with pytest.raises(KeyUnavailable, match="forgot the session"):
        signer.sign(MESSAGE)
    assert signer.sign(MESSAGE)
    assert len(pins.words) == 2


def test_a_lost_session_is_noticed_by_whoever_comes_next(opened):
    pins = Asked(PIN)
    first, second = opened(Asked(PIN, PIN)), opened(pins)
    assert first.sign(MESSAGE)
    first.key._opened.login.session.close()
    assert second.sign(MESSAGE)
    assert len(pins.words) == 1
    with pytest.raises(KeyUnavailable, match="forgot the session"):
        first.sign(MESSAGE)
    assert second.sign(MESSAGE)
    assert first.sign(MESSAGE)


def test_a_lost_session_does_not_log_out_the_one_that_took_its_place(opened):
    first, second = opened(Asked(PIN, PIN)), opened(Asked(PIN))
    assert first.sign(MESSAGE)
    assert second.sign(MESSAGE)
    first.key._opened.login.session.close()
    with pytest.raises(KeyUnavailable):
        first.sign(MESSAGE)
    assert first.sign(MESSAGE)
    second.close()
    assert first.sign(MESSAGE)


def test_leaving_a_login_that_was_given_up_does_not_end_the_one_after_it(opened):
    first, second, third = opened(Asked(PIN)), opened(never), opened(Asked(PIN))
    assert first.sign(MESSAGE)
    assert second.sign(MESSAGE)
    given_up = first.key._opened.login
    first.key._leave(lost=True)
    assert third.sign(MESSAGE)
    second.close()
    assert third.sign(MESSAGE)
    # Logs out, so that the tests that follow meet a token that asks.
    given_up.session.close()


DELETE = """
import sys, pkcs11
module, label, pin = sys.argv[1:]
with pkcs11.lib(module).get_token(token_label=label).open(rw=True, user_pin=pin) as session:
    for item in list(session.get_objects({pkcs11.Attribute.LABEL: "doomed"})):
        item.destroy()
"""


def test_a_key_that_was_deleted_is_named(token, opened):
    token.put("doomed", number="52")
    signer = opened(Asked(PIN), token.uri("doomed"))
    assert signer.sign(MESSAGE)
    done = token.run(DELETE, token.module, softhsm.LABEL, PIN)
    assert done.returncode == 0, done.stderr
    with pytest.raises(KeyUnavailable, match=r"no longer on the token|no such private key"):
        signer.sign(MESSAGE)


SIGN = """
import os, shutil, sys
from provenance.errors import ProvenanceError
from provenance.keys.open import open_key
uri, chain, pin, then = sys.argv[1:]
signer = open_key(uri, open(chain).read(), name="x", secret=lambda wanted: pin)
def attempt():
    try:
        print("signed", len(signer.sign(b"data")) > 60)
    except ProvenanceError as error:
        print(type(error).__name__, error)
attempt()
if then == "removed":
    shutil.rmtree(os.path.join(os.path.dirname(os.environ["SOFTHSM2_CONF"]), "tokens"))
    attempt()
if then == "forked":
    sys.stdout.flush()
    child = os.fork()
    if child:
        os.waitpid(child, 0)
    attempt()
    signer.close()
    sys.stdout.flush()
    os._exit(0)
"""


def sign_apart(token, tmp_path, then=""):
    (tmp_path / "chain.pem").write_text(make_chain()[1])
    done = token.run(SIGN, token.uri("desk"), tmp_path / "chain.pem", PIN, then)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_a_mechanism_that_the_token_does_not_have(token, tmp_path):
    (line,) = sign_apart(token.another(tmp_path, options="slots.mechanisms = CKM_RSA_PKCS,CKM_SHA256"), tmp_path)
    assert line.startswith("SignerRefused pkcs11:token=Example%20News;object=desk: the token does not know this way")


def test_a_token_that_is_taken_away(token, tmp_path):
    before, after = sign_apart(token.another(tmp_path), tmp_path, "removed")
    assert before == "signed True"
    assert after.startswith("KeyUnavailable")


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="nothing is forked here")
def test_a_key_does_not_go_through_a_fork(token, tmp_path):
    lines = sign_apart(token.another(tmp_path), tmp_path, "forked")
    assert lines.count("signed True") == 2
    assert sum("opened before a fork cannot be used after it" in line for line in lines) == 1


def test_a_module_whose_configuration_is_broken(token, tmp_path):
    broken = token.another(tmp_path)
    shutil.rmtree(tmp_path / "tokens")
    (line,) = sign_apart(broken, tmp_path)
    assert f"the PKCS#11 module {token.module} cannot be used" in line
