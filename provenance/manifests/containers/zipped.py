"""Take manifest stores out of ZIP-based files: EPUB, Office, OpenDocument (C2PA 2.4, embedding into ZIP-based formats).

The entries are copied as they are, still compressed, and the central directory is written anew (APPNOTE 6.3, 4.3).
The engine only drops the store's entry from the directory and leaves its bytes, and those of older ones, behind.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from provenance.errors import ManifestError

_STORE = b"META-INF/content_credential.c2pa"
_FOLDER = b"META-INF/"
_END = struct.Struct("<4s4H2IH")
_RECORD = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_DESCRIPTOR = b"PK\x07\x08"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A record of the central directory and the bytes that it stands for."""

    name: bytes
    record: bytes
    start: int
    stop: int


def remove(data: bytes) -> bytes:
    """Return the file without the store and without bytes that belong to no entry.

    Raises `ManifestError` for an archive that is damaged, encrypted as a whole, or of the 64-bit kind.
    """
    try:
        return _rebuilt(data)
    except struct.error as error:
        raise ManifestError("the archive is damaged") from error


def _rebuilt(data: bytes) -> bytes:
    end = data.rfind(b"PK\x05\x06")
    if end < 0:
        raise ManifestError("the archive has no directory")
    total, _, directory = _END.unpack_from(data, end)[4:7]
    if total == 0xFFFF or directory == 0xFFFFFFFF:
        raise ManifestError("archives of the 64-bit kind are not taken apart")
    entries = _without_store(_entries(data, directory, total))
    ordered = sorted(entries, key=lambda item: item.start)
    body = bytearray(data[: ordered[0].start if ordered else 0])
    moved, done = {}, 0
    for entry in ordered:
        if entry.start < done:
            # Archives made to explode let many entries share their bytes.
            raise ManifestError("the entries of the archive overlap")
        moved[entry.start] = len(body)
        body += data[entry.start : entry.stop]
        done = entry.stop
    records = b"".join(
        entry.record[:42] + moved[entry.start].to_bytes(4, "little") + entry.record[46:] for entry in entries
    )
    fields = (b"PK\x05\x06", 0, 0, len(entries), len(entries), len(records), len(body))
    comment = data[end + _END.size - 2 :]
    return bytes(body) + records + _END.pack(*fields, 0)[:-2] + comment


def _entries(data: bytes, at: int, total: int) -> list[_Entry]:
    found = []
    for _ in range(total):
        fields = _RECORD.unpack_from(data, at)
        flags, packed, start = fields[3], fields[8], fields[16]
        stop = at + _RECORD.size + sum(fields[10:13])
        if fields[0] != b"PK\x01\x02" or 0xFFFFFFFF in (packed, start):
            raise ManifestError("the directory of the archive is damaged or of the 64-bit kind")
        name = data[at + _RECORD.size : at + _RECORD.size + fields[10]]
        local = _LOCAL.unpack_from(data, start)
        end = start + _LOCAL.size + local[9] + local[10] + packed
        if flags & 8:
            # The signature of a data descriptor is optional.
            end += 16 if data.startswith(_DESCRIPTOR, end) else 12
        found.append(_Entry(name=name, record=data[at:stop], start=start, stop=end))
        at = stop
    return found


def _without_store(entries: list[_Entry]) -> list[_Entry]:
    """Leave out the store, and the entry for its folder that the engine writes before it."""
    kept: list[_Entry] = []
    for entry in entries:
        if entry.name == _STORE:
            if kept and kept[-1].name == _FOLDER:
                kept.pop()
        else:
            kept.append(entry)
    return kept
