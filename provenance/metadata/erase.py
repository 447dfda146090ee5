"""Erase fields of EXIF in place: no byte before or behind their directory moves."""

from __future__ import annotations

import struct
from bisect import bisect_right
from itertools import islice

from provenance.metadata.tags import JPEG_LENGTH, JPEG_START
from provenance.metadata.tiff import GPS_IFD, Directory, Field, Tiff

_MAX_CLAIMS = 2_000_000


def has_gps(tiff: Tiff) -> bool:
    """Tell whether a GPS directory holds more than its version; one that lies outside of the block counts."""
    return any(
        target is None or any(field.tag != 0 for field in target.fields)
        for _, pointer in gps_pointers(tiff)
        for target in (tiff.directory(at, "gps") for at in tiff.pointers(pointer) if at > tiff.start)
    )


def gps_pointers(tiff: Tiff) -> list[tuple[Directory, Field]]:
    """Return every field that points to a GPS directory, with the directory that it stands in."""
    return [
        (directory, field)
        for directory in tiff.directories
        if directory.name != "gps"
        for field in directory.fields
        if field.tag == GPS_IFD
    ]


def erase_gps(buffer: bytearray, tiff: Tiff) -> None:
    """Overwrite the GPS directories and their values with zeros and remove the fields that point to them.

    `buffer` holds the bytes that `tiff` was walked over. Bytes that something else uses, too, are left.
    Raises `ValueError` with the rest of a sentence when a directory cannot be erased whole.
    """
    pointers = gps_pointers(tiff)
    spans: list[tuple[int, int]] = []
    for directory, pointer in pointers:
        targets = [tiff.directory(at, "gps") for at in tiff.pointers(pointer) if at > tiff.start]
        for target in targets:
            if target is None or not target.whole or not all(field.readable for field in target.fields):
                raise ValueError("its EXIF is damaged and part of the location lies outside of it")
            spans.append((target.at, target.entries_end))
            spans += [(field.start, field.start + field.size) for field in target.fields]
        if not directory.whole:
            raise ValueError("its EXIF is damaged")
    _take_out(buffer, tiff, pointers, spans, gps=False)


def erase_fields(buffer: bytearray, tiff: Tiff, doomed: list[tuple[Directory, Field]]) -> None:
    """Overwrite the values of fields with zeros, and what their pictures show, and remove the fields.

    `buffer` holds the bytes that `tiff` was walked over. Bytes that something else uses, too, are left.
    Raises `ValueError` with the rest of a sentence when a field cannot be erased whole.
    """
    spans: list[tuple[int, int]] = []
    for directory, field in doomed:
        if not (field.readable and directory.whole):
            raise ValueError("its EXIF is damaged, and part of what should go lies outside of it")
        spans.append((field.start, field.start + field.size))
        if field.tag == JPEG_START:
            spans += tiff.pictures(field, directory.get(JPEG_LENGTH))
    _take_out(buffer, tiff, doomed, spans, gps=True)


def _take_out(
    buffer: bytearray,
    tiff: Tiff,
    doomed: list[tuple[Directory, Field]],
    spans: list[tuple[int, int]],
    *,
    gps: bool,
) -> None:
    gone = {field.at for _, field in doomed}
    claims = [] if tiff.cut else list(islice(tiff.claimed(gone, gps=gps), _MAX_CLAIMS + 1))
    if tiff.cut or len(claims) > _MAX_CLAIMS:
        raise ValueError("its EXIF has more directories than are looked at")
    merged = _merge(claims)
    for start, end in spans:
        for first, last in _unclaimed(start, end, merged):
            buffer[first:last] = bytes(last - first)
    for directory in {id(one): one for one, _ in doomed}.values():
        _remove_entries(buffer, tiff, directory, gone, merged)


def _remove_entries(
    buffer: bytearray, tiff: Tiff, directory: Directory, gone: set[int], claims: list[tuple[int, int]]
) -> None:
    """Take entries out of a directory: later ones move up, and so does the link to the next directory."""
    first = directory.at + tiff.count_size
    link_end = directory.entries_end + tiff.pointer_size
    # some writers leave the link out; then other bytes begin where it would stand
    linked = link_end <= tiff.end and _unclaimed(directory.entries_end, link_end, claims) == [
        (directory.entries_end, link_end)
    ]
    kept = b"".join(
        bytes(buffer[field.at : field.at + tiff.entry_size]) for field in directory.fields if field.at not in gone
    )
    link = bytes(buffer[directory.entries_end : link_end]) if linked else b""
    end = link_end if linked else directory.entries_end
    buffer[first:end] = (kept + link).ljust(end - first, b"\0")
    count = len(kept) // tiff.entry_size
    struct.pack_into(tiff.order + ("Q" if tiff.big else "H"), buffer, directory.at, count)


def _merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged


def _unclaimed(start: int, end: int, claims: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the parts of start–end that none of the merged, sorted claims covers."""
    parts: list[tuple[int, int]] = []
    index = max(bisect_right(claims, (start, start)) - 1, 0)
    while start < end:
        while index < len(claims) and claims[index][1] <= start:
            index += 1
        if index == len(claims) or claims[index][0] >= end:
            parts.append((start, end))
            break
        if claims[index][0] > start:
            parts.append((start, claims[index][0]))
        start = claims[index][1]
    return parts
