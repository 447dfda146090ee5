"""A time-stamp that nobody vouches for does not keep an expired certificate alive."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from provenance.model.facets import Signer, Time
from provenance.model.trust import Purpose, Trust
from provenance.model.verdict import Decision
from provenance.storage import open_source
from provenance.trust import load_file
from provenance.verification import inspect, verify
from tests.conftest import TRUST
from tests.unit.stores import STANDARD

BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
AFTER = datetime(2031, 1, 1, tzinfo=UTC)
"""The test certificate of these files expires on 2030-08-26."""


def _verify(vectors, name, at, *, timestamps, purpose=Purpose.TIMESTAMP):
    lists = [load_file(vectors / "test-roots.pem", purpose=Purpose.SIGNER)]
    if timestamps:
        # The interim list holds the root of the authority that these files were stamped by.
        lists.append(load_file(TRUST / "ITL-anchors.pem", purpose=purpose))
    return verify(inspect(open_source(vectors / name), trust=Trust(lists=tuple(lists)), at=at), STANDARD)


@pytest.mark.parametrize(
    ("name", "timestamps"),
    [("python__CA.jpg", True), ("python__CA.jpg", False), ("rs__CACA.jpg", False)],
    ids=["claim of version 1", "claim of version 1, no list", "claim of version 2, no list"],
)
def test_an_expired_certificate_needs_a_trusted_time(vectors, name, timestamps):
    before = _verify(vectors, name, BEFORE, timestamps=timestamps)
    assert before.facets.time.state is Time.NOT_CHECKED
    assert before.decision is Decision.ACCEPTED
    after = _verify(vectors, name, AFTER, timestamps=timestamps)
    assert after.facets.signer.state is Signer.UNTRUSTED
    assert "expired on 2030-08-26" in after.facets.signer.reason
    assert after.decision is Decision.REVIEW


def test_a_list_of_signers_vouches_for_no_time_stamp(vectors):
    """The engine says `timeStamp.trusted` all the same."""
    for at, decision in ((BEFORE, Decision.ACCEPTED), (AFTER, Decision.REVIEW)):
        verdict = _verify(vectors, "rs__CACA.jpg", at, timestamps=True, purpose=Purpose.SIGNER)
        assert verdict.facets.time.state is Time.NOT_CHECKED
        assert verdict.decision is decision


def test_a_root_on_lists_of_both_kinds_vouches_for_both(vectors):
    interim = [load_file(TRUST / "ITL-anchors.pem", purpose=purpose, name=purpose) for purpose in Purpose]
    signers = load_file(vectors / "test-roots.pem", purpose=Purpose.SIGNER)
    for lists in ([signers, *interim], [*interim[::-1], signers]):
        trust = Trust(lists=tuple(lists))
        verdict = verify(inspect(open_source(vectors / "rs__CACA.jpg"), trust=trust, at=AFTER), STANDARD)
        assert verdict.facets.time.state is Time.TRUSTED
        assert verdict.facets.signer.reason.endswith("'test-roots'")
        assert verdict.decision is Decision.ACCEPTED


def test_a_trusted_time_keeps_it_alive(vectors):
    verdict = _verify(vectors, "rs__CACA.jpg", AFTER, timestamps=True)
    assert verdict.facets.time.state is Time.TRUSTED
    assert verdict.decision is Decision.ACCEPTED
