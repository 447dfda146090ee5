"""Photoshop image resources, the envelope of IPTC in JPEG, TIFF and PSD.

Source: Adobe Photoshop File Formats Specification, "Image Resource Blocks".
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from provenance.metadata.block import Block, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

_KINDS: dict[int, Kind] = {0x0404: "iptc", 0x0422: "exif", 0x0424: "xmp", 0x0425: "iptc-digest"}
_MAX_RESOURCES = 5000


def find(data: bytes, start: int, end: int) -> Iterator[Block]:
    """Yield the IPTC, EXIF, XMP and digest resources of `data[start:end]`."""
    for _ in range(_MAX_RESOURCES):
        if start + 12 > end or data[start : start + 2] == b"\0\0":
            return
        (number,) = struct.unpack_from(">H", data, start + 4)
        name = 1 + data[start + 6]
        at = start + 6 + name + name % 2
        if at + 4 > end:
            return
        (size,) = struct.unpack_from(">I", data, at)
        body = at + 4
        stop = body + size
        if stop > end:
            return
        if number in _KINDS and data[start : start + 4] == b"8BIM":
            yield Block(kind=_KINDS[number], start=body, end=stop)
        start = stop + size % 2


def find_in_psd(data: bytes) -> Iterator[Block]:
    """Yield the metadata resources of a Photoshop document (PSD or PSB)."""
    at = 26
    for section in ("colours", "resources"):
        if at + 4 > len(data):
            return
        (size,) = struct.unpack_from(">I", data, at)
        end = at + 4 + size
        if section == "resources":
            yield from find(data, at + 4, min(end, len(data)))
        at = end
