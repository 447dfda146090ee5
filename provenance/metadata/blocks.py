"""Find the blocks of EXIF, IPTC and XMP in a media file without decoding any picture.

The container is told from the bytes, not from the stated type: a PNG that is called a JPEG is still a PNG.
Only JPEG, PNG, RIFF, GIF, TIFF, Photoshop and ISO boxes are understood; in all others XMP packets are
searched as text.
"""

from __future__ import annotations

import re
import struct
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from provenance.metadata import bmff, png, resources, tiff
from provenance.metadata.block import EXIF_HEADER, XMP_HEADER, Block, Kind, exif_block, xmp_block

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_BLOCKS = 5000
_SPARE = 16 << 20
_MAX_VIDEOS = 16
_MAX_SVG = 4 << 20

_XMP_MORE = b"http://ns.adobe.com/xmp/extension/\0"
_PHOTOSHOP_HEADER = b"Photoshop 3.0\0"
_GIF_XMP = b"\x21\xff\x0bXMP DataXMP"
_GIF_TRAILER = b"\x01\xff\xfe\xfd\xfc"
_BOXES = re.compile(rb"....(?:ftyp|styp|moov|JXL \r\n\x87\n|jP  \r\n\x87\n)", re.DOTALL)
_TIFF = re.compile(rb"II(?:[\x2a\x2b\x55]\0|RO|RS)|MM(?:\0[\x2a\x2b]|OR)")
_RESOURCES_TAG = 0x8649
_KINDS: dict[int, Kind] = {0x02BC: "xmp", 0x83BB: "iptc"}


def find_blocks(data: bytes, media_type: str, *, inside: bool = True) -> list[Block]:
    """Return the metadata blocks of a file in the order in which they lie there.

    With `inside`, those of further pictures and videos in the file, too, for which all of it is searched. What is
    damaged is returned as far as it goes or left out; nothing is raised for it. The work stays in proportion to the
    file: where blocks are too many, or overlap, or unpack to too much, the last one is a `place`, since what is not
    looked at may hold a location.
    """
    finder = _finder(data, media_type)
    outer = chain(finder(data), _inside(data, finder) if inside else ())
    found: list[Block] = []
    left = 3 * len(data) + _SPARE
    for block in _with_inner(data, outer):
        left -= block.end - block.start if block.content is None else len(block.content)
        if len(found) == MAX_BLOCKS or left < 0:
            return [*found, Block(kind="place", start=0, end=0, packed="among more metadata than is looked at")]
        found.append(block)
    return found


def _with_inner(data: bytes, outer: Iterator[Block]) -> Iterator[Block]:
    for block in outer:
        yield block
        if block.kind == "exif" and not block.packed:
            yield from _inside_tiff(data, block)


def _finder(data: bytes, media_type: str) -> Callable[[bytes], Iterator[Block]]:
    finders: tuple[tuple[bool, Callable[[bytes], Iterator[Block]]], ...] = (
        (data.startswith(b"\xff\xd8\xff"), _jpeg),
        (data.startswith(png.SIGNATURE), png.find),
        (data.startswith((b"RIFF", b"RF64")), _riff),
        (data.startswith((b"GIF87a", b"GIF89a")), _gif),
        (data.startswith(b"8BPS"), resources.find_in_psd),
        (_TIFF.match(data) is not None, _tiff),
        (_BOXES.match(data) is not None, _boxes),
        (media_type == "image/svg+xml", _svg),
    )
    return next((finder for fits, finder in finders if fits), _loose)


def _tiff(data: bytes) -> Iterator[Block]:
    yield Block(kind="exif", start=0, end=len(data))


def _boxes(data: bytes) -> Iterator[Block]:
    return bmff.find(data, 0, len(data))


def _inside_tiff(data: bytes, block: Block) -> Iterator[Block]:
    """Yield the XMP and IPTC that are fields of the EXIF block's directories."""
    try:
        structure = tiff.walk(data, block.start, block.end)
    except ValueError:
        return
    for directory in structure.directories:
        primary = block.primary and directory.name == "main"
        for field in directory.fields:
            start, end = field.start, field.start + field.size
            if not field.readable:
                continue
            if field.tag == _RESOURCES_TAG:
                for one in resources.find(data, start, end):
                    yield replace(one, primary=primary, chunk=block.chunk)
            elif field.tag in _KINDS:
                kind = _KINDS[field.tag]
                yield Block(kind=kind, start=start, end=end, primary=primary, chunk=block.chunk)


def _inside(data: bytes, finder: Callable[[bytes], Iterator[Block]]) -> Iterator[Block]:
    """Yield the blocks of the pictures and videos inside of JPEG and of what is only searched as text (PDF, ID3).

    Behind the first scan of a JPEG, FF E1 can only be a segment, since FF is stuffed in compressed data; this finds
    the further pictures of a multi-picture file (CIPA DC-007) and of other makers wherever they lie.
    """
    if finder is _jpeg:
        *_, (_, _, at) = _segments(data)
        yield from chain(_segments_behind(data, at), _videos_behind(data, at))
    elif finder is _loose:
        yield from (block for block in _segments_behind(data, 0) if block.kind == "exif")


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (marker, start, end) of the segments of a JPEG up to its first scan, whose content is empty here."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] not in {0xDA, 0xD9}:
        if data[at + 1] == 0xFF:  # a fill byte
            at += 1
            continue
        size = max(int.from_bytes(data[at + 2 : at + 4], "big"), 2)
        end = min(at + 2 + size, len(data))
        yield data[at + 1], at + 4, end
        at = end
    yield 0xDA, at, at


def _jpeg(data: bytes) -> Iterator[Block]:
    pieces: list[bytes] = []
    for marker, start, end in _segments(data):
        if marker == 0xE1:
            yield from _app1(data, start, end, primary=True)
            if data.startswith(_XMP_MORE, start):
                pieces.append(data[start + len(_XMP_MORE) : end])
        elif marker == 0xED and data.startswith(_PHOTOSHOP_HEADER, start):
            yield from resources.find(data, start + len(_PHOTOSHOP_HEADER), end)
    if pieces:
        yield _extended(pieces)


def _app1(data: bytes, start: int, end: int, *, primary: bool) -> Iterator[Block]:
    if data.startswith(EXIF_HEADER[:5], start):
        yield Block(kind="exif", start=start + 6, end=end, primary=primary)
    elif data.startswith(XMP_HEADER, start):
        yield xmp_block(data, start, end, primary=primary)


def _extended(pieces: list[bytes]) -> Block:
    """Put extended XMP together: each piece has a digest, the full length and its own offset (XMP part 3)."""
    ordered = sorted(pieces, key=lambda piece: (piece[:32], piece[36:40]))
    content = b"".join(piece[40:] for piece in ordered)
    return Block(kind="xmp", start=0, end=0, packed="extended XMP in several segments", content=content)


def _segments_behind(data: bytes, at: int) -> Iterator[Block]:
    for header in (EXIF_HEADER, XMP_HEADER, _XMP_MORE):
        found = data.find(header, at)
        while found >= 0:
            end = 0
            if data[max(found - 4, 0) : found - 2] == b"\xff\xe1":
                end = min(found - 2 + int.from_bytes(data[found - 2 : found], "big"), len(data))
                if header == _XMP_MORE:
                    packed, content = "extended XMP of a second picture", data[found + len(header) + 40 : end]
                    yield Block(kind="xmp", start=found, end=end, primary=False, packed=packed, content=content)
                else:
                    yield from _app1(data, found, end, primary=False)
            found = data.find(header, max(end, found + len(header)))


def _videos_behind(data: bytes, at: int) -> Iterator[Block]:
    """Yield the locations in the video of a motion photo, which is appended to the picture."""
    found, left = data.find(b"ftyp", at), _MAX_VIDEOS
    while found >= 0 and left:
        size = int.from_bytes(data[found - 4 : found], "big")
        if 8 <= size <= 1024:
            left -= 1
            yield from bmff.places(data, found - 4, len(data))
        found = data.find(b"ftyp", found + 4)


def _riff(data: bytes) -> Iterator[Block]:
    at = 12
    for _ in range(bmff.MAX_BOXES):
        if at + 8 > len(data):
            return
        kind, size = struct.unpack_from("<4sI", data, at)
        end = min(at + 8 + size, len(data))
        if kind == b"EXIF":
            yield exif_block(data, at + 8, end)
        elif kind in {b"XMP ", b"_PMX"}:
            yield xmp_block(data, at + 8, end)
        at += 8 + size + size % 2


def _gif(data: bytes) -> Iterator[Block]:
    start = data.find(_GIF_XMP)
    if start >= 0:
        start += len(_GIF_XMP)
        end = data.find(_GIF_TRAILER, start)
        yield Block(kind="xmp", start=start, end=end if end > 0 else len(data))


def _svg(data: bytes) -> Iterator[Block]:
    # The RDF may use prefixes that the root declares, so the whole document is the block. A large one, or one
    # with a document type, is not parsed; packets inside are then read by themselves.
    if b"<!DOCTYPE" in data or len(data) > _MAX_SVG:
        yield from _loose(data)
    elif b"http://www.w3.org/1999/02/22-rdf-syntax-ns#" in data:
        yield Block(kind="xmp", start=0, end=len(data))


def _loose(data: bytes) -> Iterator[Block]:
    """Yield XMP packets that are there as plain text; the first is taken to speak of the file."""
    opening, closing = b"<x:xmpmeta", b"</x:xmpmeta>"
    if opening not in data:
        opening, closing = b"<rdf:RDF", b"</rdf:RDF>"
    start = data.find(opening)
    primary = True
    while start >= 0:
        end = data.find(closing, start)
        if end < 0:
            return
        end += len(closing)
        yield Block(kind="xmp", start=start, end=end, primary=primary)
        primary = False
        start = data.find(opening, end)
