"""How many pixels a picture has, by its header alone: nothing is decoded."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from provenance.metadata.blocks import find_blocks
from provenance.metadata.png import SIGNATURE
from provenance.metadata.tiff import walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from provenance.metadata.tiff import Tiff

_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""Markers of JPEG that begin a frame (ITU-T T.81, table B.1)."""
_WIDTH, _HEIGHT = 0x0100, 0x0101
_SUBFILE, _ORIENTATION = 0x00FE, 0x0112
_SIDEWAYS = frozenset({5, 6, 7, 8})
"""Orientations of EXIF in which width and height change places (Exif 3.0, Orientation)."""


def dimensions(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a JPEG, PNG, GIF, WebP or TIFF as it is stored; None for all else."""
    readers: tuple[tuple[bool, Callable[[bytes], tuple[int, int] | None]], ...] = (
        (data.startswith(b"\xff\xd8\xff"), _jpeg),
        (data.startswith(SIGNATURE), lambda png: struct.unpack_from(">II", png, 16)),
        (data.startswith((b"GIF87a", b"GIF89a")), lambda gif: struct.unpack_from("<HH", gif, 6)),
        (data[:4] == b"RIFF" and data[8:12] == b"WEBP", _webp),
        (data[:2] in {b"II", b"MM"}, _tiff),
    )
    read = next((reader for fits, reader in readers if fits), None)
    try:
        found = read(data) if read else None
    except (struct.error, IndexError, ValueError):
        return None
    return found if found and all(found) else None


def shown(data: bytes, media_type: str) -> tuple[int, int] | None:
    """Return width and height as viewers show them, the EXIF's orientation applied; None as `dimensions` does.

    None also for a TIFF that begins with a smaller copy of its picture, as raw pictures do.
    """
    found = dimensions(data)
    if found is None:
        return None
    blocks = (item for item in find_blocks(data, media_type, inside=False) if item.primary and item.kind == "exif")
    block = next(blocks, None)
    try:
        exif = walk(block.bytes_of(data)) if block is not None else None
    except (struct.error, ValueError):
        exif = None
    if media_type == "image/tiff" and exif is not None and _number(exif, _SUBFILE) & 1:
        return None
    return found[::-1] if exif is not None and _number(exif, _ORIENTATION) in _SIDEWAYS else found


def _number(tiff: Tiff, tag: int) -> int:
    """Return a number of the main directory; 0 where there is none."""
    main = tiff.named("main")
    field = main.get(tag) if main else None
    numbers = tiff.numbers(field, 1) if field is not None else ()
    return int(numbers[0]) if numbers else 0


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        if data[at + 1] == 0xFF:  # a fill byte
            at += 1
            continue
        if data[at + 1] in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + max(struct.unpack_from(">H", data, at + 2)[0], 2)
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if len(data) < 30:  # slices beyond the end would count as zeros
        return None
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _tiff(data: bytes) -> tuple[int, int] | None:
    tiff = walk(data)
    main = tiff.named("main")
    fields = [main.get(tag) for tag in (_WIDTH, _HEIGHT)] if main else []
    sizes = [tiff.numbers(item, 1)[0] for item in fields if item is not None]
    return (int(sizes[0]), int(sizes[1])) if len(sizes) == 2 else None
