"""Whether the signer's certificate was revoked: asked of a real responder, stapled, or said to be unchecked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from provenance import AuthorityError, Decision, SignerRefused, Workspace
from provenance.keys.files import FileSigner
from provenance.model.facets import Content, Revocation
from provenance.model.ports import Algorithm
from provenance.network import Client, Rules
from provenance.settings import TimestampSettings, TrustSettings
from provenance.workspace import asking
from tests.support import media, ocsp
from tests.support.ocsp import DAY, GOOD, REVOKED, UNKNOWN, Pki, Responder, Says
from tests.support.tsa import Authority


@pytest.fixture(scope="module")
def pki():
    return Pki()


@pytest.fixture
def responder(pki):
    with Responder(pki.middle, pki.middle_key) as running:
        yield running


@pytest.fixture
def signer(pki, responder):
    leaf = pki.leaf(url=responder.url)
    chain = "".join(item.public_bytes(Encoding.PEM).decode() for item in (leaf, pki.middle))
    return FileSigner(name="desk", algorithm=Algorithm.ES256, chain_pem=chain, private_key=ocsp.key("es256", "leaf"))


@pytest.fixture
def space(workspace, pki, tmp_path_factory, monkeypatch):
    """A workspace that trusts this authority, and may reach this machine when it asks."""
    roots = tmp_path_factory.mktemp("lists") / "roots.pem"
    roots.write_bytes(pki.root.public_bytes(Encoding.PEM))
    rules = Rules(http=True, unsafe_allow=("127.0.0.0/8",), deadline=1)
    monkeypatch.setattr(asking, "responders", lambda: Client(rules))
    return Workspace(replace(workspace.settings, trust=TrustSettings(signers=(str(roots),))))


ANSWERS = {
    "good": (Says(status=GOOD), "answer", Revocation.GOOD, Decision.ACCEPTED),
    "revoked": (Says(status=REVOKED), "answer", Revocation.REVOKED, Decision.REJECTED),
    "revoked, long superseded": (
        Says(status=REVOKED, reason=x509.ReasonFlags.superseded),
        "answer",
        Revocation.REVOKED,
        Decision.REJECTED,
    ),
    "unknown": (Says(status=UNKNOWN), "answer", Revocation.UNKNOWN, Decision.REVIEW),
    "expired answer": (
        Says(status=GOOD, this_update=-9 * DAY, next_update=-2 * DAY),
        "answer",
        Revocation.NOT_CHECKED,
        Decision.ACCEPTED,
    ),
    "about another": (Says(status=GOOD, serial=42), "answer", Revocation.NOT_CHECKED, Decision.ACCEPTED),
    "late": (Says(), "slow", Revocation.NOT_CHECKED, Decision.ACCEPTED),
    "garbage": (Says(), "HTML", Revocation.NOT_CHECKED, Decision.ACCEPTED),
}


@pytest.mark.parametrize("case", ANSWERS.values(), ids=ANSWERS)
def test_a_responder_is_asked_online(space, signer, responder, case):
    says, does, state, decision = case
    data = space.sign(media.jpeg(), signer=signer).data
    responder.says, responder.does = says, does

    verdict = space.verify(data, online=True)

    assert verdict.facets.revocation.state is state, verdict.facets.revocation
    assert verdict.decision is decision
    assert verdict.facets.content.state is Content.INTACT


def test_nobody_is_asked_unless_that_is_wished(space, signer, responder):
    data = space.sign(media.jpeg(), signer=signer).data

    facet = space.verify(data).facets.revocation

    assert facet.state is Revocation.NOT_CHECKED
    assert "--online" in facet.reason
    assert responder.seen == []


def test_addresses_that_are_not_public_are_refused_by_default(workspace, space, signer, responder, monkeypatch):
    data = space.sign(media.jpeg(), signer=signer).data
    monkeypatch.undo()

    facet = Workspace(space.settings).verify(data, online=True).facets.revocation

    assert facet.state is Revocation.NOT_CHECKED
    assert "not public" in facet.reason
    assert responder.seen == []


def test_what_was_superseded_after_a_trusted_time_was_good_then(space, signer, responder, tmp_path):
    with Authority() as tsa:
        times = tmp_path / "times.pem"
        times.write_text(tsa.root_pem)
        trust = replace(space.settings.trust, timestamps=(str(times),))
        stamped = Workspace(
            replace(space.settings, trust=trust, timestamps=TimestampSettings(urls=(tsa.url,), deadline=2))
        )
        data = stamped.sign(media.jpeg(), signer=signer).data
        for reason, state in (
            (x509.ReasonFlags.superseded, Revocation.GOOD),
            (x509.ReasonFlags.key_compromise, Revocation.REVOKED),
            (None, Revocation.REVOKED),
        ):
            responder.says = Says(status=REVOKED, revoked=DAY / 24, reason=reason)
            assert stamped.verify(data, online=True).facets.revocation.state is state, reason


def test_a_refreshed_file_carries_the_answer(space, signer, responder, pki, photo):
    delegate = pki.delegate()
    responder.says = Says(status=GOOD, delegate=delegate)
    signed = space.sign(photo, signer=signer)

    refreshed = space.refresh(signed.path, signer=signer)

    assert refreshed.path.name == "photo.signed.refreshed.jpg"
    assert "c2pa.certificate-status" in [item.label for item in refreshed.store.active_manifest.assertions]
    verdict = space.verify(refreshed.path)
    assert verdict.facets.revocation.state is Revocation.GOOD
    assert verdict.facets.content.state is Content.INTACT
    assert verdict.decision is Decision.ACCEPTED


@pytest.mark.parametrize("does", ["slow", "HTML", "404"])
def test_nothing_is_written_where_no_answer_can_be_kept(space, signer, responder, photo, does):
    signed = space.sign(photo, signer=signer)
    responder.does = does

    with pytest.raises(AuthorityError):
        space.refresh(signed.path, signer=signer)

    assert sorted(item.name for item in photo.parent.iterdir()) == ["photo.jpg", "photo.signed.jpg"]


def test_a_file_whose_certificate_is_revoked_is_not_refreshed_into_a_good_one(space, signer, responder, pki, photo):
    signed = space.sign(photo, signer=signer)
    responder.says = Says(status=REVOKED, delegate=pki.delegate())

    with pytest.raises(SignerRefused, match="revoked"):
        space.refresh(signed.path, signer=signer)


def test_real_stapled_answers_are_read(vectors):
    """Adobe's own answer of 2025, made by a delegate of its authority and long out of date."""
    facet = Workspace().verify(vectors / "rs__ocsp.jpg").facets.revocation

    assert facet.state in {Revocation.GOOD, Revocation.NOT_CHECKED}
    assert facet.reason
