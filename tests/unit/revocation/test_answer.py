"""Answers are believed when all of them holds, and each fault is named. Answers and certificates are real ones."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ReasonFlags, ocsp

from provenance.model.facets import Revocation
from provenance.revocation.answer import STAPLED, is_about, is_temporary, nonce_of, read_answer
from tests.support.certificates import key
from tests.support.ocsp import DAY, GOOD, HOUR, REVOKED, UNKNOWN, Pki, Says, answer, der, issue, now, refusal

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def leaf(pki):
    return pki.leaf()


def read(pki, leaf, response, *, at=timedelta(0), signed=None, issuer=None):
    certificate, middle = der(leaf, issuer or pki.middle)
    return read_answer(
        response, certificate=certificate, issuer=middle, at=now() + at, source=STAPLED,
        signed_at=None if signed is None else now() + signed,
    )  # fmt: skip


def said(pki, leaf, *, at=timedelta(0), signed=None, **says):
    return read(pki, leaf, answer(leaf, pki.middle, pki.middle_key, Says(**says)), at=at, signed=signed)


def test_a_good_answer_brings_its_dates_and_its_bytes(pki, leaf):
    response = answer(leaf, pki.middle, pki.middle_key)

    found = read(pki, leaf, response)

    assert found.state is Revocation.GOOD
    assert found.reason == f"the certificate is not revoked, as of {found.this_update:%Y-%m-%d %H:%M} UTC"
    assert found.next_update - found.this_update == DAY + HOUR
    assert abs(found.produced_at - now()) < MINUTE
    assert (found.revoked_at, found.revocation_reason) == (None, None)
    assert (found.response, found.source) == (response, "stapled")


@pytest.mark.parametrize("by_name", [True, False], ids=["by name", "by key"])
@pytest.mark.parametrize("digest", [hashes.SHA256, hashes.SHA384, hashes.SHA512])
@pytest.mark.parametrize("names", [hashes.SHA1, hashes.SHA256])
def test_any_of_the_usual_forms_is_understood(pki, leaf, names, digest, by_name):
    assert said(pki, leaf, names=names, digest=digest, by_name=by_name).state is Revocation.GOOD


@pytest.mark.parametrize("kind", ["es384", "es512", "ps256", "ed25519"])
def test_any_kind_of_authority_is_understood(kind):
    other = Pki(kind)
    leaf = other.leaf()

    thief = issue("Example intermediate", key(kind, "thief"), is_ca=True)
    forged = said(other, leaf, by_name=True, delegate=(thief, key(kind, "thief")), with_delegate=False)

    assert said(other, leaf).state is Revocation.GOOD
    assert (forged.state, forged.reason) == (Revocation.NOT_CHECKED, "the signature on the answer does not hold")


@pytest.mark.parametrize("reason", [None, *(flag for flag in ReasonFlags if flag is not ReasonFlags.remove_from_crl)])
def test_a_revoked_certificate_comes_with_when_and_why(pki, leaf, reason):
    found = said(pki, leaf, status=REVOKED, reason=reason)

    name = reason.value if reason else None
    assert (found.state, found.revocation_reason) == (Revocation.REVOKED, name)
    assert abs(now() - 10 * DAY - found.revoked_at) < MINUTE
    assert f"revoked on {found.revoked_at:%Y-%m-%d %H:%M} UTC ({name or 'no reason is given'})" in found.reason
    assert not found.holds_at(found.revoked_at)


def test_taken_off_the_list_again_is_not_revoked(pki, leaf):
    found = said(pki, leaf, status=REVOKED, reason=ReasonFlags.remove_from_crl)

    assert (found.state, found.revocation_reason) == (Revocation.GOOD, "removeFromCRL")
    assert "no longer revoked (removeFromCRL)" in found.reason


@pytest.mark.parametrize(
    "times",
    [
        {"next_update": -MINUTE},
        {"at": 400 * DAY},
        {"this_update": HOUR},
        {"at": -HOUR},
        {"signed": 30 * DAY},
    ],
    ids=["expired", "long expired", "for later", "seen before", "signed later"],
)
def test_revoked_stays_revoked_whatever_the_age_of_the_answer(pki, leaf, times):
    assert said(pki, leaf, status=REVOKED, **times).state is Revocation.REVOKED


def test_a_certificate_that_the_authority_does_not_know_is_unknown(pki, leaf):
    found = said(pki, leaf, status=UNKNOWN)

    assert (found.state, found.reason) == (Revocation.UNKNOWN, "the authority does not know the certificate")


UNTIMELY = {
    "expired": ({"next_update": -MINUTE}, "the answer expired on"),
    "expired since": ({"at": DAY + MINUTE}, "the answer expired on"),
    "not yet": ({"this_update": 6 * MINUTE, "at": timedelta(0)}, "which is still to come"),
    "made later": ({"this_update": -2 * HOUR, "at": -6 * MINUTE}, "which is still to come"),
    "ahead of itself": ({"this_update": HOUR, "at": 2 * HOUR}, "speaks for a time after it was made"),
    "no end, a day later": ({"next_update": None, "at": DAY + MINUTE}, "the answer expired on"),
    "before the signature": ({"at": 3 * DAY, "signed": 2 * DAY}, "the signature was made after that"),
    "no end, before the signature": (
        {"next_update": None, "at": 3 * DAY, "signed": DAY + MINUTE},
        "the signature was made after that",
    ),
}


@pytest.mark.parametrize("status", [GOOD, UNKNOWN], ids=["good", "unknown"])
@pytest.mark.parametrize(("times", "reason"), UNTIMELY.values(), ids=UNTIMELY)
def test_an_answer_for_another_time_counts_for_nothing(pki, leaf, status, times, reason):
    found = said(pki, leaf, status=status, **times)

    assert found.state is Revocation.NOT_CHECKED
    assert reason in found.reason
    assert found.this_update is not None


TIMELY = {
    "clocks that differ": {"this_update": 4 * MINUTE},
    "clocks that differ the other way": {"at": -4 * MINUTE, "this_update": timedelta(0)},
    "to the last": {"at": DAY - MINUTE},
    "no end, within a day": {"next_update": None, "at": DAY - MINUTE},
    "signed while it counted": {"at": 30 * DAY, "signed": HOUR},
    "signed before it was made": {"at": 30 * DAY, "signed": -30 * DAY},
}


@pytest.mark.parametrize("times", TIMELY.values(), ids=TIMELY)
def test_an_answer_for_the_time_that_matters_counts(pki, leaf, times):
    assert said(pki, leaf, **times).state is Revocation.GOOD


def test_an_answer_without_an_end_says_so(pki, leaf):
    assert "does not say until when it counts, and is taken to for 24 hours" in said(pki, leaf, next_update=None).reason


@pytest.mark.parametrize("says", [{"serial": 4711}, {"serial": 1}])
def test_an_answer_about_another_number_proves_nothing(pki, leaf, says):
    found = said(pki, leaf, **says)

    assert (found.state, found.reason) == (Revocation.NOT_CHECKED, "the answer is about another certificate")
    assert (found.response, found.this_update) == (b"", None)


@pytest.mark.parametrize("names", [hashes.SHA1, hashes.SHA256])
def test_an_answer_about_the_same_number_of_another_issuer_proves_nothing(pki, leaf, names):
    asked = ocsp.OCSPRequestBuilder().add_certificate(leaf, pki.root, names()).build()
    response = answer(leaf, pki.root, pki.middle_key, Says(names=names, delegate=(pki.middle, pki.middle_key)))

    found = read(pki, leaf, response)

    assert asked.serial_number == leaf.serial_number
    assert (found.state, found.reason) == (Revocation.NOT_CHECKED, "the answer is about another certificate")


def test_an_issuer_who_did_not_issue_the_certificate_proves_nothing(pki, leaf):
    stranger = Pki("es384")
    response = answer(leaf, stranger.middle, stranger.middle_key)

    found = read(pki, leaf, response, issuer=stranger.middle)

    assert found.state is Revocation.NOT_CHECKED
    assert found.reason == "the certificate was not issued by the issuer at hand"


REFUSED = {
    "MALFORMED_REQUEST": ("does not understand", False),
    "INTERNAL_ERROR": ("internal error", True),
    "TRY_LATER": ("try again later", True),
    "SIG_REQUIRED": ("signed questions only", False),
    "UNAUTHORIZED": ("unauthorized", False),
}


@pytest.mark.parametrize(("status", "reason", "again"), [(name, *rest) for name, rest in REFUSED.items()])
def test_a_responder_that_refuses_is_named_with_its_reason(pki, leaf, status, reason, again):
    response = refusal(ocsp.OCSPResponseStatus[status])

    found = read(pki, leaf, response)

    assert found.state is Revocation.NOT_CHECKED
    assert reason in found.reason
    assert is_temporary(response) is again


@pytest.mark.parametrize(
    "response",
    [b"", b"\x30", b"<!doctype html>", b"\x30\x03\x0a\x01\x00", b"\x30\x80" + b"\0" * 100, b"\x30\x03\x0a\x01\x63"],
    ids=["empty", "cut", "page", "no content", "endless", "unheard-of status"],
)
def test_what_is_no_answer_is_called_so(pki, leaf, response):
    found = read(pki, leaf, response)

    assert found.state is Revocation.NOT_CHECKED
    assert found.reason == "what was answered is not an OCSP answer"
    assert not is_temporary(response)
    assert nonce_of(response) is None
    assert not is_about(response, certificate=der(leaf)[0], issuer=der(pki.middle)[0])


@pytest.mark.parametrize(("certificate", "issuer"), [(b"", None), (None, b""), (b"x", b"x")])
def test_certificates_that_cannot_be_read_are_no_reason_to_fail(pki, leaf, certificate, issuer):
    own, middle = der(leaf, pki.middle)
    response = answer(leaf, pki.middle, pki.middle_key)
    pair = {"certificate": own if certificate is None else certificate, "issuer": middle if issuer is None else issuer}

    found = read_answer(response, at=now(), source=STAPLED, **pair)

    assert (found.state, "cannot be read" in found.reason) == (Revocation.NOT_CHECKED, True)
    assert not is_about(response, **pair)


@pytest.mark.parametrize(
    ("extension", "critical", "state"),
    [
        (x509.OCSPNonce(b"0123456789abcdef"), False, Revocation.GOOD),
        (x509.OCSPNonce(b"0123456789abcdef"), True, Revocation.GOOD),
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\5\0"), False, Revocation.GOOD),
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\5\0"), True, None),
    ],
)
def test_a_critical_extension_that_is_not_understood_spoils_the_answer(pki, leaf, extension, critical, state):
    found = said(pki, leaf, extensions=((extension, critical),))

    assert found.state is (state or Revocation.NOT_CHECKED)
    assert state or found.reason == "the answer has a critical extension that is not understood"


def test_the_nonce_of_an_answer_can_be_read(pki, leaf):
    says = Says(extensions=((x509.OCSPNonce(b"0123456789abcdef"), False),))

    assert nonce_of(answer(leaf, pki.middle, pki.middle_key, says)) == b"0123456789abcdef"
    assert nonce_of(answer(leaf, pki.middle, pki.middle_key)) is None
