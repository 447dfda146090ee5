"""Metadata chunks of PNG.

Sources: PNG third edition (eXIf, iTXt), XMP part 3, and the raw profiles of ImageMagick.
"""

from __future__ import annotations

import binascii
import re
import struct
import zlib
from typing import TYPE_CHECKING

from provenance.metadata import resources
from provenance.metadata.block import EXIF_HEADER, XMP_HEADER, Block, Kind, exif_block
from provenance.metadata.names import is_location

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_UNPACKED = 4 << 20

XMP_KEYWORD = b"XML:com.adobe.xmp"
_PROFILE = re.compile(rb"Raw profile type (exif|APP1|xmp|iptc)\Z", re.IGNORECASE)
_MAX_CHUNKS = 100_000


def find(data: bytes) -> Iterator[Block]:
    """Yield the metadata blocks of a PNG."""
    at = len(SIGNATURE)
    for _ in range(_MAX_CHUNKS):
        if at + 12 > len(data):
            return
        size, kind = struct.unpack_from(">I4s", data, at)
        body, end = at + 8, at + 8 + size
        if end + 4 > len(data):
            return
        if kind == b"eXIf":
            yield exif_block(data, body, end, chunk=at)
        elif kind in {b"iTXt", b"tEXt", b"zTXt"}:
            yield from _text(data, at, kind)
        at = end + 4


def sign_chunk(buffer: bytearray, at: int) -> None:
    """Write the checksum of the chunk that begins at `at`."""
    (size,) = struct.unpack_from(">I", buffer, at)
    end = at + 8 + size
    struct.pack_into(">I", buffer, end, zlib.crc32(buffer[at + 4 : end]))


def _text(data: bytes, at: int, kind: bytes) -> Iterator[Block]:
    body = at + 8
    end = body + struct.unpack_from(">I", data, at)[0]
    stop = data.find(b"\0", body, min(body + 80, end))
    if stop < 0:
        return
    keyword = data[body:stop]
    if keyword == XMP_KEYWORD and kind == b"iTXt":
        yield _international(data, stop + 1, end, at)
    elif profile := _PROFILE.match(keyword):
        yield from _profile(profile[1].lower(), data[stop + 1 : end], kind, (at, end))
    elif is_location(keyword.decode("latin-1").rpartition(":")[2]):
        yield Block(kind="place", start=at, end=end, packed="a text chunk of its own")


def _international(data: bytes, start: int, end: int, chunk: int) -> Block:
    # compression flag, compression method, language tag, translated keyword, text
    compressed = data[start : start + 1] == b"\1"
    at = start + 2
    for _ in range(2):
        at = data.find(b"\0", at, end) + 1
        if at == 0:
            return Block(kind="xmp", start=start, end=end, packed="in a broken chunk")
    if not compressed:
        return Block(kind="xmp", start=at, end=end, chunk=chunk)
    return Block(kind="xmp", start=at, end=end, packed="compressed", content=inflate(data[at:end]))


def _profile(name: bytes, text: bytes, kind: bytes, span: tuple[int, int]) -> Iterator[Block]:
    """Yield what a raw profile holds: a newline, the name, the length, and hexadecimal digits."""
    if kind == b"iTXt":
        return
    start, end = span
    packed = "hexadecimal text" if kind == b"tEXt" else "compressed hexadecimal text"
    shown: Kind = "iptc" if name == b"iptc" else "xmp" if name == b"xmp" else "exif"
    plain = text if kind == b"tEXt" else inflate(text[1:])
    parts = (plain or b"").split(maxsplit=2)
    try:
        content = binascii.unhexlify(b"".join(parts[2].split()))
    except (IndexError, binascii.Error):
        yield Block(kind=shown, start=start, end=end, packed=packed)
        return
    if content.startswith(XMP_HEADER):
        shown, content = "xmp", content[len(XMP_HEADER) :]
    content = content.removeprefix(EXIF_HEADER)
    if shown == "iptc" and content.startswith(b"8BIM"):
        for inner in resources.find(content, 0, len(content)):
            part = content[inner.start : inner.end]
            yield Block(kind=inner.kind, start=start, end=end, packed=packed, content=part)
        return
    yield Block(kind=shown, start=start, end=end, packed=packed, content=content)


def is_profile(keyword: bytes) -> bool:
    """Tell whether a text chunk of this keyword holds a block of metadata as hexadecimal text."""
    return _PROFILE.match(keyword) is not None


def inflate(raw: bytes) -> bytes | None:
    """Unpack a compressed text; None when it is broken or unpacks to too much."""
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(raw, MAX_UNPACKED)
    except zlib.error:
        return None
    return None if unpacker.unconsumed_tail else content
