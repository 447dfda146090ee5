"""Reports for programs: a versioned document whose JSON Schema is `form.schema()`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from provenance import codec
from provenance.model.words import stamped
from provenance.reports import to_history, wording
from provenance.reports.escape import as_json
from provenance.reports.form import (
    VERSION,
    Document,
    FacetReport,
    FileReport,
    FindingReport,
    FlagCountReport,
    LastLine,
    PolicyReport,
    ReasonReport,
    RevocationReport,
    SignedReport,
    StatusReport,
    SummaryReport,
    TrustListReport,
)
from provenance.reports.summary import summarise

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.model.history import History
    from provenance.model.manifest import Signed, Status
    from provenance.model.revocation import RevocationAnswer
    from provenance.model.verdict import Inspection, Verdict
    from provenance.reports.result import Result, Results
    from provenance.reports.summary import Summary


def document(results: Results) -> str:
    """Return everything that one run says."""
    return _text(report(results))


def report(results: Results) -> Document:
    """Put the reports of one run together."""
    return Document(
        version=VERSION,
        generator=results.generator,
        decision=results.decision,
        files=tuple(of_result(item) for item in results.items),
        summary=of_summary(summarise(results)),
    )


def line(result: Result) -> str:
    """Return what is said of one file, on one line."""
    return _text(of_result(result), indent=0)


def last_line(summary: Summary, *, generator: str) -> str:
    """Return what follows the lines of all files."""
    last = LastLine(version=VERSION, generator=generator, decision=summary.decision, summary=of_summary(summary))
    return _text(last, indent=0)


def _text(value: Any, *, indent: int = 2) -> str:
    return as_json(codec.to_json(value, indent=indent)) + "\n"


def of_result(result: Result) -> FileReport:
    """Report one file."""
    if result.verdict is None:
        return FileReport(
            file=result.name,
            decision=None,
            sentence=wording.NOT_LOOKED_AT,
            error=str(result.error) if result.error else None,
        )
    found = of_verdict(result.verdict, result.history)
    if result.recovery is None:
        return found
    from provenance.reports.recovered import report as recovered  # noqa: PLC0415 -- only where it was asked for

    return replace(found, recovered=recovered(result.recovery))


def of_verdict(verdict: Verdict, history: History | None) -> FileReport:
    """Report a verdict."""
    return replace(
        _facts(verdict.inspection, history),
        decision=verdict.decision,
        sentence=wording.headline(verdict),
        findings=tuple(
            FindingReport(
                rule=item.rule,
                outcome=item.outcome,
                severity=item.severity,
                decision=item.decision,
                message=item.message,
                subject=item.subject,
                evidence=item.evidence,
            )
            for item in verdict.findings
        ),
        policy=PolicyReport(
            name=verdict.policy.name,
            version=verdict.policy.version,
            purpose=verdict.policy.purpose,
            digest=verdict.policy.digest,
        ),
    )


def variables(inspection: Inspection, history: History | None) -> dict[str, Any]:
    """Return what conditions of policies may use: the report of a file, before anything is judged."""
    found: dict[str, Any] = codec.to_plain(_facts(inspection, history))
    return found


def _facts(inspection: Inspection, history: History | None) -> FileReport:
    further = inspection.further
    store = inspection.store
    digest = inspection.media.digest
    facets = inspection.facets
    return FileReport(
        file=inspection.media.name,
        decision=None,
        sentence="",
        media_type=inspection.media.media_type,
        size=inspection.media.size,
        sha256=digest.value if digest else None,
        at=inspection.at.isoformat(),
        as_of=_moment(further.as_of.at) if further.as_of else None,
        carrier=inspection.carrier,
        found_in=inspection.found_in,
        facets={
            name: FacetReport(state=getattr(facets, name).state, reason=getattr(facets, name).reason)
            for name in type(facets).__dataclass_fields__
        },
        history=to_history.report(history) if history else None,
        statuses=tuple(_status(item) for item in (*store.statuses, *store.deltas)) if store else (),
        reported_state=store.reported_state if store else None,
        revocation=_revocation(further.revocation) if further.revocation else None,
        trust=tuple(
            TrustListReport(
                name=item.name,
                purpose=item.purpose,
                digest=item.digest,
                source=item.source,
                local=item.local,
                as_of=_moment(item.as_of),
                obtained=_moment(item.obtained),
                skipped=item.skipped,
                sequence=item.sequence,
                next_update=_moment(item.next_update),
                note=item.note,
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
        time=_moment(stamped(signed.store)),
        notes=signed.notes,
    )


def of_summary(summary: Summary) -> SummaryReport:
    """Report what became of many files."""
    return SummaryReport(
        files=summary.files,
        accepted=summary.accepted,
        review=summary.review,
        rejected=summary.rejected,
        not_looked_at=summary.not_looked_at,
        reasons=tuple(
            ReasonReport(
                decision=item.decision,
                rule=item.rule,
                message=item.message,
                files=item.files,
                examples=item.examples,
            )
            for item in summary.reasons
        ),
        flags=tuple(FlagCountReport(kind=item.kind, files=item.files) for item in summary.flags),
    )


def _revocation(answer: RevocationAnswer) -> RevocationReport:
    return RevocationReport(
        state=answer.state,
        reason=answer.reason,
        source=answer.source,
        this_update=_moment(answer.this_update),
        next_update=_moment(answer.next_update),
        revoked_at=_moment(answer.revoked_at),
        revocation_reason=answer.revocation_reason,
    )


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _status(status: Status) -> StatusReport:
    return StatusReport(code=status.code, kind=status.kind, uri=status.uri, explanation=status.explanation)
