"""Erase a location from EXIF and from XMP in place: no byte before or behind it moves."""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from itertools import islice
from typing import TYPE_CHECKING

from provenance.metadata.names import is_erased
from provenance.metadata.tiff import GPS_IFD, Directory, Field, Tiff

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    claims = [] if tiff.cut else list(islice(tiff.claimed(), _MAX_CLAIMS + 1))
    if tiff.cut or len(claims) > _MAX_CLAIMS:
        raise ValueError("its EXIF has more directories than are looked at")
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
    merged = _merge(claims)
    for start, end in spans:
        for first, last in _unclaimed(start, end, merged):
            buffer[first:last] = bytes(last - first)
    for directory in {id(one): one for one, _ in pointers}.values():
        _remove_pointers(buffer, tiff, directory, merged)


def _remove_pointers(buffer: bytearray, tiff: Tiff, directory: Directory, claims: list[tuple[int, int]]) -> None:
    """Take the pointers out of a directory: later fields move up, and so does the link to the next one."""
    first = directory.at + tiff.count_size
    link_end = directory.entries_end + tiff.pointer_size
    # some writers leave the link out; then other bytes begin where it would stand
    linked = link_end <= tiff.end and _unclaimed(directory.entries_end, link_end, claims) == [
        (directory.entries_end, link_end)
    ]
    kept = b"".join(
        bytes(buffer[field.at : field.at + tiff.entry_size]) for field in directory.fields if field.tag != GPS_IFD
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


# XMP is erased as text. The packet was parsed before, so that its tags can be told apart by a regular
# expression.
_TOKEN = re.compile(
    rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>"
    rb"|<(?P<close>/)?(?P<name>[^\s/>]+)(?P<rest>(?:[^>\"']|\"[^\"]*\"|'[^']*')*?)(?P<empty>/)?>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(rb"\s(?P<name>[^\s=\"'/]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")


def erase_xmp(packet: bytes) -> bytes:
    """Return the packet with every property that states a location overwritten with spaces, equally long.

    `packet` is well-formed XML in UTF-8; only what lies inside of its RDF is changed.
    """
    buffer = bytearray(packet)
    for start, end in _location_spans(packet):
        buffer[start:end] = b" " * (end - start)
    return bytes(buffer)


def _location_spans(packet: bytes) -> Iterator[tuple[int, int]]:
    rdf = depth = start = 0
    erased = b""
    for token in _TOKEN.finditer(packet):
        name, opens = token["name"], not token["close"]
        step = int(opens) - int(bool(token["close"] or token["empty"]))
        if name is None:
            continue
        if depth:  # inside of an element that goes: only its own end tag counts
            depth += step if name == erased else 0
            if depth == 0:
                yield start, token.end()
        elif rdf and opens and _is_erased(name):
            erased, start, depth = name, token.start(), step
            if depth == 0:
                yield token.span()
        else:
            rdf += step if _local(name) == "RDF" else 0
            if rdf and opens:
                yield from _attribute_spans(token)


def _attribute_spans(token: re.Match[bytes]) -> Iterator[tuple[int, int]]:
    offset = token.start("rest")
    for attribute in _ATTRIBUTE.finditer(token["rest"]):
        if _is_erased(attribute["name"]):
            yield offset + attribute.start(), offset + attribute.end()


def _is_erased(qualified: bytes) -> bool:
    prefix, colon, _ = qualified.partition(b":")
    return bool(colon) and prefix not in {b"rdf", b"xml", b"xmlns"} and is_erased(_local(qualified))


def _local(qualified: bytes) -> str:
    return qualified.rpartition(b":")[2].decode("utf-8", errors="replace")
