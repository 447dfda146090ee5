"""Tell a file's type from its content; the extension only helps between look-alikes."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from provenance.errors import UnsupportedMedia
from provenance.manifests.formats import BY_MEDIA_TYPE

if TYPE_CHECKING:
    from provenance.manifests.formats import Format

HEAD = 64 * 1024
"""Bytes from the beginning of a file that suffice to tell its type."""

_BRANDS = {
    b"avif": "image/avif", b"avis": "image/avif",
    b"heic": "image/heic", b"heix": "image/heic", b"heim": "image/heic", b"heis": "image/heic",
    b"hevc": "image/heic", b"hevx": "image/heic",
    b"mif1": "image/heif", b"msf1": "image/heif",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"M4P ": "audio/mp4",
}  # fmt: skip
_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl"),
    (b"fLaC", "audio/flac"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/avi"}
_KNOWN_UNSUPPORTED = (
    (b"\x1aE\xdf\xa3", "WebM or Matroska"),
    (b"OggS", "Ogg"),
    (b"8BPS", "Photoshop (PSD)"),
    (b"\x06\x0e+4", "MXF"),
    (b"BM", "BMP"),
    (b"\xff\x0a", "a bare JPEG XL codestream"),
    (b"wOFF", "a font"),
    (b"OTTO", "a font"),
)
_OFFICE = re.compile(rb"PK\x03\x04.{26}(word|xl|ppt)/", re.DOTALL)
_OFFICE_TYPES = {
    folder: f"application/vnd.openxmlformats-officedocument.{kind}"
    for folder, kind in (
        (b"word", "wordprocessingml.document"),
        (b"xl", "spreadsheetml.sheet"),
        (b"ppt", "presentationml.presentation"),
    )
}
_SVG = re.compile(rb"<(?:[\w.-]+:)?svg[\s>]")
_EXTENSION_DECIDES = {"arw": "image/x-sony-arw", "nef": "image/x-nikon-nef", "dng": "image/dng"}


def detect(head: bytes, name: str) -> Format:
    """Tell a file's format from its first bytes; the extension helps only between look-alikes.

    `head` are up to `HEAD` bytes. Raises `UnsupportedMedia` for everything that cannot carry credentials.
    """
    extension = PurePath(name).suffix.lower().lstrip(".")
    found = _sniff(head, extension)
    if found is None:
        raise _unsupported(head, name)
    return BY_MEDIA_TYPE[found]


def _sniff(head: bytes, extension: str) -> str | None:
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12])
    if head.startswith((b"II*\x00", b"MM\x00*")):
        return _EXTENSION_DECIDES.get(extension) or ("image/dng" if _is_dng(head) else "image/tiff")
    if head[4:8] == b"ftyp":
        return _brand(head)
    if head[4:8] in {b"moov", b"mdat", b"wide", b"pnot"}:
        return "video/quicktime"
    if head.startswith(b"PK\x03\x04"):
        return _zipped(head)
    return _loose(head)


def _loose(head: bytes) -> str | None:
    """Types without a magic number at the very beginning."""
    if head.startswith(b"ID3"):
        size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=False))
        return "audio/flac" if head[10 + size : 14 + size] == b"fLaC" else "audio/mpeg"
    # An MPEG audio frame: eleven sync bits, layer III, a bit rate that is not reserved.
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[2] & 0xF0 != 0xF0:
        return "audio/mpeg"
    if b"%PDF-" in head[:1024]:
        return "application/pdf"
    if _SVG.search(head) and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "image/svg+xml"
    return None


def _brand(head: bytes) -> str | None:
    size = min(int.from_bytes(head[:4], "big"), len(head))
    major = head[8:12]
    if major == b"crx ":
        return None
    brands = [major, *(head[at : at + 4] for at in range(16, size - 3, 4))]
    if major in {b"mif1", b"msf1"}:
        # The generic still-picture brand: the compatible ones say which codec it is.
        return next((_BRANDS[item] for item in brands[1:] if item in _BRANDS), "image/heif")
    return _BRANDS.get(major, "video/mp4")


def _is_dng(head: bytes) -> bool:
    """Look for the DNGVersion tag (50706) in the first directory (DNG 1.7, tags)."""
    order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
    at = int.from_bytes(head[4:8], order)
    count = int.from_bytes(head[at : at + 2], order)
    tags = (head[at + 2 + 12 * i : at + 4 + 12 * i] for i in range(min(count, 512)))
    return any(int.from_bytes(tag, order) == 50706 for tag in tags)


def _zipped(head: bytes) -> str | None:
    """Tell packages apart: they name their type in the first entry, or keep their parts in folders of their own."""
    if head[30:38] == b"mimetype":
        found = re.match(rb"[\w.+/-]+", head[38 + int.from_bytes(head[28:30], "little") : 140])
        declared = found.group().split(b"PK")[0].decode() if found else ""
        return declared if declared in BY_MEDIA_TYPE else None
    folder = _OFFICE.search(head) if b"[Content_Types].xml" in head else None
    return _OFFICE_TYPES[folder.group(1)] if folder else None


def _unsupported(head: bytes, name: str) -> UnsupportedMedia:
    hint = "`provenance formats` lists what can"
    for magic, label in _KNOWN_UNSUPPORTED:
        if head.startswith(magic):
            return UnsupportedMedia(f"{label} cannot carry Content Credentials here", path=name, hint=hint)
    if head[4:8] in {b"styp", b"moof", b"sidx"}:
        return UnsupportedMedia("is a fragment of a fragmented MP4, not a whole file", path=name, hint=hint)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%!PS"):
        return UnsupportedMedia("PostScript cannot carry Content Credentials here", path=name, hint=hint)
    if head[4:8] == b"jumb":
        return UnsupportedMedia(
            "is a manifest store, not a media file", path=name, hint="name the media file that it belongs to"
        )
    return UnsupportedMedia("is not a media file of a known type", path=name, hint=hint)
