"""Manifest stores in RIFF files: WebP, WAV, AVI (C2PA 2.4, embedding manifests into RIFF-based assets).

The store is a chunk `C2PA` of the first level. Offsets elsewhere in the file stay valid only because the chunk is
written, and taken out, behind what they point to, or was there when they were written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.errors import ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.manifests.containers.placement import Place

_NAME = b"C2PA"


def remove(data: bytes) -> bytes:
    """Return the file without its `C2PA` chunks, with the sizes set right."""
    kept = bytearray()
    done = 0
    for form, end in _forms(data):
        header = len(kept) + form - done + 4
        size = int.from_bytes(data[form + 4 : form + 8], "little")
        for start, stop in _stores(data, form + 12, end):
            kept += data[done:start]
            done = stop
            size -= min(stop, end) - start
            kept[header : header + 4] = size.to_bytes(4, "little")
    return bytes(kept + data[done:])


def insert(data: bytes, store: bytes, place: Place) -> bytes:
    """Return the file with a `C2PA` chunk at this place, or at the end of the first form.

    Raises `ManifestError` when the place lies in no form, or the file would grow beyond what RIFF can say.
    """
    forms = list(_forms(data))
    at = forms[0][1] if place.start is None and forms else place.start or 0
    form, end = next(((form, end) for form, end in forms if form + 12 <= at <= end), (0, 0))
    if not end:
        raise ManifestError("the manifest belongs to a place that the file does not have")
    chunk = _NAME + len(store).to_bytes(4, "little") + store + bytes(len(store) % 2)
    size = end - form - 8 + len(chunk)
    if size >= 1 << 32:
        raise ManifestError("the file would become larger than its format allows")
    return b"".join((data[: form + 4], size.to_bytes(4, "little"), data[form + 8 : at], chunk, data[at:]))


def _forms(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield offset and end of each RIFF form; long AVI files have several."""
    at = 0
    while data[at : at + 4] == b"RIFF" and at + 12 <= len(data):
        end = min(at + 8 + int.from_bytes(data[at + 4 : at + 8], "little"), len(data))
        yield at, end
        at = end + end % 2


def _stores(data: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield offset and end, padding included, of the store chunks between two offsets."""
    while at + 8 <= end:
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        stop = min(at + 8 + size + size % 2, len(data))
        if data[at : at + 4] == _NAME:
            yield at, stop
        at = stop
