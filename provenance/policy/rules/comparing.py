"""Compare what a file says of itself now with what was signed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from provenance.model.policy import Outcome
from provenance.policy.registry import failed, passed, undecided
from provenance.policy.rules.naming import listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provenance.model.media import Metadata, MetadataEntry, Place
    from provenance.model.policy import Answer

_NEAR = 1e-4
"""Degrees; about ten metres."""
_COORDINATES = ("exif:GPSLatitude", "exif:GPSLongitude")


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Properties that say the same thing under several names."""

    what: str
    names: tuple[str, ...]
    dates: bool = False


def compare(family: Family, now: Metadata, then: Metadata) -> Answer:
    """Compare every property of a family that was signed with the one of that name now, or with any of the family."""
    here, signed = _of(family, now), _of(family, then)
    evidence = tuple(signed)
    if not signed:
        if not here:
            return passed(f"there is no {family.what}, and none was signed")
        return undecided(f"the file has the {family.what} {_shown(next(iter(here.values())))}, and none was signed")
    for name, value in signed.items():
        others = [here[name]] if name in here else list(here.values())
        if not others:
            return failed(f"the {family.what} {_shown(value)} was signed, and the file has none", evidence=evidence)
        if not any(_same(value, other, family) for other in others):
            message = f"the {family.what} is {_shown(others[0])}, and {_shown(value)} was signed"
            return failed(message, evidence=evidence)
    more = [value for value in here.values() if not any(_same(value, other, family) for other in signed.values())]
    if more:
        return undecided(f"the file also has the {family.what} {_shown(more[0])}, which was not signed")
    return passed(f"the {family.what} is the one that was signed", evidence=evidence)


def compare_places(families: Iterable[Family], now: Metadata, then: Metadata) -> Answer:
    """Compare coordinates and names of places: what differs speaks first, then what cannot be told."""
    found = [_compare_coordinates(now.place, then.place), *(compare(item, now, then) for item in families)]
    for outcome in (Outcome.FAILED, Outcome.UNDECIDED):
        worst = next((item for item in found if item.outcome is outcome), None)
        if worst is not None:
            return worst
    evidence = tuple(part for item in found for part in item.evidence)
    return passed("the place is the one that was signed" if evidence else "no place was signed", evidence=evidence)


def _compare_coordinates(now: Place | None, then: Place | None) -> Answer:
    here, signed = _point(now), _point(then)
    if signed is None:
        if here is None:
            return passed("there are no coordinates, and none were signed")
        return undecided(f"the file has the coordinates {_degrees(here)}, and none were signed")
    if here is None:
        return failed(f"the coordinates {_degrees(signed)} were signed, and the file has none", evidence=_COORDINATES)
    apart = abs(here[1] - signed[1])
    # At the date line, 180° west is 180° east.
    if abs(here[0] - signed[0]) <= _NEAR and min(apart, 360 - apart) <= _NEAR:
        return passed("the coordinates are those that were signed", evidence=_COORDINATES)
    return failed(f"the coordinates are {_degrees(here)}, and {_degrees(signed)} were signed", evidence=_COORDINATES)


def _of(family: Family, metadata: Metadata) -> dict[str, MetadataEntry]:
    return {item.name: item for item in metadata.entries if item.name in family.names and _texts(item)}


def _texts(entry: MetadataEntry) -> tuple[str, ...]:
    """Return the words of an entry in one form: the EXIF's one text holds several names, separated by semicolons."""
    values = (entry.value,) if isinstance(entry.value, str) else entry.value
    if entry.name in {"tiff:Artist", "dc:creator"}:
        values = tuple(part.strip().strip('"') for value in values for part in value.split(";"))
    plain = (" ".join(unicodedata.normalize("NFC", value).split()) for value in values)
    return tuple(sorted(value for value in plain if value))


def _same(one: MetadataEntry, other: MetadataEntry, family: Family) -> bool:
    if family.dates:
        return _same_time(" ".join(_texts(one)), " ".join(_texts(other)))
    return _texts(one) == _texts(other)


def _same_time(one: str, other: str) -> bool:
    """Compare as exactly as both say it: a day, a second, a moment with its zone."""
    first, second = _moment(one), _moment(other)
    if first is None or second is None:
        return one == other
    if min(len(one), len(other)) <= len("2026-03-01"):
        return first.date() == second.date()
    if first.tzinfo is None or second.tzinfo is None:
        first, second = first.replace(tzinfo=None), second.replace(tzinfo=None)
    if "." not in one or "." not in other:
        first, second = first.replace(microsecond=0), second.replace(microsecond=0)
    return first == second


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _point(place: Place | None) -> tuple[float, float] | None:
    if place is None or place.latitude is None or place.longitude is None:
        return None
    return place.latitude, place.longitude


def _degrees(point: tuple[float, float]) -> str:
    return f"{point[0]:.4f}, {point[1]:.4f}"


def _shown(entry: MetadataEntry) -> str:
    return quoted(entry.value if isinstance(entry.value, str) else listed(entry.value))
