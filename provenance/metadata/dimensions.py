"""How many pixels a picture has, by its header alone: nothing is decoded."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from provenance.metadata.png import SIGNATURE
from provenance.metadata.tiff import walk

if TYPE_CHECKING:
    from collections.abc import Callable

_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""Markers of JPEG that begin a frame (ITU-T T.81, table B.1)."""
_WIDTH, _HEIGHT = 0x0100, 0x0101


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
