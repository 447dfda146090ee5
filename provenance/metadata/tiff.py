"""The TIFF structure that carries EXIF: directories of fields, walked within bounds.

Source: TIFF 6.0 section 2, the BigTIFF proposal and Exif 3.0 section 4.6. Nothing is decoded here but
offsets, and no offset is followed out of the block, so that the same walk serves for reading and for erasing
in place.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

EXIF_IFD = 0x8769
GPS_IFD = 0x8825
INTEROPERABILITY_IFD = 0xA005
SUB_IFDS = 0x014A

MAX_DIRECTORIES = 1000
MAX_FIELDS = 50_000

_SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
    129: 1,
}
_CODES = {
    1: "B",
    3: "H",
    4: "I",
    6: "b",
    8: "h",
    9: "i",
    11: "f",
    12: "d",
    13: "I",
    16: "Q",
    17: "q",
    18: "Q",
}
_POINTERS = {EXIF_IFD: "exif", GPS_IFD: "gps", INTEROPERABILITY_IFD: "interoperability", SUB_IFDS: "sub"}
# (tag of the offsets, tag of the byte counts): strips, tiles, and the JPEG thumbnail of IFD1
_PICTURES = ((0x0111, 0x0117), (0x0144, 0x0145), (0x0201, 0x0202))


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One directory entry; `start` and `size` give its value as bytes of the whole data."""

    tag: int
    kind: int
    count: int
    at: int
    """Where the entry itself begins."""
    start: int
    size: int
    readable: bool
    """Whether the value lies within the block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """One image file directory (IFD)."""

    name: str
    """`main` (IFD0), `next` (IFD1 and later pages), `exif`, `gps`, `interoperability` or `sub`."""
    at: int
    fields: tuple[Field, ...]
    entries_end: int
    """Where the pointer to the next directory stands, if the writer did not leave it out."""
    whole: bool
    """Whether all entries lie within the block."""

    def get(self, tag: int) -> Field | None:
        """Return the first field with this tag."""
        return next((one for one in self.fields if one.tag == tag), None)


@dataclass(slots=True)
class Tiff:
    """A walked TIFF structure over `data[start:end]`."""

    data: bytes
    start: int
    end: int
    order: str
    big: bool
    directories: list[Directory] = field(default_factory=list)
    cut: bool = False
    """Whether the walk stopped at a limit and directories may be missing."""

    @property
    def entry_size(self) -> int:
        """Bytes of one directory entry."""
        return 20 if self.big else 12

    @property
    def count_size(self) -> int:
        """Bytes of the number of entries at the head of a directory."""
        return 8 if self.big else 2

    @property
    def pointer_size(self) -> int:
        """Bytes of an offset."""
        return 8 if self.big else 4

    def named(self, name: str) -> Directory | None:
        """Return the first directory of this name."""
        return next((one for one in self.directories if one.name == name), None)

    def raw(self, one: Field, limit: int = 65_536) -> bytes:
        """Return the value's bytes, at most `limit`; empty when they lie outside of the block."""
        return self.data[one.start : one.start + min(one.size, limit)] if one.readable else b""

    def numbers(self, one: Field, limit: int = 65_536) -> tuple[int | float, ...]:
        """Return the value as integers or floats; empty for texts and for rationals."""
        code = _CODES.get(one.kind)
        if code is None or not one.readable:
            return ()
        return struct.unpack_from(f"{self.order}{min(one.count, limit)}{code}", self.data, one.start)

    def rationals(self, one: Field) -> tuple[tuple[int, int], ...]:
        """Return the value as (numerator, denominator) pairs, at most 16; empty for other types."""
        if one.kind not in {5, 10} or not one.readable:
            return ()
        code = "I" if one.kind == 5 else "i"
        flat = struct.unpack_from(f"{self.order}{2 * min(one.count, 16)}{code}", self.data, one.start)
        return tuple(zip(flat[::2], flat[1::2], strict=True))

    def pointers(self, one: Field) -> tuple[int, ...]:
        """Return the absolute positions that an offset field points to."""
        return tuple(self.start + int(number) for number in self.numbers(one, MAX_DIRECTORIES))

    def directory(self, at: int, name: str) -> Directory | None:
        """Return the directory at this position, or None when none begins within the block."""
        first = at + self.count_size
        if at < self.start + 8 or first > self.end:
            return None
        (count,) = struct.unpack_from(self.order + ("Q" if self.big else "H"), self.data, at)
        fitting = min(count, (self.end - first) // self.entry_size, MAX_FIELDS)
        fields = tuple(self._field(first + index * self.entry_size) for index in range(fitting))
        end = first + fitting * self.entry_size
        return Directory(name=name, at=at, fields=fields, entries_end=end, whole=fitting == count)

    def next_after(self, one: Directory) -> int | None:
        """Return the absolute position of the directory that follows this one."""
        if not one.whole or one.entries_end + self.pointer_size > self.end:
            return None
        code = "Q" if self.big else "I"
        (offset,) = struct.unpack_from(self.order + code, self.data, one.entries_end)
        return self.start + offset if offset else None

    def claimed(self, gone: Container[int] = (), *, gps: bool = False) -> Iterator[tuple[int, int]]:
        """Yield the (start, end) of all tables, values and pictures, except of entries that begin at `gone`.

        GPS directories claim nothing, unless `gps` says that they stay.
        """
        yield self.start, self.start + (16 if self.big else 8)
        for one in self.directories:
            if one.name == "gps" and not gps:
                continue
            yield one.at, one.entries_end
            kept = [item for item in one.fields if item.readable and item.at not in gone]
            yield from ((item.start, item.start + item.size) for item in kept)
            for offsets, counts in _PICTURES:
                named = one.get(offsets)
                if named is not None and named.at not in gone:
                    yield from self.pictures(named, one.get(counts))

    def pictures(self, offsets: Field | None, counts: Field | None) -> Iterator[tuple[int, int]]:
        """Yield the (start, end) of the pictures whose places and sizes stand in these fields."""
        if offsets is None or counts is None:
            return
        pairs = zip(self.numbers(offsets, 1 << 20), self.numbers(counts, 1 << 20), strict=False)
        for offset, length in pairs:
            yield self.start + int(offset), min(self.start + int(offset) + int(length), self.end)

    def _field(self, at: int) -> Field:
        tag, kind = struct.unpack_from(self.order + "HH", self.data, at)
        count, offset = struct.unpack_from(self.order + ("QQ" if self.big else "II"), self.data, at + 4)
        size = _SIZES.get(kind, 1) * count
        inline = size <= self.pointer_size
        start = at + self.entry_size - self.pointer_size if inline else self.start + offset
        readable = kind in _SIZES and start + size <= self.end
        return Field(tag=tag, kind=kind, count=count, at=at, start=start, size=size, readable=readable)


def walk(data: bytes, start: int = 0, end: int | None = None) -> Tiff:
    """Walk all directories of the TIFF structure at `data[start:end]`.

    Raises `ValueError` when there is no TIFF header.
    """
    end = len(data) if end is None else min(end, len(data))
    head = data[start : min(start + 16, end)]
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        raise ValueError("it has no TIFF header")
    (magic,) = struct.unpack_from(order + "H", head, 2)
    # 0x55 is Panasonic's own number in RW2, 0x4F52 and 0x5352 are Olympus' in ORF
    if magic not in {42, 43, 0x55, 0x4F52, 0x5352} or (magic == 43 and len(head) < 16):
        raise ValueError("it has no TIFF header")
    tiff = Tiff(data=data, start=start, end=end, order=order, big=magic == 43)
    (first,) = struct.unpack_from(*((order + "Q", head, 8) if tiff.big else (order + "I", head, 4)))
    _collect(tiff, start + first)
    return tiff


def _collect(tiff: Tiff, first: int) -> None:
    waiting: list[tuple[int, str]] = [(first, "main")]
    seen: set[int] = set()
    fields = 0
    while waiting:
        at, name = waiting.pop(0)
        if at in seen:
            continue
        seen.add(at)
        one = tiff.directory(at, name)
        if one is None:
            continue
        fields += len(one.fields)
        # tables that do not overlap cannot have more fields than fit into the block
        overlap = fields * tiff.entry_size > tiff.end - tiff.start
        if len(tiff.directories) + len(waiting) >= MAX_DIRECTORIES or fields > MAX_FIELDS or overlap:
            tiff.cut = True
            return
        tiff.directories.append(one)
        for item in one.fields:
            if item.tag in _POINTERS and name != "gps" and len(waiting) < MAX_DIRECTORIES:
                waiting += [(target, _POINTERS[item.tag]) for target in tiff.pointers(item)]
        following = tiff.next_after(one) if name in {"main", "next", "sub"} else None
        if following is not None:
            waiting.append((following, "next" if name != "sub" else "sub"))
