"""The changes of an archive for programs: rows of JSON and of tables. Text in them is other people's."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance import codec
from provenance.batch.auditing.drift import UNVERIFIED, Kind
from provenance.reports import wording
from provenance.reports.escape import as_cell, as_json, visible
from provenance.reports.summary import WORST_FIRST

if TYPE_CHECKING:
    from provenance.batch.auditing.drift import Change
    from provenance.batch.auditing.rounds import Summary
    from provenance.batch.auditing.states import State

STANDINGS = wording.STANDINGS | {None: UNVERIFIED}
"""What can become of a file that was looked at."""
COLUMNS = (
    "kind", "weight", "file", "causes", "why", "decision_before", "decision_after", "sha256_before", "sha256_after",
    "differences",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonRow:
    """Why something has changed."""

    cause: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceRow:
    """One thing that is different."""

    what: str
    before: str
    after: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One change, for programs."""

    kind: str
    weight: str
    """`nothing`, `review` or `worse`."""
    file: str | None
    """`None` for what holds for all files."""
    reasons: tuple[ReasonRow, ...]
    differences: tuple[DifferenceRow, ...]
    decision_before: str | None
    decision_after: str | None
    sha256_before: str | None
    sha256_after: str | None
    known_below: int
    """Of a folder that could not be looked at: how many files are known below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryRow:
    """What an audit has come to."""

    files: int
    unchanged: int
    remembered: int
    changes: dict[str, int]
    decisions: dict[str, int]
    weight: str
    since: str | None
    stopped: bool
    mode: str


def row_of(change: Change) -> ChangeRow:
    """Report a change."""
    before, after = change.before, change.after
    return ChangeRow(
        kind=change.kind.value,
        weight=change.weight.name.lower(),
        file=change.name or None,
        reasons=tuple(ReasonRow(cause=item.cause.value, says=item.says) for item in change.reasons),
        differences=tuple(
            DifferenceRow(what=item.what, before=item.before, after=item.after, why=item.why)
            for item in change.differences
        ),
        decision_before=_decision(before),
        decision_after=_decision(after),
        sha256_before=before.digest if before else None,
        sha256_after=after.digest if after else None,
        known_below=change.below,
    )


def summary_row(found: Summary) -> SummaryRow:
    """Report what an audit has come to."""
    return SummaryRow(
        files=found.files,
        unchanged=found.unchanged,
        remembered=found.remembered,
        changes={kind.value: found.kinds[kind] for kind in Kind if found.kinds[kind]},
        decisions={STANDINGS[item]: found.decisions[item] for item in WORST_FIRST if found.decisions[item]},
        weight=found.weight.name.lower(),
        since=found.since.isoformat() if found.since else None,
        stopped=found.stopped,
        mode=found.mode.value,
    )


def said(change: Change) -> str:
    """Say what there is to say of a change that needs no reason."""
    if change.after is None:
        return ""
    facts = change.after.facts
    if change.kind is Kind.BACK:
        return "as it was before it went"
    decision = STANDINGS[facts.decision]
    return f"{decision}: {visible(facts.why)}" if facts.why else decision


def csv_line(change: Change) -> str:
    """Write a change as a row of a table."""
    row = row_of(change)
    cells = {
        "kind": row.kind,
        "weight": row.weight,
        "file": row.file or "",
        "causes": "; ".join(item.cause for item in row.reasons),
        "why": "; ".join(item.says for item in row.reasons) or said(change),
        "decision_before": row.decision_before or "",
        "decision_after": row.decision_after or "",
        "sha256_before": row.sha256_before or "",
        "sha256_after": row.sha256_after or "",
        "differences": "; ".join(f"{item.what}: {item.before} → {item.after}" for item in row.differences),
    }
    return _cells(cells)


def csv_header() -> str:
    """Write the names of the columns."""
    return _cells(dict(zip(COLUMNS, COLUMNS, strict=True)))


def _cells(row: dict[str, str]) -> str:
    target = io.StringIO()
    csv.writer(target).writerow([as_cell(row[name]) for name in COLUMNS])
    return target.getvalue()


def json_line(value: object) -> str:
    """Write a row as JSON, on one line."""
    return as_json(codec.to_json(value, indent=0))


def _decision(state: State | None) -> str | None:
    if state is None or state.digest is None:
        return None
    return UNVERIFIED if state.facts.decision is None else state.facts.decision.value
