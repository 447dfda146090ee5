"""Private keys on a real token: what signs, what is refused and why, and how often a PIN is offered."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress

import pytest

from provenance.errors import KeyUnavailable, SignerRefused, UnsuitableCertificate
from provenance.keys import parse_chain
from provenance.keys.open import open_bare, open_key, public_key
from provenance.model.ports import Algorithm, Signer
from tests.support import softhsm
from tests.support.certificates import key as make_key
from tests.support.certificates import make_chain
from tests.support.softhsm import PIN
from tests.unit.keys.key_lab import MESSAGE, Asked, never, verify, write_private


@pytest.fixture(scope="module")
def token():
    """A token with a key for each algorithm, labelled like it, and some that are odd."""
    made = softhsm.token()
    for number, algorithm in enumerate(Algorithm, start=1):
        # Some builds of SoftHSM2 know no Ed25519.
        with suppress(AssertionError) if algorithm is Algorithm.ED25519 else nullcontext():
            made.put(algorithm.value, number=f"{number:02}", algorithm=algorithm)
    made.put("twins", number="21")
    made.put("twins", number="22")
    made.put("k1", number="31", key=make_key("secp256k1"))
    made.put("another", number="41", key=make_key("es256", "another"))
    for kind in ("always", "unsigning", "private only"):
        made.create(kind, kind)
    made.create("private another", "private only", key=make_key("es256", "another"))
    made.create("private p384", "private only", key=make_key("es384"))
    return made


def right(wanted):
    return PIN


@pytest.fixture
def opened(token):
    """Open a key by its URI, and leave the token at the end of the test."""
    softhsm.log_out()
    signers = []

    def work(uri, *, algorithm=Algorithm.ES256, secret=right):
        signers.append(open_key(uri, make_chain(algorithm=algorithm)[1], name="Example News", secret=secret))
        return signers[-1]

    yield work
    for signer in signers:
        signer.close()


@pytest.fixture(params=list(Algorithm))
def algorithm(request, token):
    if (request.param.value, f"{list(Algorithm).index(request.param) + 1:02}") not in token.present:
        pytest.skip(f"this SoftHSM2 knows no {request.param}")
    return request.param


def test_a_signature_verifies_with_the_certificate(token, opened, algorithm):
    signer: Signer = opened(token.uri(algorithm.value), algorithm=algorithm)
    assert (signer.name, signer.algorithm) == ("Example News", algorithm)
    verify(parse_chain(signer.chain_pem)[0].public_key(), algorithm, signer.sign(MESSAGE))


def test_a_token_tells_its_public_key_and_signs_without_a_certificate(token, algorithm):
    own = public_key(token.uri(algorithm.value), secret=right)
    assert own == make_key(algorithm.value).public_key()
    signer = open_bare(token.uri(algorithm.value), name="x", secret=right)
    assert (signer.algorithm, signer.chain_pem) == (algorithm, "")
    verify(own, algorithm, signer.sign(MESSAGE))
    signer.close()


@pytest.mark.parametrize(
    "more", [{"id": "\x01"}, {"id": "\x01", "type": "private"}, {"object": None, "id": "\x01"}], ids=str
)
def test_a_key_is_found_by_label_and_number(token, opened, more):
    label = more.pop("object", "es256")
    assert opened(token.uri(label, **more)).sign(MESSAGE)


def test_a_token_is_found_by_every_attribute_that_tools_print(token, opened):
    uri = (
        f"pkcs11:model=SoftHSM%20v2;manufacturer=SoftHSM%20project;token=Example%20News;id=%01;object=es256;"
        f"library-manufacturer=SoftHSM;type=private?module-path={token.module}"
    )
    assert opened(uri).sign(MESSAGE)


def test_the_module_may_be_named_by_the_environment_or_found_where_systems_put_it(token, opened, monkeypatch):
    bare = token.uri("es256").partition("?")[0]
    assert opened(bare).sign(MESSAGE)
    monkeypatch.setenv("PROVENANCE_PKCS11_MODULE", token.module)
    assert opened(bare).sign(MESSAGE)


def test_nothing_is_asked_before_something_is_to_be_signed(token, opened):
    signer = opened(token.uri("es256"), secret=never)
    with pytest.raises(AssertionError, match="the PIN of token Example News was asked for"):
        signer.sign(MESSAGE)


def test_one_login_serves_all_keys_of_a_token_until_the_last_leaves(token, opened):
    pins = Asked(PIN, PIN)
    first, second = (
        opened(token.uri(item.value), algorithm=item, secret=pins) for item in (Algorithm.ES256, Algorithm.PS256)
    )
    assert first.sign(MESSAGE)
    assert second.sign(MESSAGE)
    first.close()
    assert second.sign(MESSAGE)
    assert pins.words == ["the PIN of token Example News"]
    second.close()
    assert first.sign(MESSAGE)
    assert len(pins.words) == 2


def test_several_threads_sign_with_one_token(token, opened):
    signers = [opened(token.uri("es256"), secret=right) for _ in range(2)]
    messages = [str(number).encode() for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda item: signers[item[0] % 2].sign(item[1]), enumerate(messages)))
    for message, signature in zip(messages, found, strict=True):
        verify(make_key("es256").public_key(), Algorithm.ES256, signature, message)


def test_a_key_that_wants_the_pin_with_each_signature_gets_it(token, opened):
    pins = Asked(PIN)
    signer = opened(token.uri("always"), secret=pins)
    assert signer.sign(MESSAGE)
    assert signer.sign(MESSAGE)
    assert len(pins.words) == 1


def test_a_key_without_its_public_half_signs_and_is_confirmed_by_the_certificate(token, opened):
    assert opened(token.uri("private only")).sign(MESSAGE)
    with pytest.raises(KeyUnavailable, match="public key of this key is not told"):
        public_key(token.uri("private only"), secret=right)


def test_a_pin_from_a_file(token, opened, tmp_path):
    path = write_private(tmp_path / "pin", f"{PIN}\n".encode())
    signer = opened(token.uri("es256", query=f"&pin-source=file:{path}"), secret=never)
    assert signer.sign(MESSAGE)
    signer.close()
    path.chmod(0o644)
    with pytest.raises(KeyUnavailable, match="others on this machine may read"):
        opened(token.uri("es256", query=f"&pin-source={path}"), secret=never).sign(MESSAGE)


@pytest.mark.parametrize(
    ("label", "kind", "message", "hint"),
    [
        ("nothing", KeyUnavailable, "no such private key on the token Example News", "object=es256;id=%01"),
        ("twins", KeyUnavailable, "several private keys", "object=twins;id=%21, object=twins;id=%22"),
        (None, KeyUnavailable, "several private keys", "…"),
        ("k1", UnsuitableCertificate, "another curve", "P-256"),
        ("unsigning", KeyUnavailable, "not allowed to sign", "CKA_SIGN"),
        ("another", KeyUnavailable, "does not belong to the first certificate", "issued for this key"),
        ("es384", KeyUnavailable, "does not belong to the first certificate", "issued for this key"),
        ("private another", SignerRefused, "does not verify with the first certificate", "ECDSA with SHA-256"),
        ("private p384", SignerRefused, "does not verify with the first certificate", "another key signed"),
    ],
)
def test_keys_that_do_not_sign(token, opened, label, kind, message, hint):
    with pytest.raises(kind, match=message) as caught:
        opened(token.uri(label)).sign(MESSAGE)
    assert caught.value.path == token.uri(label).partition("?")[0]
    assert hint in caught.value.hint


def test_a_key_of_another_type_than_the_certificate_is_named_without_its_public_half(token, opened):
    with pytest.raises(KeyUnavailable, match="type EC does not belong to this certificate"):
        opened(token.uri("private only"), algorithm=Algorithm.PS256).sign(MESSAGE)


@pytest.mark.parametrize(
    ("label", "message", "hint"),
    [
        ("Nowhere", "the token is not there", "token=Example%20News;serial="),
        (softhsm.TWIN, "2 tokens fit", "token=Twin;serial="),
        (softhsm.EMPTY, "no such private key on the token Empty", "no other private key"),
    ],
)
def test_tokens_that_do_not_sign(token, opened, label, message, hint):
    with pytest.raises(KeyUnavailable, match=message) as caught:
        opened(token.uri("es256", token=label)).sign(MESSAGE)
    assert hint in caught.value.hint


@pytest.mark.parametrize("given", [None, ""], ids=["none", "empty"])
def test_no_pin_is_no_attempt(token, opened, given):
    with pytest.raises(KeyUnavailable, match="wants a PIN and none was given") as caught:
        opened(token.uri("es256"), secret=lambda wanted: given).sign(MESSAGE)
    assert "pin-source" in caught.value.hint


def test_a_key_on_a_token_does_not_travel(token, opened):
    signer = opened(token.uri("es256"))
    assert signer.sign(MESSAGE)
    with pytest.raises(TypeError):
        pickle.dumps(signer)


@pytest.mark.parametrize(
    ("content", "message"), [(None, "is not there"), (b"no library", "cannot be used: OS exception")], ids=repr
)
def test_a_module_that_is_none(token, opened, tmp_path, content, message):
    path = tmp_path / "module.so"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(KeyUnavailable, match=message) as caught:
        opened(f"pkcs11:object=desk?module-path={path}", secret=never).sign(MESSAGE)
    assert str(path) in caught.value.message


def test_no_module_at_all(token, opened, monkeypatch):
    monkeypatch.setattr("provenance.keys.pkcs11_token.MODULES", ("/nowhere/module.so",))
    with pytest.raises(KeyUnavailable, match="no PKCS#11 module was found") as caught:
        opened("pkcs11:object=desk", secret=never).sign(MESSAGE)
    assert "PROVENANCE_PKCS11_MODULE" in caught.value.hint
