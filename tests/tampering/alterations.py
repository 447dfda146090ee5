"""Ways to alter a signed file, and the box-level tools that they need."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import piexif
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEDIA = {
    "jpeg": b"\xff\xda", "png": b"IDAT", "webp": b"VP8 ", "pdf": b"stream", "wav": b"data", "avi": b"movi",
    "svg": b'fill="#', "gif": b"NETSCAPE",
}  # fmt: skip
"""What stands just before the media data, for the formats without boxes."""


def media_offset(kind: str, original: bytes, signed: bytes) -> int:
    """Find a place inside the media data of a signed file: not in its manifest, not in its structure."""
    at = _offset_in(kind, original)
    piece = original[at - 8 : at + 8]
    found = signed.rindex(piece) + 8 if kind == "svg" else signed.index(piece) + 8
    assert signed[found] == original[at]
    return found


def _offset_in(kind: str, original: bytes) -> int:
    if original[4:8] == b"ftyp":
        start, size = next((at, size) for at, size, name in boxes(original) if name == b"mdat")
        return start + size // 2
    if kind == "svg":
        return original.index(_MEDIA[kind]) + 9
    if kind in _MEDIA:
        return original.index(_MEDIA[kind]) + 60
    return len(original) // 2


def flip(data: bytes, at: int, bits: int = 0x01) -> bytes:
    """Change a byte."""
    return data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :]


def replaced(data: bytes, old: bytes, new: bytes) -> bytes:
    """Put something of the same length in the place of something that is there just once."""
    assert data.count(old) == 1
    assert len(old) == len(new)
    return data.replace(old, new)


def saved_again(data: bytes) -> bytes:
    """Do what an editor does that knows nothing of Content Credentials."""
    target = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        image.save(target, image.format)
    return target.getvalue()


def with_author(data: bytes) -> bytes:
    """Write an author into the EXIF of a JPEG, as a metadata editor does."""
    target = io.BytesIO()
    piexif.insert(piexif.dump({"0th": {piexif.ImageIFD.Artist: b"somebody else"}}), data, target)
    return target.getvalue()


def boxes(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Walk over the outermost boxes of an ISO file: start, size, name."""
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big") or len(data) - at
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        yield at, size, data[at + 4 : at + 8]
        at += size


def segments(data: bytes) -> Iterator[bytes]:
    """Walk over the segments of a JPEG before its picture data."""
    at = 2
    while data[at + 1] != 0xDA:
        size = 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield data[at : at + size]
        at += size


def jpeg_store(data: bytes, *, number: int | None = None) -> bytes:
    """Return the segments that hold a JPEG's manifest store, numbered anew when asked for."""
    found = [item for item in segments(data) if item[1] == 0xEB]
    if number is not None:
        found = [item[:6] + number.to_bytes(2, "big") + item[8:] for item in found]
    return b"".join(found)


def without_jpeg_store(data: bytes) -> bytes:
    """Return a JPEG without its manifest store."""
    for item in [item for item in segments(data) if item[1] == 0xEB]:
        data = data.replace(item, b"")
    return data


def transplanted(donor: bytes, recipient: bytes) -> bytes:
    """Put the manifest store of one JPEG in the place of another's."""
    return recipient.replace(jpeg_store(recipient), jpeg_store(donor))


def two_stores(kind: str, data: bytes, other: bytes) -> bytes:
    """Give a file the manifest store of another of its kind too."""
    return _TWO[kind](data, other)


def _two_jpeg(data: bytes, other: bytes) -> bytes:
    return data[:2] + jpeg_store(other, number=7) + data[2:]


def _two_png(data: bytes, other: bytes) -> bytes:
    at = other.index(b"caBX") - 4
    chunk = other[at : at + 12 + int.from_bytes(other[at : at + 4], "big")]
    return data[:33] + chunk + data[33:]


def _two_riff(data: bytes, other: bytes) -> bytes:
    at = other.index(b"C2PA")
    size = int.from_bytes(other[at + 4 : at + 8], "little")
    chunk = other[at : at + 8 + size + (size & 1)]
    return data[:4] + (int.from_bytes(data[4:8], "little") + len(chunk)).to_bytes(4, "little") + data[8:] + chunk


def _two_bmff(data: bytes, other: bytes) -> bytes:
    at, size = next((at, size) for at, size, name in boxes(other) if name == b"uuid")
    return data + other[at : at + size]


def _two_gif(data: bytes, other: bytes) -> bytes:
    start = other.index(b"\x21\xff\x0bC2PA_GIF")
    end = start + 14
    while other[end]:
        end += 1 + other[end]
    at = data.index(b"\x21\xff\x0bC2PA_GIF")
    return data[:at] + other[start : end + 1] + data[at:]


def _two_svg(data: bytes, other: bytes) -> bytes:
    start, end = other.index(b"<c2pa:manifest"), other.index(b"</c2pa:manifest>") + 16
    at = data.index(b"<c2pa:manifest")
    return data[:at] + other[start:end] + data[at:]


_TWO = {
    "jpeg": _two_jpeg, "png": _two_png, "wav": _two_riff, "webp": _two_riff, "avi": _two_riff, "mp4": _two_bmff,
    "mov": _two_bmff, "m4a": _two_bmff, "avif": _two_bmff, "gif": _two_gif, "svg": _two_svg,
}  # fmt: skip
HOLD_TWO = tuple(_TWO)
