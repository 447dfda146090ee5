"""Is the file what was signed, and is what it was made from?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model import statuses
from provenance.model.facets import Ancestry, Content, Credential, Signing
from provenance.model.history import EditState
from provenance.model.manifest import StatusKind
from provenance.model.statuses import Concern
from provenance.policy.registry import by_state, failed, passed, rule, undecided

if TYPE_CHECKING:
    from provenance.model.policy import Answer
    from provenance.policy.facts import Facts

_EXTRA_EXCLUSIONS = (
    "assertion.dataHash.additionalExclusionsPresent",
    "assertion.bmffHash.additionalExclusionsPresent",
    "assertion.boxesHash.additionalExclusionsPresent",
)


@rule("integrity.credentials-present", "Are there Content Credentials?")
def credentials_present(facts: Facts) -> Answer:
    """Undecided when they are kept elsewhere and were not fetched."""
    return by_state(facts.facets.credential, good=(Credential.PRESENT,), bad=(Credential.ABSENT, Credential.UNREADABLE))


@rule("integrity.credentials-readable", "Can all Content Credentials that are there be read?")
def credentials_readable(facts: Facts) -> Answer:
    """Nothing that is there may be beyond reading; a file without any passes."""
    return by_state(facts.facets.credential, good=(Credential.PRESENT, Credential.ABSENT), bad=(Credential.UNREADABLE,))


@rule("integrity.content-intact", "Is the content what was signed?")
def content_intact(facts: Facts) -> Answer:
    """The hard binding fits, and the manifest keeps the rules of the standard."""
    return by_state(facts.facets.content, good=(Content.INTACT,), bad=(Content.CHANGED, Content.MALFORMED))


@rule("integrity.signature-valid", "Was the claim signed with the key of its certificate?")
def signature_valid(facts: Facts) -> Answer:
    """Says nothing of who has that key."""
    return by_state(facts.facets.signature, good=(Signing.VALID,), bad=(Signing.INVALID,))


@rule("integrity.ancestors-intact", "Are the files that it was made from what their signers signed?")
def ancestors_intact(facts: Facts) -> Answer:
    """Files without credentials cannot be broken: `history.known-origin` asks for them."""
    return by_state(
        facts.facets.ancestry, good=(Ancestry.NONE, Ancestry.INTACT, Ancestry.UNKNOWN), bad=(Ancestry.BROKEN,)
    )


@rule("integrity.manifests-complete", "Are all manifests that its history names at hand?")
def manifests_complete(facts: Facts) -> Answer:
    """A manifest that is missing, or kept elsewhere and not fetched, leaves a hole in the history."""
    if facts.history is None:
        return undecided("there is no history at hand")
    gone = [item for item in facts.history.edits if item.state in (EditState.MISSING, EditState.NOT_FETCHED)]
    if not gone:
        return passed("every manifest that the history names is at hand")
    return failed(f"{len(gone)} manifests of the history are not at hand: {gone[0].state}", subject=gone[0].id)


@rule("integrity.exclusions-allowed", "Does the hash leave out nothing but the manifest itself?")
def exclusions_allowed(facts: Facts) -> Answer:
    """Bytes that the hash leaves out can be changed without anybody noticing (C2PA 2.4, hard bindings)."""
    if facts.store is None:
        return undecided("there is nothing to check it against")
    found = tuple(item.code for item in facts.store.statuses if item.code in _EXTRA_EXCLUSIONS)
    if found:
        return failed(
            "more than the manifest itself is left out of the hash, and may have been changed", evidence=found
        )
    return passed("the hash leaves out nothing but the manifest itself")


@rule("integrity.engine-agrees", "Does the engine that read the manifests object to nothing?")
def engine_agrees(facts: Facts) -> Answer:
    """Never be milder than the engine: what it calls Invalid for a reason that nobody here knows fails.

    Undecided when it objects only to trust, which other rules judge. A verdict as of another day sets aside what the
    engine says by today's clock.
    """
    store, by_today = facts.store, facts.inspection.further.as_of is None
    if store is None:
        return undecided("there is nothing to check")
    failures = [item for item in store.statuses if item.kind is StatusKind.FAILURE]
    if not by_today:
        failures = [item for item in failures if item.code not in statuses.BY_TODAYS_CLOCK]
    if store.reported_state != "Invalid" or (not by_today and not failures):
        return passed("the engine does not object")
    message, codes = "the engine calls the manifest invalid", tuple(item.code for item in failures)
    if failures and all(statuses.concern(item.code) in (Concern.TRUST, Concern.IDENTITY) for item in failures):
        return undecided(message, evidence=codes)
    return failed(message, evidence=codes)
