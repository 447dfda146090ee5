"""The sentence at the top of a report: one for each kind of verdict, and never milder than the facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from provenance.history import trace
from provenance.model.claim import Action
from provenance.model.manifest import Signature
from provenance.model.verdict import Decision
from provenance.reports import wording
from tests.unit.stores import SOUND, a_manifest, a_store, a_verdict, an_ingredient, bad, good

WHO = "Example News / Desk"
REST = wording.UNATTRIBUTABLE
HEADLINES = {
    "absent": ({}, "No Content Credentials: nothing is said about where it comes from."),
    "unreadable": ({"problem": "x"}, "Its Content Credentials cannot be read: nothing in them can be relied on."),
    "not fetched": (
        {"remote_url": "https://example.org"},
        "Its Content Credentials are kept elsewhere and were not fetched: nothing was checked.",
    ),
    "changed": (
        {"store": a_store(statuses=bad("assertion.dataHash.mismatch"))},
        f"It was changed after signing: {REST}.",
    ),
    "malformed": (
        {"store": a_store(statuses=bad("manifest.multipleParents"))},
        f"Its credentials break the rules of the standard: {REST}.",
    ),
    "signature invalid": (
        {"store": a_store(statuses=(*good(*SOUND), *bad("claimSignature.mismatch")))},
        f"Its signature does not hold: {REST}.",
    ),
    "signature not checked": (
        {"store": a_store(statuses=good("assertion.dataHash.match"))},
        f"Its signature was not checked: {REST}.",
    ),
    "revoked": (
        {"store": a_store(statuses=(*good(*SOUND), *bad("signingCredential.ocsp.revoked")))},
        f"The signer's certificate was revoked: {REST}.",
    ),
    "certificate invalid": (
        {"store": a_store(statuses=(*good(*SOUND), *bad("signingCredential.invalid")))},
        f"The certificate may not have signed it: {REST}.",
    ),
    "broken ancestor": (
        {"store": a_store(a_manifest("a", an_ingredient("b", bad("claimSignature.mismatch"))), a_manifest("b"))},
        "It is intact itself, but a file that it was made from is not what was signed.",
    ),
    "untrusted": (
        {"store": a_store(statuses=(*good(*SOUND[1:]), *bad("signingCredential.untrusted")))},
        f"Intact since it was signed, but the identity of the signer ({WHO}) can't be verified.",
    ),
    "accepted": ({"store": a_store()}, f"Signed by {WHO}, and intact since."),
    "identity open": (
        {"store": a_store(statuses=(*good(*SOUND), *bad("cawg.x509.credential.untrusted")))},
        f"Signed by {WHO} and intact since, but an identity assertion: no list of identities is set up, "
        "so this identity can't be verified.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "sentence"), HEADLINES.values(), ids=HEADLINES)
def test_each_kind_of_verdict_has_its_sentence(facts, sentence):
    assert wording.headline(a_verdict(**facts)) == sentence


NOT_CHECKED = {
    "content": good(*SOUND[:2]),
    "nothing": (),
}


@pytest.mark.parametrize("found", NOT_CHECKED.values(), ids=NOT_CHECKED)
def test_what_was_not_checked_is_never_called_intact(found):
    verdict = a_verdict(a_store(statuses=found))
    assert verdict.decision is Decision.REVIEW
    assert "ntact since" not in wording.headline(verdict)


NAMES = {
    "both": ("Example News", "Desk", "Example News / Desk"),
    "the same twice": ("Desk", "Desk", "Desk"),
    "organisation": ("Example News", None, "Example News"),
    "common name": (None, "Desk", "Desk"),
    "neither": (None, None, "a certificate without a name"),
    "empty": ("", "", "a certificate without a name"),
}


@pytest.mark.parametrize(("organization", "common", "shown"), NAMES.values(), ids=NAMES)
def test_a_signer_is_named_as_the_certificate_does(organization, common, shown):
    signature = Signature(algorithm=None, organization=organization, common_name=common, serial=None, time=None)
    assert wording.signed_by(signature) == shown


def test_no_signature_is_by_nobody():
    assert wording.signed_by(None) == "nobody"


@pytest.mark.parametrize(
    ("zone", "shown"),
    [(UTC, "2026-05-01 12:00:00 UTC"), (timezone(timedelta(hours=2)), "2026-05-01 12:00:00 +0200"),
     (None, "2026-05-01 12:00:00 UTC")],
    ids=["utc", "offset", "naive"],
)  # fmt: skip
def test_a_moment_is_written_in_its_own_zone(zone, shown):
    assert wording.moment(datetime(2026, 5, 1, 12, 0, tzinfo=zone)) == shown


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        ("2026-05-01T12:00:00Z", "2026-05-01 12:00:00 UTC"),
        ("2026-05-01T14:00:00.25+02:00", "2026-05-01 14:00:00 +0200"),
        *((same, same) for same in ("2026-05-01T12:00:00", "0001-01-01T00:00:00+14:00", "long ago", "")),
    ],
)
def test_a_stated_moment_is_written_like_any_other_and_what_is_none_as_it_stands(stated, shown):
    assert wording.stated_moment(stated) == shown


BASE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
BEGINNINGS = {
    "captured": (Action(name="c2pa.created", source_type=f"{BASE}digitalCapture"), "captured by a digital camera"),
    "generated": (Action(name="c2pa.created", source_type=f"{BASE}trainedAlgorithmicMedia"), "generated by a trained"),
    "a type that nobody knows": (Action(name="c2pa.created", source_type=f"{BASE}newThing"), "newThing"),
    "without a type": (Action(name="c2pa.created"), "'title of a' was created; how is not said"),
    "opened": (Action(name="c2pa.opened"), "unknown: the history of 'title of a' does not begin with its creation"),
}


@pytest.mark.parametrize(("action", "words"), BEGINNINGS.values(), ids=BEGINNINGS)
def test_how_it_began_is_said_as_far_as_it_is_known(action, words):
    assert wording.beginning(trace(a_store(a_manifest("a", actions=(action,))))).startswith(words)


def test_a_file_without_credentials_is_an_unknown_beginning():
    assert wording.beginning(trace(a_store(a_manifest("a", an_ingredient())))) == "unknown: 'part' has no credentials"
