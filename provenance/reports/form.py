"""The form of reports for programs: a versioned document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from provenance import codec
from provenance.reports.to_history import HistoryReport  # noqa: TC001 -- the codec looks the types of fields up

VERSION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetReport:
    """One facet of a verdict."""

    state: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingReport:
    """What one rule of the policy says."""

    rule: str
    outcome: str
    """`passed`, `failed`, or `undecided` when a fact is missing."""
    severity: str
    """What this outcome weighs: `fail`, `review` or `info`."""
    decision: str
    """What the file gets if no other rule is more severe."""
    message: str
    subject: str | None
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyReport:
    """The policy that judged."""

    name: str
    version: str
    purpose: str
    digest: str
    """SHA-256 of its file."""


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
    as_of: str | None
    """The date as of which it holds, by its publisher."""
    obtained: str | None
    """When its source last gave it."""
    skipped: int
    """Entries of its source that do not count: broken, expired or withdrawn."""
    sequence: int | None
    next_update: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationReport:
    """What an authority says of the signer's certificate."""

    state: str
    reason: str
    source: str
    this_update: str | None
    next_update: str | None
    revoked_at: str | None
    revocation_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveredReport:
    """Credentials that are not in the file, and may be those that it once had."""

    record: str | None
    """Id in the catalogue."""
    resolver: str | None
    """Address of the one that has named it, where it is of no record."""
    manifest: str
    """Label of the manifest."""
    way: str
    standing: str
    sentence: str
    title: str | None
    signer: str | None
    decision: str | None
    """On the original, never on this file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryReport:
    """What was looked for since the file has no credentials."""

    found: tuple[RecoveredReport, ...]
    notes: tuple[str, ...]


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
    """The time of looking."""
    as_of: str | None = None
    """Another day as of which the verdict holds, derived from dates."""
    carrier: str | None = None
    found_in: str | None = None
    facets: dict[str, FacetReport] | None = None
    findings: tuple[FindingReport, ...] = ()
    history: HistoryReport | None = None
    statuses: tuple[StatusReport, ...] = ()
    reported_state: str | None = None
    revocation: RevocationReport | None = None
    policy: PolicyReport | None = None
    trust: tuple[TrustListReport, ...] = ()
    recovered: RecoveryReport | None = None
    """Not embedded, and no part of the verdict; only where it was asked for, and the file has no credentials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonReport:
    """Why some files were not accepted; every file counts once, by the first rule that decides."""

    decision: str | None
    """`null`: they could not be looked at."""
    rule: str | None
    message: str | None
    """`null` for the rest, when there are too many different ones."""
    files: int
    examples: tuple[str, ...]
    """The first few of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagCountReport:
    """In how many files a kind of red flag was found."""

    kind: str
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryReport:
    """What became of all files."""

    files: int
    accepted: int
    review: int
    rejected: int
    not_looked_at: int
    reasons: tuple[ReasonReport, ...]
    """The worst first, then the most frequent."""
    flags: tuple[FlagCountReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Everything that one run of `provenance verify` says."""

    version: int
    generator: str
    decision: str | None
    """The worst of all files; `null` when none could be judged."""
    files: tuple[FileReport, ...]
    """In the order in which they were named."""
    summary: SummaryReport


@dataclass(frozen=True, slots=True, kw_only=True)
class LastLine:
    """What follows the files in JSON lines, each of which is a `FileReport`: only this line has a `summary`."""

    version: int
    generator: str
    decision: str | None
    summary: SummaryReport


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedReport:
    """What one run of `provenance sign` made of a file."""

    source: str
    fate: str = "done"
    """`done`, `planned` (a dry run), `skipped` (done before, and still true) or `failed`."""
    output: str | None = None
    sidecar: str | None = None
    carrier: str | None = None
    media_type: str | None = None
    manifest: str | None = None
    signer: str | None = None
    time: str | None = None
    """By a time-stamp."""
    notes: tuple[str, ...] = ()
    """What must not be overlooked although it was signed."""
    sha256: str | None = None
    """Of the source, where several files were signed."""
    reason: str | None = None
    """Why it was skipped."""
    error: str | None = None
    """Why it failed."""


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a `Document`.

    JSON lines follow its definitions: `FileReport` for each file, `LastLine` for the end.
    """
    found = codec.schema(Document)
    found["$defs"] |= codec.schema(LastLine)["$defs"]
    return found
