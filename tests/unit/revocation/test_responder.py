"""Who may sign an answer: the issuer, or a delegate whom the issuer made for that and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes

from provenance.model.facets import Revocation
from provenance.revocation.answer import STAPLED, read_answer
from tests.support.certificates import ANY_PURPOSE, CLAIM_SIGNING, OCSP_SIGNING, TIME_STAMPING, key
from tests.support.ocsp import DAY, GOOD, HOUR, REVOKED, Pki, Says, answer, der, issue, now


@pytest.fixture(scope="module")
def leaf(pki):
    return pki.leaf()


def read(pki, leaf, response, *, at=timedelta(0), signed=None):
    certificate, middle = der(leaf, pki.middle)
    return read_answer(
        response, certificate=certificate, issuer=middle, at=now() + at, source=STAPLED,
        signed_at=None if signed is None else now() + signed,
    )  # fmt: skip


def said(pki, leaf, *, at=timedelta(0), signed=None, **says):
    return read(pki, leaf, answer(leaf, pki.middle, pki.middle_key, Says(**says)), at=at, signed=signed)


@pytest.mark.parametrize("by_name", [True, False], ids=["by name", "by key"])
def test_a_delegate_may_answer(pki, leaf, by_name):
    assert said(pki, leaf, delegate=pki.delegate(), by_name=by_name).state is Revocation.GOOD


FAULTS = {
    "without a purpose": ({"purposes": ()}, "is not made for signing answers"),
    "for claims": ({"purposes": (CLAIM_SIGNING,)}, "is not made for signing answers"),
    "for any purpose": ({"purposes": (ANY_PURPOSE,)}, "is not made for signing answers"),
    "for claims too": ({"purposes": (OCSP_SIGNING, CLAIM_SIGNING)}, "is made for other things too"),
    "for time-stamps too": ({"purposes": (OCSP_SIGNING, TIME_STAMPING)}, "is made for other things too"),
    "an authority": ({"is_ca": True}, "is that of an authority"),
    "for encryption": ({"usages": ("key_encipherment",)}, "does not allow signatures"),
    "expired": ({"ends": -HOUR}, "was not valid when it answered"),
    "not yet valid": ({"starts": HOUR}, "was not valid when it answered"),
}


@pytest.mark.parametrize(("options", "reason"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("status", [GOOD, REVOKED], ids=["good", "revoked"])
def test_not_every_certificate_of_the_issuer_may_answer(pki, leaf, options, reason, status):
    found = said(pki, leaf, delegate=pki.delegate(**options), status=status)

    assert found.state is Revocation.NOT_CHECKED
    assert found.reason.startswith("the responder's certificate ")
    assert reason in found.reason


def strangers(pki):
    thief = key("es256", "thief")
    return {
        "made by itself": (issue("Example responder", thief, purposes=(OCSP_SIGNING,)), thief),
        "made by the root": pki.delegate(by=(pki.root, pki.root_key)),
        "made by another": pki.delegate(by=(Pki("es384").middle, Pki("es384").middle_key)),
        "signed by nobody": pki.delegate(by=(pki.middle, thief)),
        "called like the issuer": (issue("Example intermediate", thief, purposes=(OCSP_SIGNING,)), thief),
    }


@pytest.mark.parametrize("which", ["made by itself", "made by the root", "made by another", "signed by nobody"])
def test_a_stranger_may_not_answer(pki, leaf, which):
    found = said(pki, leaf, delegate=strangers(pki)[which])

    assert found.state is Revocation.NOT_CHECKED
    assert "signed by a stranger" in found.reason


def test_a_stranger_may_not_answer_under_the_name_of_the_issuer(pki, leaf):
    found = said(pki, leaf, delegate=strangers(pki)["called like the issuer"], by_name=True)

    assert found.state is Revocation.NOT_CHECKED
    assert "stranger" in found.reason


def test_the_signer_may_not_vouch_for_himself(pki):
    leaf, own = pki.delegate()

    found = read(pki, leaf, answer(leaf, pki.middle, pki.middle_key, Says(delegate=(leaf, own))))

    assert found.state is Revocation.NOT_CHECKED
    assert found.reason == "the answer is signed with the very certificate that it is about"


def test_a_delegate_must_show_its_certificate(pki, leaf):
    found = said(pki, leaf, delegate=pki.delegate(), with_delegate=False)

    assert found.state is Revocation.NOT_CHECKED
    assert found.reason == "the answer is signed by somebody whose certificate is not with it"


def test_a_certificate_with_the_delegates_name_is_not_the_delegate(pki, leaf):
    honest, _ = pki.delegate()
    thief = key("es256", "thief")
    forged = answer(
        leaf, pki.middle, pki.middle_key,
        Says(delegate=(issue("Example responder", thief, purposes=(OCSP_SIGNING,)), thief), by_name=True),
    )  # fmt: skip
    stranger = issue("Example responder", thief, purposes=(OCSP_SIGNING,))

    assert honest.subject == stranger.subject
    assert read(pki, leaf, forged).state is Revocation.NOT_CHECKED


def test_a_delegate_who_has_expired_since_still_counts_for_a_trusted_time(pki, leaf):
    delegate = pki.delegate(ends=5 * DAY)

    later = said(pki, leaf, delegate=delegate, at=10 * DAY, next_update=20 * DAY)
    trusted = said(pki, leaf, delegate=delegate, at=10 * DAY, next_update=20 * DAY, signed=HOUR)
    revoked = said(pki, leaf, delegate=delegate, at=10 * DAY, next_update=20 * DAY, status=REVOKED)

    assert (later.state, trusted.state) == (Revocation.NOT_CHECKED, Revocation.GOOD)
    assert later.reason.startswith("the certificate of the answer's signer expired on")
    assert revoked.state is Revocation.REVOKED


def test_a_weak_digest_proves_nothing(pki, leaf):
    found = said(pki, leaf, digest=hashes.SHA224)

    assert found.state is Revocation.NOT_CHECKED
    assert found.reason == "the answer is signed with sha224, which is too weak"


@pytest.mark.parametrize("delegated", [False, True], ids=["issuer", "delegate"])
def test_no_changed_byte_makes_a_revoked_certificate_good_or_breaks_the_reader(pki, leaf, delegated):
    says = Says(status=REVOKED, delegate=pki.delegate() if delegated else None)
    response = answer(leaf, pki.middle, pki.middle_key, says)
    honest = read(pki, leaf, response)

    for place in range(len(response)):
        changed = bytearray(response)
        changed[place] ^= 0x01
        found = read(pki, leaf, bytes(changed))
        assert found.state in (Revocation.NOT_CHECKED, Revocation.REVOKED)
        assert found.state is Revocation.NOT_CHECKED or found.revoked_at == honest.revoked_at


def test_no_answer_that_is_cut_is_believed(pki, leaf):
    response = answer(leaf, pki.middle, pki.middle_key)

    found = {read(pki, leaf, response[:length]).state for length in range(len(response))}

    assert found == {Revocation.NOT_CHECKED}
