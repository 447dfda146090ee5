"""Reports for programs: a versioned document whose JSON Schema is `schema()`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provenance import codec
from provenance.model.verdict import SEVERITY, Decision
from provenance.reports import wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.errors import ProvenanceError
    from provenance.model.history import Edit, History
    from provenance.model.manifest import Signed, Status
    from provenance.model.verdict import Verdict

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetReport:
    """One facet of a verdict."""

    state: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingReport:
    """What one rule of the policy says."""

    rule: str
    decision: str
    message: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureReport:
    """Who signed, and when by a time-stamp."""

    organization: str | None
    common_name: str | None
    serial: str | None
    algorithm: str | None
    time: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionReport:
    """One step."""

    action: str
    when: str | None
    source_type: str | None
    software_agent: str | None
    description: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditReport:
    """One manifest of the history, or one file of unknown provenance."""

    id: str
    title: str | None
    state: str
    reason: str | None
    signature: SignatureReport | None
    trusted: bool
    generators: tuple[str, ...]
    actions: tuple[ActionReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeReport:
    """One file went into another."""

    into: str
    source: str
    relationship: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryReport:
    """All steps, each once."""

    head: str
    began: str
    edits: tuple[EditReport, ...]
    edges: tuple[EdgeReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """One validation status of the engine."""

    code: str
    kind: str
    uri: str
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustListReport:
    """A list that the verdict rests on."""

    name: str
    purpose: str
    digest: str
    source: str
    local: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """The verdict on one file, or why there is none."""

    file: str
    decision: str | None
    sentence: str
    error: str | None = None
    media_type: str | None = None
    size: int | None = None
    sha256: str | None = None
    at: str | None = None
    carrier: str | None = None
    found_in: str | None = None
    facets: dict[str, FacetReport] | None = None
    findings: tuple[FindingReport, ...] = ()
    history: HistoryReport | None = None
    statuses: tuple[StatusReport, ...] = ()
    reported_state: str | None = None
    policy: str | None = None
    trust: tuple[TrustListReport, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Everything that one run of `provenance verify` says."""

    version: int
    generator: str
    decision: str | None
    """The worst of all files; `null` when none could be judged."""
    files: tuple[FileReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedReport:
    """What one run of `provenance sign` made of a file."""

    source: str
    output: str | None
    sidecar: str | None
    carrier: str
    media_type: str
    manifest: str
    signer: str


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a `Document`."""
    return codec.schema(Document)


def document(files: Sequence[FileReport], *, generator: str) -> Document:
    """Put the reports of one run together."""
    decisions = [Decision(item.decision) for item in files if item.decision]
    worst = max(decisions, key=SEVERITY.index) if decisions else None
    return Document(version=VERSION, generator=generator, decision=worst, files=tuple(files))


def of_error(name: str, error: ProvenanceError) -> FileReport:
    """Report a file that could not be looked at."""
    return FileReport(file=name, decision=None, sentence="It could not be looked at.", error=str(error))


def of_verdict(verdict: Verdict, history: History | None) -> FileReport:
    """Report a verdict."""
    inspection = verdict.inspection
    store = inspection.store
    digest = inspection.media.digest
    facets = verdict.facets
    return FileReport(
        file=inspection.media.name,
        decision=verdict.decision,
        sentence=wording.headline(verdict),
        media_type=inspection.media.media_type,
        size=inspection.media.size,
        sha256=digest.value if digest else None,
        at=inspection.at.isoformat(),
        carrier=inspection.carrier,
        found_in=inspection.found_in,
        facets={
            name: FacetReport(state=getattr(facets, name).state, reason=getattr(facets, name).reason)
            for name in type(facets).__dataclass_fields__
        },
        findings=tuple(
            FindingReport(rule=item.rule, decision=item.decision, message=item.message, evidence=item.evidence)
            for item in verdict.findings
        ),
        history=_history(history) if history else None,
        statuses=tuple(_status(item) for item in (*store.statuses, *store.deltas)) if store else (),
        reported_state=store.reported_state if store else None,
        policy=f"{verdict.policy.name} {verdict.policy.version}",
        trust=tuple(
            TrustListReport(
                name=item.name,
                purpose=item.purpose,
                digest=item.digest,
                source=item.source,
                local=item.local,
            )
            for item in inspection.trust.lists
        ),
    )


def of_signed(source: str, signed: Signed) -> SignedReport:
    """Report a finished signing."""
    return SignedReport(
        source=source,
        output=str(signed.path) if signed.path else None,
        sidecar=str(signed.sidecar) if signed.sidecar else None,
        carrier=signed.carrier,
        media_type=signed.media_type,
        manifest=signed.store.active,
        signer=signed.signer,
    )


def _status(status: Status) -> StatusReport:
    return StatusReport(code=status.code, kind=status.kind, uri=status.uri, explanation=status.explanation)


def _history(history: History) -> HistoryReport:
    return HistoryReport(
        head=history.head,
        began=wording.beginning(history),
        edits=tuple(_edit(item) for item in history.edits),
        edges=tuple(
            EdgeReport(into=item.into, source=item.source, relationship=item.relationship) for item in history.edges
        ),
    )


def _edit(edit: Edit) -> EditReport:
    signature = edit.signature
    return EditReport(
        id=edit.id,
        title=edit.title,
        state=edit.state,
        reason=edit.reason,
        signature=SignatureReport(
            organization=signature.organization,
            common_name=signature.common_name,
            serial=signature.serial,
            algorithm=signature.algorithm,
            time=signature.time.isoformat() if signature.time else None,
        )
        if signature
        else None,
        trusted=edit.trusted,
        generators=tuple(f"{item.name} {item.version or ''}".strip() for item in edit.generators),
        actions=tuple(
            ActionReport(
                action=item.name,
                when=item.when,
                source_type=item.source_type,
                software_agent=item.software_agent,
                description=item.description,
                reason=item.reason,
            )
            for item in edit.actions
        ),
    )
