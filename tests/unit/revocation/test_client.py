"""The client against a real responder on this machine: whatever it answers, or does instead, has a name."""

from __future__ import annotations

import time
from base64 import b64encode
from datetime import timedelta
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.x509 import ocsp

from provenance.model.facets import Revocation
from tests.support.certificates import OCSP_SIGNING, key
from tests.support.ocsp import DAY, HOUR, REVOKED, UNKNOWN, Responder, Says, der, issue, now
from tests.unit.revocation.conftest import ask, client


def test_asks_by_get_and_says_whom(pki, responder, leaf):
    found = ask(pki, leaf)

    assert (found.state, found.source) == (Revocation.GOOD, responder.url)
    assert found.response[:1] == b"\x30"
    [(method, path, question)] = responder.seen
    assert method == "GET"
    assert path == "/ocsp/" + quote(b64encode(question), safe="")
    assert ocsp.load_der_ocsp_request(question).serial_number == leaf.serial_number


ANSWERS = {
    "revoked": (Says(status=REVOKED, reason=x509.ReasonFlags.key_compromise), "revoked", "(keyCompromise)"),
    "unknown": (Says(status=UNKNOWN), "unknown", "does not know the certificate"),
    "expired": (Says(next_update=-timedelta(minutes=1)), "not checked", "the answer expired on"),
    "of tomorrow": (Says(this_update=DAY, next_update=2 * DAY), "not checked", "which is still to come"),
    "about another": (Says(serial=4711), "not checked", "the answer is about another certificate"),
    "without an end": (Says(next_update=None), "good", "taken to for 24 hours"),
}


@pytest.mark.parametrize(("says", "state", "reason"), ANSWERS.values(), ids=ANSWERS)
def test_takes_an_answer_for_what_it_proves(pki, responder, leaf, says, state, reason):
    responder.says = says

    found = ask(pki, leaf)

    assert (found.state.value, found.source) == (state, responder.url)
    assert reason in found.reason


@pytest.mark.parametrize(
    ("options", "state"),
    [({}, "good"), ({"purposes": ()}, "not checked"), ({"by": None}, "not checked")],
    ids=["delegate", "delegate without its purpose", "stranger"],
)
def test_believes_delegates_only(pki, responder, leaf, options, state):
    responder.says = Says(delegate=pki.delegate(**options))

    assert ask(pki, leaf).state.value == state


BEHAVIOURS = {
    "malformed": "not an OCSP answer",
    "html": "not an OCSP answer",
    "empty": "not an OCSP answer",
    "huge": "larger than 65536 bytes",
    "cut": "the connection failed",
    "moved": "an address that is not public (redirected to http://10.0.0.1/ocsp)",
    "404": "the responder's server answers 404",
    "UNAUTHORIZED": "no answer about this certificate (unauthorized)",
    "MALFORMED_REQUEST": "does not understand the question",
}


@pytest.mark.parametrize(("does", "reason"), BEHAVIOURS.items(), ids=BEHAVIOURS)
def test_a_responder_that_misbehaves_is_asked_by_post_too_and_then_named(pki, responder, leaf, does, reason):
    responder.does = {"GET": does, "POST": does}

    found = ask(pki, leaf)

    assert (found.state, found.source, found.response) == (Revocation.NOT_CHECKED, responder.url, b"")
    assert reason in found.reason
    assert [method for method, *_ in responder.seen] == ["GET", "POST"]


@pytest.mark.parametrize("does", ["405", "500", *BEHAVIOURS])
def test_what_get_does_not_give_post_may(pki, responder, leaf, does):
    responder.does = {"GET": does}

    assert ask(pki, leaf).state is Revocation.GOOD
    assert [method for method, *_ in responder.seen] == ["GET", "POST"]
    assert responder.seen[0][2] == responder.seen[1][2]


def test_both_reasons_are_given_when_they_differ(pki, responder, leaf):
    responder.does = {"GET": "html", "POST": "405"}

    reason = ask(pki, leaf).reason

    assert reason == ("the responder's server answers 405 (asked by GET: what was answered is not an OCSP answer)")


def test_an_old_answer_from_a_cache_is_asked_for_again_by_post(pki, responder, leaf):
    responder.says = Says(next_update=HOUR)
    late = now() + 2 * HOUR

    found = ask(pki, leaf, clock=lambda: late)

    assert found.state is Revocation.NOT_CHECKED
    assert [method for method, *_ in responder.seen] == ["GET", "POST"]


@pytest.mark.parametrize("does", ["TRY_LATER", "INTERNAL_ERROR", "429", "500", "502", "503", "504"])
def test_a_busy_responder_is_asked_again(pki, responder, leaf, does):
    responder.does = [does, does, "answer"]
    waits = []

    found = ask(pki, leaf, sleep=waits.append)

    assert found.state is Revocation.GOOD
    assert [method for method, *_ in responder.seen] == ["GET", "POST", "GET"]
    assert waits == [0.2]


def test_the_wait_that_a_server_asks_for_is_kept(pki, responder, leaf):
    responder.does, responder.headers = ["503", "503", "answer"], {"Retry-After": "3"}
    waits = []

    assert ask(pki, leaf, sleep=waits.append).state is Revocation.GOOD
    assert waits == [3.0]


def test_a_date_to_wait_for_is_not_understood_and_no_reason_to_fail(pki, responder, leaf):
    responder.does, responder.headers = ["503", "503", "answer"], {"Retry-After": "Fri, 31 Dec 2027 23:59:59 GMT"}
    waits = []

    assert ask(pki, leaf, sleep=waits.append).state is Revocation.GOOD
    assert waits == [0.2]


@pytest.mark.parametrize("attempts", [1, 2, 3])
def test_a_responder_that_stays_busy_is_given_up(pki, responder, leaf, attempts):
    responder.does = "TRY_LATER"
    waits = []

    found = ask(pki, leaf, attempts=attempts, sleep=waits.append)

    assert (found.state, found.reason) == (Revocation.NOT_CHECKED, "the responder asks to try again later")
    assert len(waits) == attempts - 1
    assert len(responder.seen) == 2 * attempts


def test_a_slow_responder_is_given_up_at_the_deadline(pki, responder, leaf):
    responder.does = "slow"
    started = time.monotonic()

    found = ask(pki, leaf, rules={"deadline": 0.3})

    assert found.state is Revocation.NOT_CHECKED
    assert found.reason == "the responder cannot be asked: it took longer than 0.3 s"
    assert time.monotonic() - started < 3


def test_a_dead_responder_is_named(pki):
    with Responder(pki.middle, pki.middle_key) as running:
        url = running.url

    found = ask(pki, pki.leaf(url=url))

    assert (found.state, found.source) == (Revocation.NOT_CHECKED, url)
    assert found.reason.startswith("the responder cannot be asked: the connection failed")


@pytest.mark.parametrize("pair", [(b"", b""), (b"\x30\x03no!", None), (None, b"\x30\x03no!")])
def test_certificates_that_cannot_be_read_are_no_reason_to_fail(pki, responder, leaf, pair):
    whole = der(leaf, pki.middle)

    found = client().ask(*(whole[place] if given is None else given for place, given in enumerate(pair)))

    assert found.state is Revocation.NOT_CHECKED
    assert "cannot be read" in found.reason


NONCES = {
    "the same": (b"0123456789abcdef", "good"),
    "none": (None, "good"),
    "another": (b"fedcba9876543210", "not checked"),
}


@pytest.mark.parametrize(("nonce", "state"), NONCES.values(), ids=NONCES)
def test_the_nonce_of_another_question_spoils_the_answer(pki, responder, leaf, nonce, state):
    responder.says = Says(extensions=((x509.OCSPNonce(nonce), False),) if nonce else ())

    found = ask(pki, leaf, nonce=lambda: b"0123456789abcdef")

    asked = ocsp.load_der_ocsp_request(responder.seen[0][2])
    assert asked.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"0123456789abcdef"
    assert found.state.value == state
    assert state == "good" or found.reason == "the answer belongs to another question (nonce)"


def test_revoked_stays_revoked_whatever_the_nonce(pki, responder, leaf):
    responder.says = Says(status=REVOKED, extensions=((x509.OCSPNonce(b"fedcba9876543210"), False),))

    assert ask(pki, leaf, nonce=lambda: b"0123456789abcdef").state is Revocation.REVOKED


def test_no_nonce_is_sent_unasked_and_one_that_comes_is_no_fault(pki, responder, leaf):
    responder.says = Says(extensions=((x509.OCSPNonce(b"fedcba9876543210"), False),))

    assert ask(pki, leaf).state is Revocation.GOOD
    assert list(ocsp.load_der_ocsp_request(responder.seen[0][2]).extensions) == []


def test_a_forged_answer_by_whoever_sits_in_between_proves_nothing(pki, responder, leaf):
    thief = key("es256", "thief")
    impostor = issue("Example intermediate", thief, purposes=(OCSP_SIGNING,))
    responder.says = Says(delegate=(impostor, thief), by_name=True)

    assert ask(pki, leaf).state is Revocation.NOT_CHECKED
