"""Metadata in files made of ISO boxes: HEIF, AVIF, JPEG XL, JPEG 2000, MP4, QuickTime.

Sources: ISO/IEC 14496-12 (boxes, `iinf`, `iloc`), ISO/IEC 23008-12 annex A (Exif items), ISO/IEC 18181-2
(JPEG XL), 3GPP TS 26.244 (`loci`) and the QuickTime File Format (user data and metadata keys).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.metadata.block import Block, Kind, exif_block, xmp_block

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BOXES = 20_000

XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
EXIF_UUID = b"JpgTiffExif->JP2"
_KEY = b"com.apple.quicktime.location"
_PLACE_ATOMS = {b"\xa9xyz": "a ©xyz atom", b"loci": "a loci box", b"gps ": "a GPS box", b"GPS ": "a GPS box"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One box: its type, where its body begins and where it ends."""

    type: bytes
    body: int
    end: int


def boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes of `data[start:end]`, stopping at the first that does not fit."""
    for _ in range(MAX_BOXES):
        if start + 8 > end:
            return
        size, kind = struct.unpack_from(">I4s", data, start)
        body = start + 8
        if size == 1 and start + 16 <= end:
            (size,) = struct.unpack_from(">Q", data, body)
            body += 8
        stop = end if size == 0 else start + size
        if stop < body or stop > end:
            return
        yield Box(type=kind, body=body, end=stop)
        start = stop


def find(data: bytes, start: int, end: int) -> Iterator[Block]:
    """Yield the Exif, XMP and location blocks of a file made of boxes."""
    for box in boxes(data, start, end):
        if box.type == b"uuid":
            yield from _uuid(data, box)
        elif box.type == b"meta":
            yield from _items(data, box)
        elif box.type == b"moov":
            yield from _movie(data, box)
        elif box.type == b"mpvd":  # the video of a motion photo
            yield from places(data, box.body, box.end)
        elif box.type == b"Exif":
            yield from _exif_payload(data, box.body, box.end)
        elif box.type == b"xml ":
            yield xmp_block(data, box.body, box.end)
        elif box.type == b"brob":
            yield from _brotli(data, box)


def places(data: bytes, start: int, end: int) -> Iterator[Block]:
    """Yield only the location atoms of the movies in `data[start:end]`."""
    for box in boxes(data, start, end):
        if box.type == b"moov":
            yield from (block for block in _movie(data, box) if block.kind == "place")


def _uuid(data: bytes, box: Box) -> Iterator[Block]:
    kind = data[box.body : box.body + 16]
    if kind == XMP_UUID:
        yield xmp_block(data, box.body + 16, box.end)
    elif kind == EXIF_UUID:
        yield exif_block(data, box.body + 16, box.end)


def _brotli(data: bytes, box: Box) -> Iterator[Block]:
    inner = data[box.body : box.body + 4]
    if inner in {b"Exif", b"xml "}:
        kind: Kind = "exif" if inner == b"Exif" else "xmp"
        yield Block(kind=kind, start=box.body, end=box.end, packed="compressed with Brotli")


def _exif_payload(data: bytes, start: int, end: int) -> Iterator[Block]:
    # four bytes say how far the TIFF header is from their end
    if start + 4 > end:
        return
    (skip,) = struct.unpack_from(">I", data, start)
    header = start + 4 + skip
    if data[header : header + 2] not in {b"II", b"MM"}:
        header = start + 4
    yield exif_block(data, min(header, end), end)


def _movie(data: bytes, movie: Box) -> Iterator[Block]:
    for box in boxes(data, movie.body, movie.end):
        if box.type == b"trak" and movie.type == b"moov":
            yield from _movie(data, box)
        elif box.type == b"udta":
            yield from _user_data(data, box)
        elif box.type == b"meta":
            yield from _keys(data, box)
        elif box.type in _PLACE_ATOMS:
            yield _place(box)


def _user_data(data: bytes, holder: Box) -> Iterator[Block]:
    for box in boxes(data, holder.body, holder.end):
        if box.type == b"XMP_":
            yield xmp_block(data, box.body, box.end)
        elif box.type == b"meta":
            yield from _keys(data, box)
        elif box.type in _PLACE_ATOMS:
            yield _place(box)


def _keys(data: bytes, box: Box) -> Iterator[Block]:
    if data.find(_KEY, box.body, box.end) >= 0:
        yield Block(kind="place", start=box.body, end=box.end, packed="a QuickTime location key")
    elif data.find(b"\xa9xyz", box.body, box.end) >= 0:
        yield Block(kind="place", start=box.body, end=box.end, packed="a ©xyz atom")


def _place(box: Box) -> Block:
    return Block(kind="place", start=box.body, end=box.end, packed=_PLACE_ATOMS[box.type])


# Items of HEIF: `iinf` names them, `iloc` says where they lie.


def _items(data: bytes, meta: Box) -> Iterator[Block]:
    parts = {box.type: box for box in boxes(data, meta.body + 4, meta.end)}
    if b"iinf" not in parts or b"iloc" not in parts:
        return
    wanted = dict(_named_items(data, parts[b"iinf"]))
    if not wanted:
        return
    inner = parts[b"idat"].body if b"idat" in parts else None
    for item, method, extents in _locations(data, parts[b"iloc"]):
        if item not in wanted or not extents:
            continue
        base = inner if method == 1 else 0 if method == 0 else None
        spans = [] if base is None else [(base + at, base + at + size) for at, size in extents]
        yield from _item_blocks(data, wanted[item], spans)


def _item_blocks(data: bytes, kind: str, spans: list[tuple[int, int]]) -> Iterator[Block]:
    if len(spans) == 1 and kind in {"exif", "xmp"} and spans[0][1] <= len(data):
        start, end = spans[0][0], spans[0][1] if spans[0][1] > spans[0][0] else len(data)
        if kind == "exif":
            yield from _exif_payload(data, start, end)
        else:
            yield xmp_block(data, start, end)
        return
    packed = "compressed" if kind == "compressed xmp" else "stored in several pieces"
    yield Block(kind="exif" if kind == "exif" else "xmp", start=0, end=0, packed=packed)


def _named_items(data: bytes, box: Box) -> Iterator[tuple[int, str]]:
    version = data[box.body] if box.body < box.end else 0
    for entry in boxes(data, box.body + (6 if version == 0 else 8), box.end):
        if entry.type != b"infe" or entry.end - entry.body < 12 or data[entry.body] not in {2, 3}:
            continue
        wide = data[entry.body] == 3
        (item,) = struct.unpack_from(">I" if wide else ">H", data, entry.body + 4)
        at = entry.body + (10 if wide else 8)
        kind = data[at : at + 4]
        if kind == b"Exif":
            yield item, "exif"
        elif kind == b"mime":
            texts = data[at + 4 : entry.end].split(b"\0")  # name, content type, content encoding
            if b"application/rdf+xml" in texts[1:2]:
                yield item, "compressed xmp" if texts[2:3] not in ([], [b""]) else "xmp"


def _locations(data: bytes, box: Box) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Yield (item, construction method, extents) of each item; ISO/IEC 14496-12, 8.11.3."""
    cursor = _Cursor(data, box.body, box.end)
    version = cursor.take(1)
    cursor.take(3)
    sizes = cursor.take(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide = 4 if version == 2 else 2
    for _ in range(min(cursor.take(wide), MAX_BOXES)):
        if cursor.spent:
            return
        item = cursor.take(wide)
        method = cursor.take(2) & 15 if version in {1, 2} else 0
        cursor.take(2)
        base = cursor.take(base_size)
        extents = []
        for _ in range(min(cursor.take(2), 1000)):
            if version in {1, 2}:
                cursor.take(index_size)
            offset = cursor.take(offset_size)
            extents.append((base + offset, cursor.take(length_size)))
        yield item, method, extents


class _Cursor:
    """Big-endian numbers one after the other; past the end they are zero and `spent` is set."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self._data, self._at, self._end = data, at, end
        self.spent = False

    def take(self, size: int) -> int:
        """Return the next number of `size` bytes."""
        stop = self._at + size
        self.spent = self.spent or stop > self._end
        number = 0 if self.spent else int.from_bytes(self._data[self._at : stop], "big")
        self._at = stop
        return number
