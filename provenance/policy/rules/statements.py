"""What manifests state, and whether anybody stands by it.

Where the content, the signature or the certificate does not hold, nothing in a manifest can be attributed to its
signer: a rule about statements may fail on what stands there, but it never passes on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING

from provenance.model.facets import Content, Revocation, Signer, Signing
from provenance.model.history import EditState
from provenance.model.policy import Outcome
from provenance.model.updates import own_manifests
from provenance.policy.registry import undecided
from provenance.policy.rules.moments import attested

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from provenance.model.claim import Action
    from provenance.model.history import FlagKind, History, RedFlag
    from provenance.model.manifest import Manifest, ManifestStore
    from provenance.model.policy import Answer
    from provenance.model.verdict import Inspection
    from provenance.policy.facts import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the manifests of a file tell, where there are any."""

    inspection: Inspection
    store: ManifestStore
    history: History
    flags: tuple[RedFlag, ...]
    attested: datetime | None
    """When it was signed, where somebody trusted says so."""

    @property
    def own(self) -> tuple[Manifest, ...]:
        """The manifests that speak of the file as it is: the active one and, where it only updates, what it updates.

        What is updated counts only as far as it is recorded as intact.
        """
        active, *updated = own_manifests(self.store)
        return (active, *(item for item in updated if self.intact(item.label)))

    def manifests(self, *, anywhere: bool) -> tuple[Manifest, ...]:
        """Return all manifests of the history, broken ones included, or those that speak of the file as it is."""
        if not anywhere:
            return self.own
        return tuple(self.store.manifests[item.id] for item in self.history.edits if item.id in self.store.manifests)

    def actions(self, *, anywhere: bool) -> Iterator[tuple[str, Action]]:
        """Yield steps with the label of their manifest."""
        for manifest in self.manifests(anywhere=anywhere):
            yield from ((manifest.label, action) for action in manifest.actions)

    def intact(self, label: str) -> bool:
        """Say whether nothing is known against a step of the history."""
        return label in self.history and self.history.edit(label).state is EditState.INTACT

    def flagged(self, *kinds: FlagKind) -> tuple[RedFlag, ...]:
        """Return what is odd about the history in these ways."""
        return tuple(item for item in self.flags if item.kind in kinds)

    def subject(self, label: str) -> str | None:
        """Name what an answer is about; the file itself needs no name."""
        return None if label == self.store.active else label


def stated(ask: Callable[..., Answer]) -> Callable[..., Answer]:
    """Make a rule of `Facts` out of one of `Told`: undecided without manifests, and where nobody stands by them."""

    @wraps(ask)
    def asked(facts: Facts, **options: object) -> Answer:
        if facts.store is None or facts.history is None:
            return undecided(facts.facets.credential.reason)
        told = Told(
            inspection=facts.inspection,
            store=facts.store,
            history=facts.history,
            flags=facts.flags,
            attested=attested(facts),
        )
        answer = ask(told, **options)
        if answer.outcome is not Outcome.PASSED or attributable(facts):
            return answer
        # Why not is said by the rules about content, signature, certificate and revocation, and by the facets.
        return undecided(
            "nothing in it can be attributed to the signer", subject=answer.subject, evidence=answer.evidence
        )

    return asked


def attributable(facts: Facts) -> bool:
    """Say whether what the manifests state can be attributed to their signer.

    An identity that nobody vouches for is somebody all the same: `signer.trusted` asks for more.
    """
    found = facts.facets
    return (
        found.signature.state is Signing.VALID
        and found.content.state is Content.INTACT
        and found.signer.state in (Signer.TRUSTED, Signer.UNTRUSTED)
        and found.revocation.state is not Revocation.REVOKED
    )
