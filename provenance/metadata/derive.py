"""What the entries say together: when, where, with what and by whom a picture was made.

Where EXIF, XMP and IPTC disagree, the order of the Metadata Working Group's guidance 2.0 is kept: what the
EXIF says of author, description, copyright and date goes before `dc:` and `photoshop:` properties.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from provenance.metadata.times import capture_time
from provenance.model.media import CaptureTime, Device, MetadataEntry, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    Entries = Mapping[str, MetadataEntry]

_COORDINATE = re.compile(r"(\d{1,3}),(\d{1,2}(?:\.\d+)?)(?:,(\d{1,2}(?:\.\d+)?))?([NSEW])", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d{1,3}(?:\.\d+)?", re.ASCII)
_RATIONAL = re.compile(r"(-?\d{1,10})(?:/(\d{1,10}))?", re.ASCII)
_MOMENTS = ("exif:DateTimeOriginal", "photoshop:DateCreated", "xmp:CreateDate")


def text(entries: Entries, *names: str) -> str | None:
    """Return the value of the first of these names that is there; items of a list are joined by commas."""
    for name in names:
        entry = entries.get(name)
        if entry is not None:
            return entry.value if isinstance(entry.value, str) else ", ".join(entry.value)
    return None


def exif_first(entries: Entries, exif_name: str, *names: str) -> str | None:
    """Return what the EXIF says, else the first of the other names, else XMP's copy of the EXIF name."""
    entry = entries.get(exif_name)
    if entry is not None and entry.source == "exif":
        return text(entries, exif_name)
    return text(entries, *names, exif_name)


def captured_at(entries: Entries) -> CaptureTime | None:
    """Return when the picture was taken.

    An offset that the first date lacks is taken from another date of XMP when both name the same second.
    """
    moments = [
        (entries[name].source, moment)
        for name in _MOMENTS
        if (moment := capture_time(text(entries, name) or "")) is not None
    ]
    if not moments:
        return None
    first = moments[0][1]
    if first.offset_known:
        return first
    for source, other in moments[1:]:
        if source == "xmp" and other.offset_known and other.text[:19] == first.text[:19]:
            offset = re.split(r"(?=[Z+-])", other.text[19:], maxsplit=1)[1]
            return CaptureTime(text=first.text + offset, offset_known=True)
    return first


def device(entries: Entries) -> Device | None:
    """Return what took the picture; None when nothing is known of it."""
    found = Device(
        make=text(entries, "tiff:Make"),
        model=text(entries, "tiff:Model"),
        lens=text(entries, "exifEX:LensModel", "aux:Lens"),
        software=text(entries, "tiff:Software", "xmp:CreatorTool"),
    )
    return None if found == Device() else found


def place(entries: Entries) -> Place | None:
    """Return where the picture was taken; None when nothing is known of it.

    Coordinates are in decimal degrees, rounded to seven places (about a centimetre), and come in pairs or not
    at all.
    """
    latitude = _coordinate(text(entries, "exif:GPSLatitude"), 90)
    longitude = _coordinate(text(entries, "exif:GPSLongitude"), 180)
    if latitude is None or longitude is None:
        latitude = longitude = None
    found = Place(
        latitude=latitude,
        longitude=longitude,
        altitude=_altitude(entries),
        sublocation=text(entries, "Iptc4xmpCore:Location"),
        city=text(entries, "photoshop:City"),
        region=text(entries, "photoshop:State"),
        country=text(entries, "photoshop:Country"),
    )
    return None if found == Place() else found


def creators(entries: Entries) -> tuple[str, ...]:
    """Return who made the picture; the EXIF's one text holds several names separated by semicolons."""
    artist = entries.get("tiff:Artist")
    made = entries.get("dc:creator")
    chosen = artist if artist is not None and (artist.source == "exif" or made is None) else made
    if chosen is None:
        return ()
    if isinstance(chosen.value, str):
        return tuple(name.strip().strip('"') for name in chosen.value.split(";") if name.strip())
    return chosen.value


def _coordinate(value: str | None, limit: int) -> float | None:
    match = _COORDINATE.fullmatch(value or "")
    if match:
        degrees = int(match[1]) + float(match[2]) / 60 + float(match[3] or 0) / 3600
        sign = -1 if match[4] in "SW" else 1
        fits = (match[4] in "NS") == (limit == 90)
    elif _DECIMAL.fullmatch(value or ""):
        degrees, sign, fits = float(value or 0), 1, True
    else:
        return None
    return sign * round(degrees, 7) if fits and abs(degrees) <= limit else None


def _altitude(entries: Entries) -> float | None:
    match = _RATIONAL.fullmatch(text(entries, "exif:GPSAltitude") or "")
    if match is None or (match[2] is not None and int(match[2]) == 0):
        return None
    metres = int(match[1]) / int(match[2] or 1)
    # Exif 3.0: 1 is below sea level, 3 below the ellipsoid
    below = text(entries, "exif:GPSAltitudeRef") in {"1", "3"}
    return round(-metres if below else metres, 3)
