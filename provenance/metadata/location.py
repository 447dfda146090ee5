"""Tell whether a file states a location, and remove it without moving a byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.errors import UnsupportedMedia
from provenance.metadata.blocks import find_blocks
from provenance.metadata.erase import erase_gps, gps_pointers, has_gps
from provenance.metadata.erase_xmp import erase_xmp
from provenance.metadata.png import sign_chunk
from provenance.metadata.tiff import walk
from provenance.metadata.xmp import parse_xmp, states_location

if TYPE_CHECKING:
    from provenance.metadata.block import Block

_WITNESSED = {"image/jpeg", "image/tiff", "image/dng", "image/webp"}
"""What piexif reads too."""
_HINT = "remove it with ExifTool first: exiftool -gps:all= -xmp:gps*= FILE"


def has_location(data: bytes, media_type: str) -> bool:
    """Tell whether EXIF, XMP or movie user data state coordinates, in the file or in pictures inside of it.

    A block that cannot be looked into (compressed with Brotli, an XMP that is broken but names GPS, a GPS
    directory outside of its block) counts as a location, since a wrong no could publish an address. Not
    looked for: copies in maker notes, location tracks among the samples of a movie, and the names of places.
    """
    return any(states_place(data, block) for block in find_blocks(data, media_type))


def drop_location(data: bytes, media_type: str) -> bytes:
    """Return the file without its coordinates, equally long; what is left decodes to the same pixels.

    The GPS directories of EXIF are zeroed and their pointers removed; `GPS*` and similar properties of XMP
    become spaces; PNG checksums are renewed. Content Credentials in the file no longer match afterwards.
    Raises `UnsupportedMedia` when a location is present in a form that cannot be removed in place; nothing is
    half done.
    """
    buffer = bytearray(data)
    for block in find_blocks(data, media_type):
        if block.packed:
            if states_place(data, block):
                raise _packed(media_type, block)
        elif block.kind == "exif":
            _clean_exif(buffer, data, block, media_type)
        elif block.kind == "xmp" and states_location(data[block.start : block.end]):
            _clean_xmp(buffer, block, media_type)
        span = slice(block.start, block.end)
        if block.chunk is not None and buffer[span] != data[span]:
            sign_chunk(buffer, block.chunk)
    cleaned = bytes(buffer)
    if len(cleaned) != len(data) or has_location(cleaned, media_type) or _witnessed(cleaned, media_type):
        raise _unsupported(media_type, "is still there after removing it")
    return data if cleaned == data else cleaned


def _witnessed(data: bytes, media_type: str) -> bool:
    """Ask an independent reader of EXIF whether it still sees coordinates: ours must not be the only word on this."""
    if media_type not in _WITNESSED:
        return False
    import piexif  # noqa: PLC0415 -- only when a location is removed

    try:
        tags = piexif.load(data)["GPS"]
    except Exception:  # noqa: BLE001 -- it reads fewer files than we do, and what it raises on the others is anything
        return False
    return bool(set(tags) - {piexif.GPSIFD.GPSVersionID})


def states_place(data: bytes, block: Block) -> bool:
    """Tell whether one block states coordinates, or may do so for all that can be said (`has_location`)."""
    if block.kind == "place":
        return True
    if block.kind not in {"exif", "xmp"}:
        return False
    if block.packed and block.content is None:
        return True
    raw = block.bytes_of(data)
    if block.kind == "xmp":
        return states_location(raw)
    try:
        tiff = walk(raw)
    except ValueError:
        return False
    return tiff.cut or has_gps(tiff)


def _clean_exif(buffer: bytearray, data: bytes, block: Block, media_type: str) -> None:
    try:
        tiff = walk(data, block.start, block.end)
    except ValueError:
        return  # no reader finds a location without the header
    if not tiff.cut and not gps_pointers(tiff):
        return
    try:
        erase_gps(buffer, tiff)
    except ValueError as error:
        raise _unsupported(media_type, f"cannot be removed: {error}") from error


def _clean_xmp(buffer: bytearray, block: Block, media_type: str) -> None:
    packet = bytes(buffer[block.start : block.end])
    try:
        parse_xmp(packet)
    except ValueError as error:
        raise _unsupported(media_type, f"cannot be removed from its XMP: {error}") from error
    cleaned = erase_xmp(packet)
    if states_location(cleaned):
        raise _unsupported(media_type, "cannot be removed from its XMP in place")
    buffer[block.start : block.end] = cleaned


def _unsupported(media_type: str, what: str) -> UnsupportedMedia:
    return UnsupportedMedia(f"the location in this {media_type} file {what}", hint=_HINT)


def _packed(media_type: str, block: Block) -> UnsupportedMedia:
    if block.kind != "place" and block.content is None:
        what = f"this {media_type} file may hold a location in a block that is {block.packed}"
        return UnsupportedMedia(what, hint=_HINT)
    return _unsupported(media_type, f"cannot be removed in place, it is {block.packed}")
