"""Take manifest stores out of TIFF and DNG files (C2PA 2.4, embedding manifests into TIFF-based assets).

A store is the value of tag 52545 in one of the image file directories (TIFF 6.0, section 2). Writers append and leave
the older directory, and sometimes an older store, behind as dead bytes. So a directory that is still there is put
back in use, dead stores are blanked, and what is then dead at the end of the file is cut off.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.manifests.containers.jumbf import starts_store

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAG = 0xCD41
_UNDEFINED = 7
_ENTRY = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Directory:
    """An image file directory and where it is referred to."""

    link: int
    at: int
    entries: tuple[bytes, ...]
    following: bytes

    @property
    def end(self) -> int:
        return self.at + 6 + _ENTRY * len(self.entries)


def remove(data: bytes) -> bytes:
    """Return the file without stores; pictures, other tags and their places are unchanged.

    A file with structures that cannot be followed is returned with what could be found removed.
    """
    order = "<" if data.startswith(b"II") else ">"
    tag = struct.pack(f"{order}H", _TAG)
    spans = list(_stores(data, order))
    image = bytearray(data)
    # Freeing one directory can move the links of the next, so each round follows the chain anew.
    while found := next((item for item in _directories(image, order) if _carries(item, tag)), None):
        spans.append(_free(image, found, tag, order))
    for start, stop in spans:
        image[start:stop] = bytes(stop - start)
    return bytes(image[: _used(len(data), spans)])


def _carries(directory: _Directory, tag: bytes) -> bool:
    return any(entry.startswith(tag) for entry in directory.entries)


def _directories(data: bytes | bytearray, order: str) -> Iterator[_Directory]:
    """Follow the chain of directories as far as it goes; a loop ends it."""
    link, seen = 4, set[int]()
    while link + 4 <= len(data):
        (at,) = struct.unpack_from(f"{order}I", data, link)
        if at in seen or not 8 <= at <= len(data) - 6:
            return
        seen.add(at)
        (count,) = struct.unpack_from(f"{order}H", data, at)
        end = at + 2 + _ENTRY * count
        if end + 4 > len(data):
            return
        entries = tuple(bytes(data[start : start + _ENTRY]) for start in range(at + 2, end, _ENTRY))
        yield _Directory(link=link, at=at, entries=entries, following=bytes(data[end : end + 4]))
        link = end


def _free(image: bytearray, directory: _Directory, tag: bytes, order: str) -> tuple[int, int]:
    """Free a directory of the tag and return the bytes that are dead then."""
    rest = [entry for entry in directory.entries if not entry.startswith(tag)]
    if not rest:
        image[directory.link : directory.link + 4] = directory.following
        return directory.at, directory.end
    shorter = b"".join((struct.pack(f"{order}H", len(rest)), *rest, directory.following))
    older = image.find(shorter, 8)
    if older >= 0:
        struct.pack_into(f"{order}I", image, directory.link, older)
        return directory.at, directory.end
    image[directory.at : directory.at + len(shorter)] = shorter
    return directory.at + len(shorter), directory.end


def _stores(data: bytes, order: str) -> Iterator[tuple[int, int]]:
    """Find stores by entries for them anywhere, so also by those of directories that are out of use."""
    head = struct.pack(f"{order}HH", _TAG, _UNDEFINED)
    at = data.find(head)
    while 0 <= at <= len(data) - _ENTRY:
        count, start = struct.unpack_from(f"{order}II", data, at + 4)
        if starts_store(data, start):
            # The entry could lie about the length and take pixels along; the box does not reach further.
            length = int.from_bytes(data[start : start + 4], "big")
            yield start, min(start + min(count, length), len(data))
        at = data.find(head, at + 1)


def _used(size: int, spans: list[tuple[int, int]]) -> int:
    """Return where the file ends once dead bytes at its end are cut off."""
    for start, stop in sorted(spans, key=lambda span: span[1], reverse=True):
        if start < size <= stop:
            size = start
    return size
