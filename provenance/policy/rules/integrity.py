"""Is the file what was signed, and is what it was made from?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from provenance.model import derived, statuses
from provenance.model.claim import Carrier
from provenance.model.facets import Ancestry, Content, Credential, Signing
from provenance.model.history import FlagKind
from provenance.model.manifest import StatusKind
from provenance.model.policy import Outcome
from provenance.model.statuses import Concern
from provenance.policy.registry import Need, by_state, failed, passed, rule, undecided
from provenance.policy.rules.naming import listed, one_of
from provenance.policy.rules.statements import stated

if TYPE_CHECKING:
    from provenance.model.bindings import Binding
    from provenance.model.policy import Answer
    from provenance.policy.facts import Facts
    from provenance.policy.rules.statements import Told

_UNKNOWN_BINDING = "how the content is bound to the manifest is not known"


@rule("integrity.credentials-present", "Are there Content Credentials?")
def credentials_present(facts: Facts) -> Answer:
    """Undecided when they are kept elsewhere and were not fetched."""
    return by_state(facts.facets.credential, good=(Credential.PRESENT,), bad=(Credential.ABSENT, Credential.UNREADABLE))


@rule("integrity.credentials-readable", "Can all Content Credentials that are there be read?")
def credentials_readable(facts: Facts) -> Answer:
    """Nothing that is there may be beyond reading; a file without any passes."""
    return by_state(facts.facets.credential, good=(Credential.PRESENT, Credential.ABSENT), bad=(Credential.UNREADABLE,))


@rule(
    "integrity.credentials-kept", "Are the credentials kept where they should be?",
    checks={"places": one_of(*Carrier)},
)  # fmt: skip
def credentials_kept(facts: Facts, *, places: tuple[str, ...] = ("embedded", "sidecar")) -> Answer:
    """`places`: embedded (in the file), sidecar (beside it), remote (at an address, which may be gone tomorrow).

    Undecided for a file without credentials.
    """
    carrier = facts.inspection.carrier
    if carrier is None or facts.facets.credential.state is Credential.ABSENT:
        return undecided(facts.facets.credential.reason)
    if carrier in places:
        return passed(f"the credentials are {_KEPT[carrier]}")
    return failed(f"the credentials are {_KEPT[carrier]}")


_KEPT = {
    Carrier.EMBEDDED: "in the file",
    Carrier.SIDECAR: "in a sidecar beside the file",
    Carrier.REMOTE: "kept at an address on the web",
}


@rule("integrity.content-intact", "Is the content what was signed?")
def content_intact(facts: Facts, *, if_present: bool = False) -> Answer:
    """The hard binding fits, and the manifest keeps the rules of the standard.

    `if_present = true`: passes for a file without credentials.
    """
    if if_present and _is_silent(facts):
        return passed(facts.facets.credential.reason)
    answer = by_state(facts.facets.content, good=(Content.INTACT,), bad=(Content.CHANGED, Content.MALFORMED))
    return _with_codes(answer, facts, Concern.CONTENT, Concern.STRUCTURE)


@rule("integrity.signature-valid", "Was the claim signed with the key of its certificate?")
def signature_valid(facts: Facts, *, if_present: bool = False) -> Answer:
    """Says nothing of who has that key. `if_present = true`: passes for a file without credentials."""
    if if_present and _is_silent(facts):
        return passed(facts.facets.credential.reason)
    answer = by_state(facts.facets.signature, good=(Signing.VALID,), bad=(Signing.INVALID,))
    return _with_codes(answer, facts, Concern.SIGNATURE)


def _is_silent(facts: Facts) -> bool:
    """Say whether there are no credentials at all, not even elsewhere."""
    return facts.facets.credential.state is Credential.ABSENT


def _with_codes(answer: Answer, facts: Facts, *concerns: Concern) -> Answer:
    """Name the status codes that an answer rests on."""
    if answer.outcome is Outcome.PASSED or facts.store is None:
        return answer
    found = derived.failures(facts.store.statuses, *concerns)
    return replace(answer, evidence=tuple(dict.fromkeys(item.code for item in found)))


@rule("integrity.ancestors-intact", "Are the files that it was made from what their signers signed?")
def ancestors_intact(facts: Facts, *, if_present: bool = False) -> Answer:
    """Ancestors without credentials cannot be broken: `history.known-origin` asks for them.

    `if_present = true`: passes for a file without credentials.
    """
    if if_present and _is_silent(facts):
        return passed(facts.facets.credential.reason)
    answer = by_state(
        facts.facets.ancestry, good=(Ancestry.NONE, Ancestry.INTACT, Ancestry.UNKNOWN), bad=(Ancestry.BROKEN,)
    )
    if answer.outcome is not Outcome.FAILED:
        # Following the history costs more than all other rules of the standard policy together.
        return answer
    broken = [item for item in facts.flags if item.kind is FlagKind.BROKEN]
    return replace(answer, subject=broken[0].edit) if broken else answer


@rule("integrity.manifests-complete", "Are all manifests that its history names at hand?")
@stated
def manifests_complete(told: Told) -> Answer:
    """A manifest that is missing, or kept elsewhere and not fetched, leaves a hole in the history."""
    gone = told.flagged(FlagKind.MISSING)
    if not gone:
        return passed("every manifest that the history names is at hand")
    return failed(f"{len(gone)} of the manifests that the history names are not at hand", subject=gone[0].edit)


@rule(
    "integrity.exclusions-allowed", "Does the hash leave out nothing but the manifest itself?", needs=Need.INTERCHANGE
)
@stated
def exclusions_allowed(told: Told, *, bytes: int = 0) -> Answer:  # noqa: A002 -- it counts them
    """What the hash leaves out can be changed without anybody noticing (C2PA 2.4, hard bindings).

    `bytes`: so many may be left out besides the manifest; phones leave out metadata that galleries change. Boxes of
    ISO media that show nothing (`ftyp`, `mfra`, `free`, `skip`) and the length of the manifest in TIFF do not count.
    The engine only says that there is something, and says it of every ISO file too: here the hashes are looked at.
    """
    found = _bindings(told)
    if not found or any(item.left_out is None for item in found):
        return undecided(_UNKNOWN_BINDING)
    more = [part for item in found for part in item.left_out or ()]
    evidence = tuple(item.label for item in found)
    if not more:
        return passed("the hash leaves out nothing but the manifest itself", evidence=evidence)
    said = f"{listed([item.what for item in more[:3]])}{' …' if len(more) > 3 else ''}"
    if all(item.size is not None for item in more) and sum(item.size or 0 for item in more) <= bytes:
        return passed(f"the hash leaves out {said}, which is allowed here", evidence=evidence)
    return failed(f"the hash leaves out {said}, which may have been changed", evidence=evidence)


@rule("integrity.hash-algorithm", "Is the content bound by a digest that is strong enough?", needs=Need.INTERCHANGE)
@stated
def hash_algorithm(told: Told, *, algorithms: tuple[str, ...] = ("sha256", "sha384", "sha512")) -> Answer:
    """`algorithms`: names as in the standard (C2PA 2.4, hash algorithms)."""
    found = _bindings(told)
    if not found or any(item.algorithm is None for item in found):
        return undecided(_UNKNOWN_BINDING)
    used = tuple(dict.fromkeys(str(item.algorithm) for item in found))
    evidence = tuple(item.label for item in found)
    if set(used) <= set(algorithms):
        return passed(f"the content is bound by {listed(used)}", evidence=evidence)
    return failed(f"the content is bound by {listed(used)}, not by {listed(algorithms)}", evidence=evidence)


@rule("integrity.engine-agrees", "Does the engine that read the manifests object to nothing?")
def engine_agrees(facts: Facts, *, if_present: bool = False) -> Answer:
    """Never be milder than the engine: what it calls Invalid for a reason that nobody here knows fails.

    Undecided when it objects only to trust, which other rules judge. A verdict as of another day sets aside what the
    engine says by today's clock. `if_present = true`: passes for a file without credentials.
    """
    store, by_today = facts.store, facts.inspection.further.as_of is None
    if store is None:
        silent = if_present and _is_silent(facts)
        return (passed if silent else undecided)(facts.facets.credential.reason)
    failures = [item for item in store.statuses if item.kind is StatusKind.FAILURE]
    if not by_today:
        failures = [item for item in failures if item.code not in statuses.BY_TODAYS_CLOCK]
    if store.reported_state != "Invalid" or (not by_today and not failures):
        return passed("the engine does not object")
    codes = tuple(dict.fromkeys(item.code for item in failures))
    if failures and all(statuses.concern(item.code) in (Concern.TRUST, Concern.IDENTITY) for item in failures):
        return undecided("the engine calls the manifest invalid for want of trust only", evidence=codes)
    return failed("the engine calls the manifest invalid", evidence=codes)


def _bindings(told: Told) -> tuple[Binding, ...]:
    from provenance.model.bindings import bindings  # noqa: PLC0415 -- the standard policy does not ask

    return bindings(told.store, told.inspection.media.media_type)
