"""From facts to judgement: `Inspection` holds what was found, `Verdict` what a policy makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from provenance.model import derived
from provenance.model.claim import Carrier
from provenance.model.facets import Credential
from provenance.model.further import NOTHING, Further
from provenance.model.policy import Outcome, Severity

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.model.facets import Facets
    from provenance.model.manifest import ManifestStore
    from provenance.model.media import Media, Metadata
    from provenance.model.policy import Policy
    from provenance.model.trust import Trust


class Decision(StrEnum):
    """What a policy says in the end."""

    ACCEPTED = "accepted"
    REVIEW = "review"
    REJECTED = "rejected"


SEVERITY = (Decision.ACCEPTED, Decision.REVIEW, Decision.REJECTED)
"""From mild to severe: for many files the worst decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """The facts about one file's credentials."""

    media: Media
    store: ManifestStore | None
    carrier: Carrier | None
    """Where credentials were found, or would be."""
    found_in: str | None
    problem: str | None
    """Why credentials that are there could not be read or fetched."""
    remote_url: str | None
    trust: Trust
    at: datetime
    further: Further = NOTHING
    metadata: Metadata | None = None
    """What the file itself says now; only read where something asks for it."""

    @property
    def credential(self) -> Credential:
        """Whether there are credentials, in one word."""
        if self.store is not None:
            return Credential.PRESENT
        if self.remote_url is not None:
            return Credential.NOT_FETCHED
        return Credential.ABSENT if self.problem is None else Credential.UNREADABLE

    @property
    def facets(self) -> Facets:
        """One answer to each question."""
        if self.store is not None:
            return derived.of_store(
                self.store,
                self.trust,
                where=self._where(),
                at=self.at,
                further=self.further,
            )
        return derived.without_store(self.credential, self._why_not())

    def _where(self) -> str:
        if self.carrier is Carrier.EMBEDDED:
            return "embedded in the file"
        kind = "in the sidecar" if self.carrier is Carrier.SIDECAR else "fetched from"
        return f"{kind} {self.found_in}"

    def _why_not(self) -> str:
        if self.credential is Credential.NOT_FETCHED:
            asked = self.problem or "nothing was fetched: allow it with --online"
            return f"kept at {self.remote_url}; {asked}"
        if self.credential is Credential.UNREADABLE:
            return f"whatever is there cannot be read: {self.problem}"
        return "no Content Credentials, neither in the file nor beside it"


_DECIDES = {Severity.FAIL: Decision.REJECTED, Severity.REVIEW: Decision.REVIEW, Severity.INFO: Decision.ACCEPTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule of a policy says about a file."""

    rule: str
    outcome: Outcome
    severity: Severity
    """What this outcome weighs: the rule's own severity when it failed, its `on_missing` when it is undecided."""
    message: str
    subject: str | None = None
    """Label of the manifest that it is about, when that is not the active one."""
    evidence: tuple[str, ...] = ()
    """Status codes that it rests on."""

    @property
    def decision(self) -> Decision:
        """What the file gets if no other rule is more severe."""
        return Decision.ACCEPTED if self.outcome is Outcome.PASSED else _DECIDES[self.severity]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A policy's judgement on one inspection."""

    inspection: Inspection
    policy: Policy
    findings: tuple[Finding, ...]

    @property
    def decision(self) -> Decision:
        """The most severe finding decides; a verdict without findings accepts nothing."""
        if not self.findings:
            return Decision.REVIEW
        return max((item.decision for item in self.findings), key=SEVERITY.index)

    @property
    def facets(self) -> Facets:
        """One answer to each question."""
        return self.inspection.facets
