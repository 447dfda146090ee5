"""Remove named properties from EXIF, IPTC, XMP and the text chunks of a PNG, without moving a byte of the picture."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from provenance.errors import UnsupportedMedia
from provenance.metadata.blocks import find_blocks
from provenance.metadata.erase import erase_fields
from provenance.metadata.erase_iptc import erase_iptc
from provenance.metadata.erase_xmp import erase_xmp
from provenance.metadata.location import drop_location, has_location
from provenance.metadata.passages import passages
from provenance.metadata.png import sign_chunk
from provenance.metadata.png_text import erase_text, find_texts
from provenance.metadata.tags import GPS_TAGS, TAGS
from provenance.metadata.tiff import walk
from provenance.metadata.xmp import parse_xmp

if TYPE_CHECKING:
    from collections.abc import Callable

    from provenance.metadata.block import Block
    from provenance.metadata.passages import Passage

_HINT = "remove it with ExifTool from an unsigned copy, and sign that: provenance sign --as edit --parent ORIGINAL"


def erase(data: bytes, media_type: str, unwanted: Callable[[str], bool]) -> bytes:
    """Return the file without the properties that are unwanted, equally long; its pixels stay what they were.

    `unwanted` is asked with XMP names, under which EXIF and IPTC are known as well; `exif:MakerNote` are maker notes,
    which go whole, `exif:Thumbnail` is the preview in the EXIF. Whoever does not want `exif:GPSLatitude` gets rid of
    all coordinates (`drop_location`). Content Credentials in the file no longer match afterwards. Raises
    `UnsupportedMedia` when something is present in a form that cannot be removed in place; nothing is half done.
    """
    buffer = bytearray(data)
    for item in list(find_texts(data)):
        if unwanted(item.name):
            erase_text(buffer, item)
    if unwanted("exif:GPSLatitude") and has_location(bytes(buffer), media_type):
        buffer = bytearray(drop_location(bytes(buffer), media_type))
    before = bytes(buffer)
    for block in find_blocks(before, media_type):
        _clean(buffer, before, block, media_type, unwanted)
    _renew_digests(buffer, before, media_type)
    cleaned = bytes(buffer)
    left = unwanted_in(passages(cleaned, media_type), unwanted)
    if len(cleaned) != len(data) or left:
        raise UnsupportedMedia(
            f"cannot be removed from this {media_type} file in place: {', '.join(left) or 'its metadata'}", hint=_HINT
        )
    return data if cleaned == data else cleaned


def unwanted_in(found: tuple[Passage, ...], unwanted: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the names of what is unwanted among what metadata says, each once."""
    names = (next((name for name in path if unwanted(name)), None) for item in found for path, _ in item.said)
    return tuple(dict.fromkeys(name for name in names if name is not None))


def _clean(buffer: bytearray, data: bytes, block: Block, media_type: str, unwanted: Callable[[str], bool]) -> None:
    if block.packed or block.kind not in {"exif", "xmp", "iptc"}:
        return  # what is unwanted in it is still there afterwards, and refused then
    span = slice(block.start, block.end)
    try:
        if block.kind == "exif":
            _clean_exif(buffer, data, block, unwanted)
        elif block.kind == "iptc":
            buffer[span] = erase_iptc(bytes(buffer[span]), unwanted)
        else:
            _clean_xmp(buffer, span, unwanted)
    except ValueError as error:
        raise UnsupportedMedia(f"cannot be cleaned, being {media_type}: {error}", hint=_HINT) from error
    if block.chunk is not None and buffer[span] != data[span]:
        sign_chunk(buffer, block.chunk)


def _clean_exif(buffer: bytearray, data: bytes, block: Block, unwanted: Callable[[str], bool]) -> None:
    try:
        tiff = walk(data, block.start, block.end)
    except ValueError:
        return  # no reader finds anything without the header
    doomed = []
    for directory in tiff.directories:
        names = GPS_TAGS if directory.name == "gps" else TAGS
        for item in directory.fields:
            name = names.get(item.tag)
            if name is not None and unwanted(name):
                doomed.append((directory, item))
    if doomed:
        erase_fields(buffer, tiff, doomed)


def _clean_xmp(buffer: bytearray, span: slice, unwanted: Callable[[str], bool]) -> None:
    packet = bytes(buffer[span])
    try:
        parse_xmp(packet)
    except ValueError:
        return  # nobody reads it: whether what is unwanted stands in it is asked of its bytes
    buffer[span] = erase_xmp(packet, unwanted)


def _renew_digests(buffer: bytearray, before: bytes, media_type: str) -> None:
    """Let the digest of IPTC that was right stay right: another one says that IPTC was changed after XMP."""
    plain = [block for block in find_blocks(before, media_type) if not block.packed]
    stated = [block for block in plain if block.kind == "iptc"][-1:]
    digests = [block for block in plain if block.kind == "iptc-digest"]
    for digest, block in ((digest, block) for digest in digests for block in stated):
        old, new = before[block.start : block.end], bytes(buffer[block.start : block.end])
        if before[digest.start : digest.end] == _md5(old) and old != new:
            buffer[digest.start : digest.end] = _md5(new)


def _md5(block: bytes) -> bytes:
    return hashlib.md5(block, usedforsecurity=False).digest()
