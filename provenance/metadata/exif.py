"""Read EXIF, under the XMP names that the Exif and XMP standards give its fields.

Source: Exif 3.0 (CIPA DC-008), XMP part 2 and "Exif metadata for XMP" (CIPA DC-010). Numbers are written as
in XMP: rationals as `1/250`, coordinates as `48,12.345N`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from provenance.metadata.text import MAX_CHARACTERS, decode, tidy
from provenance.metadata.times import exif_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.metadata.tiff import Directory, Field, Tiff

Properties = dict[str, str | tuple[str, ...]]

_MAIN = {
    0x010E: "tiff:ImageDescription",
    0x010F: "tiff:Make",
    0x0110: "tiff:Model",
    0x0112: "tiff:Orientation",
    0x0131: "tiff:Software",
    0x013B: "tiff:Artist",
    0x8298: "tiff:Copyright",
}
_EXIF = {
    0x829A: "exif:ExposureTime",
    0x829D: "exif:FNumber",
    0x8822: "exif:ExposureProgram",
    0x8827: "exif:ISOSpeedRatings",
    0x9000: "exif:ExifVersion",
    0x9201: "exif:ShutterSpeedValue",
    0x9202: "exif:ApertureValue",
    0x9203: "exif:BrightnessValue",
    0x9204: "exif:ExposureBiasValue",
    0x9205: "exif:MaxApertureValue",
    0x9206: "exif:SubjectDistance",
    0x9207: "exif:MeteringMode",
    0x9208: "exif:LightSource",
    0x920A: "exif:FocalLength",
    0x9286: "exif:UserComment",
    0xA001: "exif:ColorSpace",
    0xA002: "exif:PixelXDimension",
    0xA003: "exif:PixelYDimension",
    0xA215: "exif:ExposureIndex",
    0xA217: "exif:SensingMethod",
    0xA401: "exif:CustomRendered",
    0xA402: "exif:ExposureMode",
    0xA403: "exif:WhiteBalance",
    0xA404: "exif:DigitalZoomRatio",
    0xA405: "exif:FocalLengthIn35mmFilm",
    0xA406: "exif:SceneCaptureType",
    0xA420: "exif:ImageUniqueID",
    0xA430: "exifEX:CameraOwnerName",
    0xA431: "exifEX:BodySerialNumber",
    0xA432: "exifEX:LensSpecification",
    0xA433: "exifEX:LensMake",
    0xA434: "exifEX:LensModel",
    0xA435: "exifEX:LensSerialNumber",
    0xA436: "exifEX:ImageTitle",
    0xA437: "exifEX:Photographer",
    0xA438: "exifEX:ImageEditor",
    0xA439: "exifEX:CameraFirmware",
    0xA43A: "exifEX:RAWDevelopingSoftware",
    0xA43B: "exifEX:ImageEditingSoftware",
    0xA43C: "exifEX:MetadataEditingSoftware",
    0xA460: "exifEX:CompositeImage",
}
GPS_NAMES = {
    0x0005: "exif:GPSAltitudeRef",
    0x0006: "exif:GPSAltitude",
    0x000C: "exif:GPSSpeedRef",
    0x000D: "exif:GPSSpeed",
    0x0010: "exif:GPSImgDirectionRef",
    0x0011: "exif:GPSImgDirection",
    0x0012: "exif:GPSMapDatum",
    0x001B: "exif:GPSProcessingMethod",
    0x001C: "exif:GPSAreaInformation",
    0x001F: "exif:GPSHPositioningError",
}
# name: (date and time, sub-seconds, offset), the first in its own directory, the others in the Exif directory
_TIMES = {
    "exif:DateTimeOriginal": (0x9003, 0x9291, 0x9011),
    "xmp:CreateDate": (0x9004, 0x9292, 0x9012),
    "xmp:ModifyDate": (0x0132, 0x9290, 0x9010),
}
_DATE_TIME, _OFFSET_TIME = 0x0132, 0x9010
# Windows' own fields: what they say stands behind everything else
_WINDOWS = {
    0x9C9B: "dc:title",
    0x9C9C: "exif:UserComment",
    0x9C9D: "dc:creator",
    0x9C9E: "dc:subject",
    0x9C9F: "dc:description",
}
_WINDOWS_LISTS = {0x9C9D, 0x9C9E}
NAMES = _WINDOWS | _EXIF | _MAIN
"""What tags outside of the GPS directory are called; dates are put together of several (`_TIMES`)."""
_CHARSETS = {b"ASCII\0\0\0": "", b"\0" * 8: "", b"UNICODE\0": "utf-16", b"JIS\0\0\0\0\0": "iso2022_jp"}
_MARKED = {0x9286, 0x001B, 0x001C}
_COPYRIGHT = 0x8298


def read_exif(tiff: Tiff) -> tuple[Properties, Properties]:
    """Return the properties of an EXIF structure, and apart from them those of Windows' own fields.

    Texts are UTF-8 when they are valid UTF-8, else Latin-1. Values with a zero denominator are left out.
    Raises `ValueError` with the rest of a sentence that begins "The EXIF block could not be read:".
    """
    main, exif, gps = tiff.named("main"), tiff.named("exif"), tiff.named("gps")
    if main is None:
        raise ValueError("its first directory lies outside of it")
    properties: Properties = {}
    for directory, names in ((main, _MAIN), (exif, _EXIF), (gps, GPS_NAMES)):
        if directory is not None:
            properties.update(_named(tiff, directory, names))
    properties.update(_times(tiff, main, exif))
    if gps is not None:
        properties.update(_position(tiff, gps))
    return properties, dict(_windows(tiff, main))


def _named(tiff: Tiff, directory: Directory, names: dict[int, str]) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    for field in directory.fields:
        name = names.get(field.tag)
        value = _value(tiff, field) if name else ""
        if name and value:
            yield name, value


def _value(tiff: Tiff, field: Field) -> str | tuple[str, ...]:
    if field.tag in _MARKED:
        return _marked(tiff, field)
    if field.kind in {2, 7, 129}:
        return _text(tiff, field)
    pairs = tiff.rationals(field)
    if pairs:
        texts = [f"{top}/{bottom}" for top, bottom in pairs if bottom]
        if len(texts) < len(pairs):
            return ""
    else:
        texts = [f"{number:g}" if isinstance(number, float) else str(number) for number in tiff.numbers(field, 16)]
    return texts[0] if len(texts) == 1 else tuple(texts)


def _text(tiff: Tiff, field: Field | None) -> str:
    if field is None or field.kind not in {1, 2, 7, 129}:
        return ""
    raw = tiff.raw(field, 4 * MAX_CHARACTERS + 4)
    if field.tag == _COPYRIGHT:
        # photographer, NUL, editor
        return "; ".join(text for text in (tidy(decode(part)) for part in raw.split(b"\0")[:2]) if text)
    return tidy(decode(raw.split(b"\0", 1)[0]))


def _marked(tiff: Tiff, field: Field) -> str:
    """Return a text that begins with the eight bytes of its character code."""
    raw = tiff.raw(field, 4 * MAX_CHARACTERS + 12)
    charset = _CHARSETS.get(raw[:8])
    if charset is None:
        return _text(tiff, field)
    if charset == "utf-16":
        return tidy(_utf16(raw[8:], tiff.order).split("\0", 1)[0])
    if charset:
        return tidy(raw[8:].decode(charset, errors="replace"))
    return tidy(decode(raw[8:].rstrip(b"\0 ")))


def _utf16(raw: bytes, order: str) -> str:
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return raw.decode("utf-16", errors="replace")
    # writers disagree on the byte order of text without a mark: the one with more zero high bytes is right
    little, big = raw[1::2].count(0), raw[0::2].count(0)
    guess = order if little == big else "<" if little > big else ">"
    return raw.decode("utf-16-le" if guess == "<" else "utf-16-be", errors="replace")


def _windows(tiff: Tiff, main: Directory) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    for field in main.fields:
        if field.tag in _WINDOWS:
            raw = tiff.raw(field, 2 * MAX_CHARACTERS + 4)
            text = tidy(raw.decode("utf-16-le", errors="replace").split("\0", 1)[0])
            parts = tuple(part.strip() for part in text.split(";") if part.strip())
            if parts:
                yield _WINDOWS[field.tag], parts if field.tag in _WINDOWS_LISTS else text


def _times(tiff: Tiff, main: Directory, exif: Directory | None) -> Iterator[tuple[str, str]]:
    for name, (moment, fraction, offset) in _TIMES.items():
        text = _text(tiff, (exif and exif.get(moment)) or main.get(moment))
        if not text:
            continue
        extra = exif or main
        stated = _text(tiff, extra.get(offset)).strip(" :")
        if not stated and text == _text(tiff, main.get(_DATE_TIME)):
            # OffsetTime speaks of DateTime, which editors change: it fits while both name the same second
            stated = _text(tiff, extra.get(_OFFSET_TIME))
        value = exif_time(text, fraction=_text(tiff, extra.get(fraction)), offset=stated)
        if value:
            yield name, value


def _position(tiff: Tiff, gps: Directory) -> Iterator[tuple[str, str]]:
    for name, reference, value, letters in (
        ("exif:GPSLatitude", 1, 2, "NS"),
        ("exif:GPSLongitude", 3, 4, "EW"),
        ("exif:GPSDestLatitude", 19, 20, "NS"),
        ("exif:GPSDestLongitude", 21, 22, "EW"),
    ):
        letter = _text(tiff, gps.get(reference)).upper()
        degrees = _degrees(tiff, gps.get(value))
        if letter and letter in letters and degrees is not None:
            whole, rest = divmod(round(degrees * 60 * 10**8), 60 * 10**8)
            yield name, f"{whole},{rest / 10**8:.8f}{letter}"
    day, clock = gps.get(29), gps.get(7)
    hours = tiff.rationals(clock) if clock else ()
    if day and len(hours) == 3 and all(bottom for _, bottom in hours):
        hour, minute, second = (top // bottom for top, bottom in hours)
        moment = exif_time(f"{_text(tiff, day)} {hour:02}:{minute:02}:{second:02}", offset="Z")
        if moment:
            yield "exif:GPSTimeStamp", moment


def _degrees(tiff: Tiff, field: Field | None) -> Fraction | None:
    pairs = tiff.rationals(field)[:3] if field else ()
    if not pairs or any(bottom == 0 for _, bottom in pairs):
        return None
    return sum((Fraction(top, bottom) / 60**power for power, (top, bottom) in enumerate(pairs)), Fraction(0))
