"""Recovered credentials for programs: a versioned document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provenance import codec
from provenance.model.pictures import ALIKE
from provenance.model.recovery import CERTAIN, HALF_CERTAIN, MEASURED, MOSTLY_ALIKE
from provenance.reports import comparison_form, form, to_history, to_json
from provenance.reports.escape import as_json
from provenance.reports.recovered import sentence
from provenance.reports.result import Result

if TYPE_CHECKING:
    from provenance.model.recovery import Candidate, Likeness, Named, Recovery

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LikenessReport:
    """How like the fingerprints are."""

    method: str
    distance: int
    """Bits in which they differ."""
    bits: int
    variant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedReport:
    """What a resolver says of a manifest; the likeness is its word alone."""

    resolver: str
    endpoint: str | None
    """Address of another one, which the manifest came from."""
    score: int | None
    """From 0 to 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateReport:
    """Credentials that may be those that the file once had."""

    record: str | None
    """Its id in the catalogue."""
    named: NamedReport | None
    """By whom, where it is of no record."""
    manifest: str
    """Label of the manifest."""
    way: str
    standing: str
    """`identical`, `confirmed` or `open`."""
    sentence: str
    title: str | None
    signer: str | None
    written_to: str | None
    likeness: LikenessReport | None
    looked: comparison_form.LookedReport | None
    original: form.FileReport | None
    """The verdict on the original, or on its manifest alone where the original is not at hand."""
    history: to_history.HistoryReport | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationReport:
    """What `confirmed` is worth: how often it was right where that was measured."""

    certainty: float
    """Of the alignment, from which on a match is `confirmed`."""
    alike: float
    """How alike both are from afar, from which on it is, too."""
    half_certain: float
    """And so is what is aligned with this certainty and, but for words and borders, `mostly_alike`."""
    mostly_alike: float
    copies: int
    """Changed copies that were compared with their own picture."""
    confirmed: int
    others: int
    """Comparisons with another picture that was a candidate."""
    mistaken: int
    """Of these, confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryDocument:
    """What `provenance recover --json` says. Nothing in it is a signature of the file."""

    version: int
    generator: str
    file: str
    sha256: str | None
    embedded: bool
    """Always false: whatever is told here was recovered."""
    found: tuple[CandidateReport, ...]
    contradicted: int
    evaluation: EvaluationReport
    notes: tuple[str, ...]


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a `RecoveryDocument`."""
    return codec.schema(RecoveryDocument)


def document(found: Recovery, *, generator: str) -> RecoveryDocument:
    """Put a recovery into the form that programs read."""
    return RecoveryDocument(
        version=VERSION,
        generator=generator,
        file=found.media.name,
        sha256=found.media.digest.value if found.media.digest else None,
        embedded=False,
        found=tuple(_candidate(item) for item in found.found),
        contradicted=found.contradicted,
        evaluation=EvaluationReport(
            certainty=CERTAIN,
            alike=ALIKE,
            half_certain=HALF_CERTAIN,
            mostly_alike=MOSTLY_ALIKE,
            copies=MEASURED.copies,
            confirmed=MEASURED.confirmed,
            others=MEASURED.others,
            mistaken=MEASURED.mistaken,
        ),
        notes=found.notes,
    )


def text(written: RecoveryDocument) -> str:
    """Write it as JSON."""
    return as_json(codec.to_json(written)) + "\n"


def _candidate(item: Candidate) -> CandidateReport:
    verdict, record = item.verdict, item.record
    return CandidateReport(
        record=record.id if record else None,
        named=None if item.named is None else _named(item.named),
        manifest=item.label,
        way=item.way,
        standing=item.standing,
        sentence=sentence(item),
        title=item.title,
        signer=item.signer,
        written_to=record.written_to if record else None,
        likeness=None if item.likeness is None else _likeness(item.likeness),
        looked=None if item.looked is None else comparison_form.looked(item.looked),
        original=None
        if verdict is None
        else to_json.of_result(Result(name=verdict.inspection.media.name, verdict=verdict)),
        history=None if item.history is None else to_history.report(item.history),
    )


def _likeness(found: Likeness) -> LikenessReport:
    return LikenessReport(method=found.method, distance=found.distance, bits=found.bits, variant=found.variant)


def _named(found: Named) -> NamedReport:
    return NamedReport(resolver=found.resolver, endpoint=found.match.endpoint, score=found.match.score)
