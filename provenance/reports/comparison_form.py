"""Comparisons for programs: a versioned document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provenance import codec
from provenance.reports import to_history
from provenance.reports.escape import as_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.model.comparison import Comparison, Looked
    from provenance.model.pictures import PictureDifference

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedReport:
    """One manifest that both histories go back to."""

    one: str
    other: str
    title: str | None
    signer: str | None
    proved: bool
    """It bears the same signature in both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LikenessReport:
    """Two steps that may be the same file, although nothing that is signed says so."""

    one: str
    other: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceReport:
    """Something that the manifests of the two files state differently."""

    about: str
    field: str | None
    one: str | None
    other: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialsReport:
    """What their credentials say."""

    relation: str
    reason: str
    reliable: bool
    why_not: str | None
    unverified: tuple[str, ...]
    """Titles of the steps that state the relation, signed by somebody whose identity can't be verified."""
    made_from: str | None
    """`A` or `B`: the older one, where one is made from the other."""
    shared: tuple[SharedReport, ...]
    one_since: tuple[str, ...]
    """Ids of steps; `one` and `other` tell of them."""
    other_since: tuple[str, ...]
    possibly: tuple[LikenessReport, ...]
    differences: tuple[DifferenceReport, ...]
    one: to_history.HistoryReport | None
    other: to_history.HistoryReport | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionReport:
    """A part of the newer picture that differs, in its pixels."""

    left: int
    top: int
    width: int
    height: int
    strength: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignmentReport:
    """How the newer picture lies in the older one; lengths are pixels of the older one."""

    scale_x: float
    scale_y: float
    left: float
    top: float
    width: float
    height: float
    certainty: float
    cropped: bool
    mirrored: bool
    turned: int
    tilt: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ResemblanceReport:
    """How alike both are from afar as they then lie: correlations, 0..1."""

    whole: float
    mostly: float
    """But for what differs most, such as words and borders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedReport:
    """Two pictures that were looked at side by side."""

    newer: str
    older: str
    why_not: str | None
    size: tuple[int, int] | None
    older_size: tuple[int, int] | None
    alignment: AlignmentReport | None
    resemblance: ResemblanceReport | None
    changed: float | None
    """Share of the compared area."""
    regions: tuple[RegionReport, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonDocument:
    """What `provenance compare --json` says."""

    version: int
    generator: str
    files: tuple[str, ...]
    """A, and B where there is one."""
    credentials: CredentialsReport | None
    pictures: tuple[LookedReport, ...]


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a `ComparisonDocument`."""
    return codec.schema(ComparisonDocument)


def document(
    found: Comparison | None, pictures: Sequence[Looked], *, names: Sequence[str], generator: str
) -> ComparisonDocument:
    """Put a comparison into the form that programs read."""
    return ComparisonDocument(
        version=VERSION,
        generator=generator,
        files=tuple(names),
        credentials=None if found is None else _credentials(found),
        pictures=tuple(looked(item) for item in pictures),
    )


def text(written: ComparisonDocument) -> str:
    """Write it as JSON."""
    return as_json(codec.to_json(written)) + "\n"


def _credentials(found: Comparison) -> CredentialsReport:
    return CredentialsReport(
        relation=found.relation,
        reason=found.reason,
        reliable=found.is_reliable,
        why_not=found.why_not,
        unverified=found.unverified,
        made_from=found.made_from,
        shared=tuple(
            SharedReport(one=item.one, other=item.other, title=item.title, signer=item.signer, proved=item.is_proved)
            for item in found.shared
        ),
        one_since=tuple(item.id for item in found.one_since),
        other_since=tuple(item.id for item in found.other_since),
        possibly=tuple(LikenessReport(one=item.one, other=item.other, reason=item.reason) for item in found.possibly),
        differences=tuple(
            DifferenceReport(about=item.about, field=item.field, one=item.one, other=item.other)
            for item in found.differences
        ),
        one=None if found.one is None else to_history.report(found.one),
        other=None if found.other is None else to_history.report(found.other),
    )


def looked(item: Looked) -> LookedReport:
    """Put two pictures that were compared into the form that programs read."""
    found = item.difference
    return LookedReport(
        newer=item.newer,
        older=item.older,
        why_not=item.why_not,
        size=None if found is None else found.size,
        older_size=None if found is None else found.older_size,
        alignment=None if found is None else _alignment(found),
        resemblance=None if found is None else _resemblance(found),
        changed=None if found is None else found.changed,
        regions=() if found is None else _regions(found),
        notes=(*item.notes, *(() if found is None else found.notes)),
    )


def _alignment(found: PictureDifference) -> AlignmentReport | None:
    place = found.alignment
    if place is None:
        return None
    return AlignmentReport(
        scale_x=place.scale_x,
        scale_y=place.scale_y,
        left=place.left,
        top=place.top,
        width=place.width,
        height=place.height,
        certainty=place.certainty,
        cropped=place.cropped,
        mirrored=place.mirrored,
        turned=place.turned,
        tilt=place.tilt,
    )


def _resemblance(found: PictureDifference) -> ResemblanceReport | None:
    alike = found.resemblance
    return None if alike is None else ResemblanceReport(whole=alike.whole, mostly=alike.mostly)


def _regions(found: PictureDifference) -> tuple[RegionReport, ...]:
    return tuple(
        RegionReport(left=item.left, top=item.top, width=item.width, height=item.height, strength=item.strength)
        for item in found.regions
    )
