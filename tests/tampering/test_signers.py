"""Signatures that are sound as such, by signers or over a past that must not pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from provenance import verification
from provenance.errors import BrokenSource
from provenance.history import trace
from provenance.keys import FileSigner
from provenance.model.claim import Relationship
from provenance.model.facets import Ancestry, Content, Signer, Signing
from provenance.model.history import EditState
from provenance.model.ports import Algorithm
from provenance.model.trust import Purpose, Trust
from provenance.model.verdict import Decision
from provenance.storage import open_source
from tests.support import media
from tests.support.certificates import EMAIL_PROTECTION, SERVER_AUTH, Plan, make_chain
from tests.tampering import alterations as alter
from tests.tampering.conftest import PLAIN
from tests.tampering.signers import (
    SOUND,
    as_ingredient,
    naively_signed,
    signed_under,
    store_of,
    trust_in,
)
from tests.unit.stores import STANDARD

UNSOUND = {
    "expired": Plan(purposes=(EMAIL_PROTECTION,), starts=-90, ends=-10),
    "not_yet_valid": Plan(purposes=(EMAIL_PROTECTION,), starts=10),
    "wrong_eku": Plan(purposes=(SERVER_AUTH,)),
    "no_digital_signature": Plan(purposes=(EMAIL_PROTECTION,), usages=("key_encipherment",)),
}
CODES = {
    "expired": "signingCredential.expired",
    "not_yet_valid": "signingCredential.expired",
    "wrong_eku": "signingCredential.invalid",
    "no_digital_signature": "signingCredential.invalid",
}


def verify(data, trust):
    return verification.verify(verification.inspect(open_source(data), trust=trust, at=datetime.now(UTC)), STANDARD)


@pytest.fixture
def chain():
    """A sound signer outside this machine, and the root that vouches for it."""
    key, chain_pem, root = make_chain(at=datetime.now(UTC))
    return FileSigner(name="x", algorithm=Algorithm.ES256, chain_pem=chain_pem, private_key=key), root


def changed_after_signing(signed, seed=1):
    data = signed("jpeg", seed)
    return alter.flip(data, len(data) - 60)


def test_the_way_in_which_unsound_certificates_are_put_in_is_sound_itself():
    verdict = verify(*signed_under(SOUND, media.jpeg(1)))
    assert verdict.decision is Decision.ACCEPTED


@pytest.mark.parametrize("fault", UNSOUND)
def test_a_certificate_that_may_not_sign_is_rejected_even_under_a_trusted_root(fault):
    verdict = verify(*signed_under(UNSOUND[fault], media.jpeg(1)))
    facets = verdict.facets
    assert (facets.content.state, facets.signature.state) == (Content.INTACT, Signing.VALID)
    assert facets.signer.state is Signer.INVALID
    assert CODES[fault] in facets.signer.reason
    assert verdict.decision is Decision.REJECTED


def test_a_signer_whom_no_list_knows_is_reviewed_and_not_called_tampered(chain, desk):
    signer, root = chain
    data = naively_signed(media.jpeg(1), signer, trust_in(root))
    for trust in (Trust(), desk.trust):
        verdict = verify(data, trust)
        assert verdict.facets.signer.state is Signer.UNTRUSTED
        assert verdict.facets.content.state is Content.INTACT
        assert verdict.decision is Decision.REVIEW
    assert verify(data, trust_in(root)).decision is Decision.ACCEPTED


@pytest.mark.parametrize("fault", ["gap", "intermediate_expired", "intermediate_not_ca"])
def test_a_chain_that_does_not_lead_to_the_root_is_not_trusted(fault):
    key, chain_pem, root = make_chain(fault, at=datetime.now(UTC))
    signer = FileSigner(name="x", algorithm=Algorithm.ES256, chain_pem=chain_pem, private_key=key)
    verdict = verify(naively_signed(media.jpeg(1), signer, trust_in(root)), trust_in(root))
    assert verdict.facets.signer.state is Signer.UNTRUSTED
    assert verdict.decision is Decision.REVIEW


def test_a_list_of_time_stamp_authorities_vouches_for_no_signer(chain):
    signer, root = chain
    data = naively_signed(media.jpeg(1), signer, trust_in(root))
    verdict = verify(data, trust_in(root, Purpose.TIMESTAMP))
    assert verdict.facets.signer.state is Signer.UNTRUSTED
    assert verdict.decision is Decision.REVIEW


def test_the_history_too_calls_no_signer_trusted_through_a_list_of_time_stamp_authorities(chain):
    signer, root = chain
    data = naively_signed(media.jpeg(1), signer, trust_in(root))
    steps = trace(store_of(data, trust_in(root, Purpose.TIMESTAMP)))
    assert not steps.edit(steps.head).trusted


def test_a_root_on_a_list_of_both_kinds_vouches_for_signers(chain):
    signer, root = chain
    lists = [trust_in(root, purpose).lists[0] for purpose in (Purpose.TIMESTAMP, Purpose.SIGNER)]
    named = [replace(item, name=item.purpose.value) for item in lists]
    data = naively_signed(media.jpeg(1), signer, trust_in(root))
    for order in (named, named[::-1]):
        assert verify(data, Trust(lists=tuple(order))).facets.signer.state is Signer.TRUSTED


def test_signing_over_a_changed_file_is_refused(desk, signed):
    with pytest.raises(BrokenSource, match="changed after signing"):
        desk.sign(changed_after_signing(signed), options=PLAIN)


@pytest.mark.parametrize("relationship", list(Relationship))
@pytest.mark.parametrize("generations", [1, 2, 3])
def test_a_changed_ancestor_is_found_however_deep_and_in_whatever_role(generations, relationship, desk, signed):
    data = changed_after_signing(signed)
    for _ in range(generations):
        data = naively_signed(data, desk.signer(), desk.trust, as_ingredient(data, desk.trust, relationship))
    verdict = verify(data, desk.trust)
    assert verdict.inspection.store.reported_state == "Trusted"
    assert verdict.facets.content.state is Content.INTACT
    assert verdict.facets.ancestry.state is Ancestry.BROKEN
    assert "assertion.dataHash.mismatch" in verdict.facets.ancestry.reason
    assert verdict.decision is Decision.REJECTED


def test_the_history_names_the_ancestor_that_was_changed_and_no_other(desk, signed):
    data = changed_after_signing(signed)
    culprit = store_of(data, desk.trust).active
    for _ in range(2):
        data = naively_signed(data, desk.signer(), desk.trust, as_ingredient(data, desk.trust))
    steps = trace(store_of(data, desk.trust))
    assert [edit.id for edit in steps.edits if edit.state is EditState.BROKEN] == [culprit]


def test_a_false_record_about_an_altered_manifest_is_not_believed(desk, signed):
    """The signer records the validation of the true parent, and puts in a manifest store with another word in it."""
    parent = as_ingredient(signed("jpeg", 1), desk.trust)
    altered = alter.replaced(parent.store.data, b"c2pa.published", b"c2pa.unknown\x00\x00")
    lie = replace(parent, store=replace(parent.store, data=altered))
    verdict = verify(naively_signed(media.jpeg(2), desk.signer(), desk.trust, lie), desk.trust)
    assert verdict.facets.ancestry.state is Ancestry.BROKEN
    assert verdict.decision is Decision.REJECTED


def test_a_false_record_about_an_ancestors_signer_is_not_believed(chain, desk):
    """Recorded under lists of the signer's own, the parent was trusted; under ours it is not."""
    stranger, root = chain
    parent = naively_signed(media.jpeg(1), stranger, trust_in(root))
    child = naively_signed(parent, desk.signer(), desk.trust, as_ingredient(parent, trust_in(root)))
    verdict = verify(child, desk.trust)
    assert verdict.facets.ancestry.state is Ancestry.INTACT
    assert {edit.trusted for edit in trace(verdict.inspection.store).edits} == {True, False}
    assert not trace(verdict.inspection.store).edit(store_of(parent, desk.trust).active).trusted


@pytest.mark.parametrize("fault", UNSOUND)
def test_an_ancestor_under_an_unsound_certificate_is_not_called_sound(fault, desk):
    parent, trust = signed_under(UNSOUND[fault], media.jpeg(1))
    both = Trust(lists=(*desk.trust.lists, *trust.lists))
    verdict = verify(naively_signed(parent, desk.signer(), both, as_ingredient(parent, both)), both)
    ancestor = trace(verdict.inspection.store).edits[1]
    assert verdict.facets.ancestry.state is not Ancestry.INTACT
    assert CODES[fault] in verdict.facets.ancestry.reason
    assert CODES[fault] in ancestor.reason
    assert ancestor.state is not EditState.INTACT


def test_an_unsound_ancestors_signer_is_not_shown_as_verified(desk):
    parent, trust = signed_under(UNSOUND["no_digital_signature"], media.jpeg(1))
    both = Trust(lists=(*desk.trust.lists, *trust.lists))
    store = store_of(naively_signed(parent, desk.signer(), both, as_ingredient(parent, both)), both)
    assert not trace(store).edits[1].trusted


@pytest.mark.parametrize("fault", UNSOUND)
def test_a_source_that_would_be_rejected_is_not_signed_over_unasked(fault, desk):
    source, _ = signed_under(UNSOUND[fault], media.jpeg(1))
    with pytest.raises(BrokenSource, match=CODES[fault]):
        desk.sign(source, options=PLAIN)
