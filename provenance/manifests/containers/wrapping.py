"""Put a manifest store into files that wrap it up: JPEG, PNG, GIF, JPEG XL (C2PA 2.4, embedding manifests)."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from provenance.errors import ManifestError
from provenance.manifests.containers.jumbf import HEADER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.manifests.containers.placement import Place

_SEGMENT = 64000
"""Bytes of a store in one JPEG segment, as the engine cuts it; so do others that build on it."""
_SEGMENT_LIMIT = 0xFFFF - 18
"""Bytes of a store that fit beside the length, the JUMBF fields and the repeated box header."""
_FIRST, _NEXT = 12, 20
"""Bytes that the first and any further segment take besides the store."""
_GIF_BLOCK = b"\x21\xff\x0bC2PA_GIF\x01\x00\x00"


def jpeg(data: bytes, store: bytes, place: Place) -> bytes:
    """Insert APP11 segments (ISO/IEC 19566-5, annex on JPEG), by default behind the first marker."""
    step = _SEGMENT
    if place.length:
        # Another writer may cut elsewhere; the room tells into how many pieces.
        count = max(place.length - len(store) - _FIRST, 0) // _NEXT + 1
        even = -(-len(store) // count)
        if count != -(-len(store) // step) and even <= _SEGMENT_LIMIT:
            step = even
    return _inserted(data, b"".join(_segments(store, step)), place, default=2)


def _segments(store: bytes, step: int) -> Iterator[bytes]:
    for number, at in enumerate(range(0, len(store), step), start=1):
        piece = store[at : at + step] if at == 0 else store[:HEADER] + store[at : at + step]
        length = len(piece) + 10
        yield b"\xff\xeb" + length.to_bytes(2, "big") + b"JP\x02\x11" + number.to_bytes(4, "big") + piece


def png(data: bytes, store: bytes, place: Place) -> bytes:
    """Insert a `caBX` chunk, by default behind `IHDR`."""
    body = b"caBX" + store
    chunk = len(store).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return _inserted(data, chunk, place, default=33)


def gif(data: bytes, store: bytes, place: Place) -> bytes:
    """Insert an application extension, by default behind the global colour table (GIF89a, section 26)."""
    colours = 3 << ((data[10] & 7) + 1) if data[10] & 0x80 else 0
    pieces = (store[at : at + 255] for at in range(0, len(store), 255))
    block = _GIF_BLOCK + b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\x00"
    return _inserted(data, block, place, default=13 + colours)


def jxl(data: bytes, store: bytes, place: Place) -> bytes:
    """Insert the store as a box of its own, by default behind the signature and the file type box."""
    return _inserted(data, store, place, default=32)


def _inserted(data: bytes, block: bytes, place: Place, *, default: int) -> bytes:
    at = default if place.start is None else place.start
    if at > len(data):
        raise ManifestError("the manifest belongs to a place that the file does not have")
    return data[:at] + block + data[at:]
