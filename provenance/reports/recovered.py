"""Recovered credentials in words, and in the form that programs read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model.recovery import MEASURED, Standing, Way
from provenance.reports.form import RecoveredReport, RecoveryReport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.pictures import PictureDifference
    from provenance.model.recovery import Candidate, Recovery

_BY_BYTES = {
    Way.SAME_FILE: "it is the very file that was signed",
    Way.STRIPPED: "it is the very file that was signed, without its manifest",
    Way.UNSIGNED: "it is the very file as it was before it was signed",
}
NOT_EMBEDDED = "Recovered, not embedded: these credentials are the original's, and no signature of this file."
_SMALL = 0.98
"""Scale from which on a picture is said to be as large as the original."""


def sentence(item: Candidate) -> str:
    """Say in one clause what a candidate is to the file."""
    if item.way in _BY_BYTES:
        return f"recovered: {_BY_BYTES[item.way]}"
    seen = item.looked.difference if item.looked else None
    if item.standing is not Standing.CONFIRMED or seen is None:
        return f"possibly the same picture: {_only(item)}"
    marked = "with the original's watermark, " if item.way is Way.WATERMARK else ""
    return f"recovered: very likely the same picture, {marked}{', '.join(_done(seen))}"


def _only(item: Candidate) -> str:
    if item.way is Way.WATERMARK:
        return "only the watermark is the same, which can be copied"
    return "only the fingerprints were compared" if item.likeness else "nothing could be compared"


def measured() -> str:
    """Say what a match by sight is worth, as far as that was measured."""
    return (
        f"of {MEASURED.copies} copies in the evaluation {MEASURED.confirmed} were matched like this, "
        f"and {MEASURED.mistaken} of {MEASURED.others} that showed something alike"
    )


def place(item: Candidate) -> str:
    """Say where a candidate is from."""
    if item.record is not None:
        return f"record {item.record.id}"
    return f"named by the resolver {item.named.resolver}" if item.named else ""


def _done(seen: PictureDifference) -> Iterator[str]:
    place = seen.alignment
    if place is None:
        return
    yield "stored anew"
    if place.cropped:
        yield "cropped"
    if place.mirrored:
        yield "mirrored"
    if place.turned or abs(place.tilt) >= 0.1:
        yield "turned"
    if place.scale < _SMALL or place.scale > 1 / _SMALL:
        yield f"scaled to {place.scale:.0%}"
    count = len(seen.regions)
    yield (
        "nothing else changed" if not count else "changed in one place" if count == 1 else f"changed in {count} places"
    )


def report(found: Recovery) -> RecoveryReport:
    """Put what was recovered beside the report of a file."""
    return RecoveryReport(
        found=tuple(
            RecoveredReport(
                record=item.record.id if item.record else None,
                resolver=item.named.resolver if item.named else None,
                manifest=item.label,
                way=item.way,
                standing=item.standing,
                sentence=sentence(item),
                title=item.title,
                signer=item.signer,
                decision=item.verdict.decision if item.verdict else None,
            )
            for item in found.found
        ),
        notes=found.notes,
    )
