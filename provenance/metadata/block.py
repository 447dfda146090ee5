"""A block of metadata: what it is and where in the file it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EXIF_HEADER = b"Exif\0\0"
XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"

Kind = Literal["exif", "iptc", "iptc-digest", "xmp", "place"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Bytes `start` to `end` of a file, or bytes unpacked from there.

    `exif` starts at its TIFF header, `iptc` at its first dataset, `iptc-digest` is the MD5 of the IPTC block
    that the XMP was made from, and `place` is a location in a form that is only ever recognised, never read.
    """

    kind: Kind
    start: int
    end: int
    primary: bool = True
    """Whether it speaks of the file itself, not of a picture inside of it."""
    packed: str | None = None
    """How it is stored when it is not simply there as plain bytes."""
    content: bytes | None = None
    """The unpacked bytes, when it is packed and could be unpacked."""
    chunk: int | None = None
    """Where the PNG chunk around it begins, whose checksum follows from the bytes."""

    def bytes_of(self, data: bytes) -> bytes:
        """Return the block's bytes.

        Raises `ValueError` when it is packed in a way that is not unpacked here.
        """
        if self.content is not None:
            return self.content
        if self.packed:
            raise ValueError(f"it is {self.packed}")
        return data[self.start : self.end]


def exif_block(data: bytes, start: int, end: int, *, primary: bool = True, chunk: int | None = None) -> Block:
    """Make a block of EXIF that may or may not begin with the `Exif` header of JPEG."""
    if data[start : min(start + 6, end)] == EXIF_HEADER:
        start += 6
    return Block(kind="exif", start=start, end=end, primary=primary, chunk=chunk)


def xmp_block(data: bytes, start: int, end: int, *, primary: bool = True, chunk: int | None = None) -> Block:
    """Make a block of XMP that may or may not begin with the header that JPEG gives it."""
    if data.startswith(XMP_HEADER, start, end):
        start += len(XMP_HEADER)
    return Block(kind="xmp", start=start, end=end, primary=primary, chunk=chunk)
