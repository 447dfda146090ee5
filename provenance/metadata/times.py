"""Dates and times of EXIF, IPTC and XMP, as RFC 3339 text."""

from __future__ import annotations

import re
from datetime import datetime

from provenance.model.media import CaptureTime

_EXIF = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?")
_XMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9})\d*)?)?(Z|[+-]\d\d:\d\d)?", re.IGNORECASE
)
_OFFSET = re.compile(r"Z|[+-](?:0\d|1[0-5]):[0-5]\d")
_IPTC_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)")
_IPTC_TIME = re.compile(r"(\d\d)(\d\d)(\d\d)(?:([+-]\d\d)(\d\d))?")


def exif_time(text: str, *, fraction: str = "", offset: str = "") -> str | None:
    """Turn an EXIF date and time with its sub-seconds and offset into RFC 3339; None when it is no date.

    Sub-seconds and an offset that are not well-formed are left out. Source: Exif 3.0, DateTimeOriginal,
    OffsetTime.
    """
    match = _EXIF.fullmatch(text.strip())
    if match is None:
        return None
    digits = fraction.strip()
    parts = [*match.groups()[:6], digits if re.fullmatch(r"\d{1,9}", digits, re.ASCII) else match[7]]
    return _join(parts, offset.strip() if _OFFSET.fullmatch(offset.strip()) else "")


def iptc_time(date: str, time: str) -> str | None:
    """Turn IIM's `CCYYMMDD` and `HHMMSS±HHMM` into RFC 3339, or only the date when there is no time."""
    day = _IPTC_DATE.fullmatch(date)
    if day is None or _join([*day.groups(), "00", "00", "00", None], "") is None:
        return None
    clock = _IPTC_TIME.fullmatch(time)
    if clock is None:
        return "-".join(day.groups())
    offset = f"{clock[4]}:{clock[5]}" if clock[4] else ""
    return _join([*day.groups(), clock[1], clock[2], clock[3], None], offset) or "-".join(day.groups())


def capture_time(text: str) -> CaptureTime | None:
    """Turn an XMP date into a capture time; None when it has no time of day or is no date.

    Source: XMP part 1, 8.2.1.2 (Date).
    """
    match = _XMP.fullmatch(text.strip())
    if match is None:
        return None
    offset = (match[8] or "").upper()
    joined = _join([*match.groups()[:5], match[6] or "00", match[7]], offset)
    return None if joined is None else CaptureTime(text=joined, offset_known=bool(offset))


def _join(parts: list[str | None], offset: str) -> str | None:
    year, month, day, hour, minute, second, fraction = parts
    text = f"{year}-{month}-{day}T{hour}:{minute}:{second}"
    try:
        datetime.fromisoformat(text + offset.replace("Z", "+00:00"))
    except ValueError:
        return None
    return f"{text}.{fraction}{offset}" if fraction else text + offset
