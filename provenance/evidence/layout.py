"""How a pack is laid out as a ZIP archive: plainly, so that there is one way to read it and nowhere to hide.

Members stand one after the other, stored and not compressed, each a regular file with a short ASCII name and the time
of looking; after the last comes the directory, and after that nothing. Whatever else a ZIP archive may hold is refused:
compressed, encrypted, repeated, overlapping or linked members, names that lead elsewhere, comments, and bytes that no
member owns. So a pack unpacks to no more than it is, and every program finds the same in it.
"""

from __future__ import annotations

import re
import struct
import zipfile
from typing import IO, TYPE_CHECKING, BinaryIO, Final

from provenance.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

MOST_MEMBERS: Final = 500
LONGEST_NAME: Final = 100
_LARGEST_DIRECTORY: Final = MOST_MEMBERS * (46 + LONGEST_NAME + 32)
_VERSION: Final = 20
"""Of the ZIP format: all that plain members need."""
_MODE: Final = 0o100644 << 16
"""A regular file, as Unix writes it."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)?")
_END = struct.Struct("<4s4H2LH")
_HEADER = struct.Struct("<4s5H3L2H")
_ZIP64_END: Final = 76
"""Bytes of what precedes the end of an archive that is larger than 4 GB."""
_MAY_BE_LARGE: Final = 1 << 30
"""Bytes from which on a member's header may have room for a size of 64 bits."""
_YEARS: Final = range(1980, 2100)
_UNREADABLE: Final = (
    zipfile.BadZipFile, zipfile.LargeZipFile, struct.error,
    NotImplementedError, RuntimeError, ValueError, EOFError, OverflowError,
)  # fmt: skip
"""What `zipfile` raises for archives that are damaged or strange."""


def entry(name: str, size: int, *, at: datetime) -> zipfile.ZipInfo:
    """Describe a member to be written; of `at`, the time of looking (UTC), ZIP keeps even seconds."""
    found = zipfile.ZipInfo(name, date_time=(*at.timetuple()[:5], at.second - at.second % 2))
    found.create_system, found.external_attr, found.file_size = 3, _MODE, size
    return found


def require_time(at: datetime) -> None:
    """Refuse a time that is not UTC, or that ZIP cannot keep. Raises `EvidenceError`."""
    if at.utcoffset() or at.year not in _YEARS:
        raise EvidenceError(f"{at.isoformat()} is no time for a pack", hint="is the clock of that machine set?")


def opened(stream: BinaryIO, size: int) -> zipfile.ZipFile:
    """Open an archive of so many bytes that is laid out as a pack; raises `EvidenceError` for any other."""
    _require_plain_end(stream, size)
    try:
        archive = zipfile.ZipFile(stream)
    except _UNREADABLE as error:
        raise damaged("its directory cannot be read") from error
    members = archive.infolist()
    for item in members:
        _require_plain(item)
    names = [item.filename for item in members]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise damaged(f"{repeated} is in it more than once")
    _require_order(stream, members, archive.start_dir, size)
    return archive


def reading(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """Open a member; raises `EvidenceError` when its own header says something else than the directory."""
    try:
        return archive.open(name)
    except (KeyError, *_UNREADABLE) as error:
        raise damaged(f"{name} cannot be read") from error


def piece(stream: IO[bytes], name: str) -> bytes:
    """Read the next megabyte of a member; raises `EvidenceError` when it is damaged."""
    try:
        return stream.read(1 << 20)
    except _UNREADABLE as error:
        raise damaged(f"{name} is damaged") from error


def damaged(what: str) -> EvidenceError:
    """Make the refusal of a pack."""
    return EvidenceError(
        f"this pack was changed or damaged: {what}", hint="get it again from whoever made it; it is kept as it is"
    )


def _require_plain_end(stream: BinaryIO, size: int) -> None:
    """Look at the end before anything is read whole: a directory of millions would fill the memory."""
    stream.seek(max(size - _END.size, 0))
    tail = stream.read(_END.size)
    if len(tail) < _END.size or not tail.startswith(b"PK\x05\x06"):
        stream.seek(0)
        if not stream.read(4).startswith(b"PK\x03\x04"):
            raise EvidenceError("this is not an evidence pack", hint="`provenance evidence FILE` makes one")
        raise damaged("it is cut off, or something was added to it")
    _, disk, first_disk, here, count, directory, _, comment = _END.unpack(tail)
    if disk or first_disk or comment or here != count or count > MOST_MEMBERS or directory > _LARGEST_DIRECTORY:
        raise damaged("its end is not one of a pack")
    stream.seek(0)


def _require_plain(item: zipfile.ZipInfo) -> None:
    name = item.orig_filename
    if len(name) > LONGEST_NAME or _NAME.fullmatch(name) is None or name != item.filename:
        raise damaged(f"it has a member with a name that no pack has: {name[:LONGEST_NAME]!r}")
    if item.flag_bits & 1:
        raise damaged(f"{name} is encrypted")
    if item.compress_type != zipfile.ZIP_STORED or item.compress_size != item.file_size:
        raise damaged(f"{name} is compressed")
    if (item.external_attr, item.create_system) != (_MODE, 3):
        raise damaged(f"{name} is not a regular file")
    large = item.file_size > _MAY_BE_LARGE or item.header_offset > _MAY_BE_LARGE
    told = (item.flag_bits, item.comment, item.volume, item.internal_attr, item.reserved)
    plain = (item.extra, item.create_version, item.extract_version) == (b"", _VERSION, _VERSION)
    if told != (0, b"", 0, 0, 0) or not (plain or large):
        raise damaged(f"{name} has properties that no member of a pack has")


def _require_order(stream: BinaryIO, members: Sequence[zipfile.ZipInfo], directory: int, size: int) -> None:
    """Make sure that the members follow each other without a gap, and the directory follows them."""
    at = 0
    for item in members:
        stream.seek(at)
        head = stream.read(_HEADER.size)
        if item.header_offset != at or len(head) < _HEADER.size:
            raise damaged(f"{item.filename} is not where it must be")
        *_, name, extra = _HEADER.unpack(head)
        if item.file_size <= _MAY_BE_LARGE and head + stream.read(name + extra) != item.FileHeader():
            raise damaged(f"{item.filename} has two descriptions that differ")
        at += _HEADER.size + name + extra + item.file_size
    if directory != at:
        raise damaged("it holds bytes that belong to no member")
    at += sum(46 + len(item.filename) + len(item.extra) for item in members)
    if size - at not in {_END.size, _END.size + _ZIP64_END}:
        raise damaged("it holds bytes that belong to no member")
    stream.seek(0)
