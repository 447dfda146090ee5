"""Find the fingerprints nearest to one among millions: all are looked at, so that none is missed."""

from __future__ import annotations

import os
import struct
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    Ids = NDArray[np.int64]
    Distances = NDArray[np.uint16]
    Rows = NDArray[np.uint64]
    """Fingerprints one below the other, in words of 64 bits."""
    Places = list[tuple[int, int]]
    """Places of rows, with the bits in which they differ."""

_WORD = 64
_AT_ONCE = 1 << 14
"""Rows that are looked at together: they and what is counted of them stay in the cache."""
_FIRST = 1024
_MANY = 200_000
"""Rows from which on loading faiss pays: below, all is looked at before it is loaded."""
_HEAD = struct.Struct("<8sIIQ")
"""Magic, bits, zero, number of rows; then follow the ids, then the rows, both in the byte order of the machine."""
_MAGIC = b"PVINDEX1" if np.little_endian else b"PVINDEXb"


class Near(NamedTuple):
    """A fingerprint that was found, by its id, and by how many bits it differs."""

    id: int
    distance: int


@dataclass(slots=True)
class _Block:
    """Ids and rows; only so many of them are filled."""

    ids: Ids
    rows: Rows
    filled: int

    def room_for(self, more: int) -> None:
        if self.filled + more <= len(self.ids):
            return
        size = max(2 * len(self.ids), self.filled + more, _FIRST)
        ids, rows = np.empty(size, np.int64), np.empty((size, self.rows.shape[1]), np.uint64)
        ids[: self.filled], rows[: self.filled] = self.ids[: self.filled], self.rows[: self.filled]
        self.ids, self.rows = ids, rows


class Index:
    """Fingerprints of one method with the ids that they go by; an id may have several, and one several ids.

    What was loaded from a file stays there and is read when it is needed; what is added is in memory until `save`.
    """

    def __init__(self, bits: int) -> None:
        if bits % _WORD:
            raise ValueError(f"fingerprints come in words of {_WORD} bits")
        self._bits = bits
        words = bits // _WORD
        self._kept = _Block(np.empty(0, np.int64), np.empty((0, words), np.uint64), 0)
        self._added = _Block(np.empty(0, np.int64), np.empty((0, words), np.uint64), 0)

    def __len__(self) -> int:
        return self._kept.filled + self._added.filled

    @property
    def last(self) -> int | None:
        """The id that was added last: where to go on from."""
        filled = [it for it in (self._kept, self._added) if it.filled]
        return int(filled[-1].ids[filled[-1].filled - 1]) if filled else None

    def add(self, fingerprints: Iterable[tuple[int, bytes]]) -> None:
        """Add ids and values; raises ValueError for a value of another length."""
        pairs = list(fingerprints)
        if any(8 * len(value) != self._bits for _, value in pairs):
            raise ValueError(f"not every fingerprint has {self._bits} bits")
        block, start = self._added, self._added.filled
        block.room_for(len(pairs))
        end = start + len(pairs)
        block.ids[start:end] = [number for number, _ in pairs]
        block.rows[start:end] = self._words(b"".join(value for _, value in pairs))
        block.filled = end

    def nearest(self, values: Sequence[bytes], *, most: int, within: int) -> list[list[Near]]:
        """Return for each value at most so many that differ by `within` bits or less, in the order of the values.

        What is nearest comes first, and of equally near ones the lower id. All values are compared in one pass, since
        reading a large index takes longer than counting.
        """
        found: list[list[Near]] = [[] for _ in values]
        sought = self._words(b"".join(values))
        for block in self._blocks():
            for mine, more in zip(found, _near(block, sought, most, within), strict=True):
                mine.extend(more)
        return [sorted(mine, key=lambda it: (it.distance, it.id))[:most] for mine in found]

    def save(self, path: Path) -> None:
        """Write all to a file, which appears whole or not at all; raises OSError."""
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(_HEAD.pack(_MAGIC, self._bits, 0, len(self)))
                for block in self._blocks():
                    out.write(block.ids[: block.filled].data)
                for block in self._blocks():
                    out.write(block.rows[: block.filled].data)
                out.flush()
                os.fsync(out.fileno())
            Path(name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise

    @classmethod
    def load(cls, path: Path, *, bits: int) -> Index | None:
        """Open what `save` wrote, without reading it yet.

        None where there is nothing to go on from: no file, one of another kind or machine, or one that was cut off.
        An index can always be made anew from what it indexes.
        """
        try:
            with path.open("rb") as file:
                magic, kept, zero, count = _HEAD.unpack(file.read(_HEAD.size))
            size = path.stat().st_size
        except (OSError, struct.error):
            return None
        words = bits // _WORD
        if (magic, kept, zero) != (_MAGIC, bits, 0) or size != _HEAD.size + count * 8 * (1 + words):
            return None
        index = cls(bits)
        if count:
            ids = np.memmap(path, np.int64, "r", _HEAD.size, (count,))
            rows = np.memmap(path, np.uint64, "r", _HEAD.size + 8 * count, (count, words))
            index._kept = _Block(ids, rows, count)
        return index

    def _blocks(self) -> Iterator[_Block]:
        return (it for it in (self._kept, self._added) if it.filled)

    def _words(self, values: bytes) -> Rows:
        return np.frombuffer(values, np.uint64).reshape(-1, self._bits // _WORD)


def _near(block: _Block, sought: Rows, most: int, within: int) -> list[list[Near]]:
    """Return what is near in a block, for each of the sought rows; of equally near ones it may be more than `most`."""
    ids, rows = block.ids[: block.filled], block.rows[: block.filled]
    fast = _by_faiss(rows, sought, most, within) if len(rows) >= _MANY else [None] * len(sought)
    left = [number for number, places in enumerate(fast) if places is None]
    counted = iter(_by_counting(rows, sought[left], most, within) if left else ())
    return [
        [Near(int(ids[place]), distance) for place, distance in (next(counted) if places is None else places)]
        for places in fast
    ]


def _by_counting(rows: Rows, sought: Rows, most: int, within: int) -> Iterator[Places]:
    """Count all bits in which rows differ."""
    close: list[list[tuple[Ids, Distances]]] = [[] for _ in sought]
    for start in range(0, len(rows), _AT_ONCE):
        # one word of all rows after the other: what lies together is counted together
        words = np.ascontiguousarray(rows[start : start + _AT_ONCE].T)
        for mine, row in zip(close, sought, strict=True):
            distances = _distances(words, row)
            places = np.flatnonzero(distances <= within)
            if len(places):
                mine.append((places + start, distances[places]))
    return (_nearest(mine, most) for mine in close)


def _distances(words: Rows, row: Rows) -> Distances:
    distances: Distances = np.bitwise_count(words[0] ^ row[0]).astype(np.uint16)
    for word, own in zip(words[1:], row[1:], strict=True):
        distances += np.bitwise_count(word ^ own)
    return distances


def _nearest(found: list[tuple[Ids, Distances]], most: int) -> Places:
    """Take so many places, and all that are as near as the last of them: which it is, is decided by their ids."""
    if not found:
        return []
    places, distances = (np.concatenate(parts) for parts in zip(*found, strict=True))
    if len(places) > most:
        near = distances <= np.partition(distances, most - 1)[most - 1]
        places, distances = places[near], distances[near]
    return list(zip(places.tolist(), distances.tolist(), strict=True))


def _by_faiss(rows: Rows, sought: Rows, most: int, within: int) -> list[Places | None]:
    """Return the nearest places for each; None without faiss, and where equal distances leave open which to take."""
    try:
        import faiss  # noqa: PLC0415 -- an extra, and heavy
    except ImportError:
        return [None] * len(sought)
    # counting how often each distance comes ("mc") is many times as fast here as a heap, and as exact
    found, places = faiss.knn_hamming(
        np.ascontiguousarray(sought).view(np.uint8), rows.view(np.uint8), min(most + 1, len(rows)), variant="mc"
    )
    return [_decided(*both, most, within) for both in zip(places.tolist(), found.tolist(), strict=True)]


def _decided(places: list[int], distances: list[int], most: int, within: int) -> Places | None:
    close = [
        (place, distance)
        for place, distance in zip(places, distances, strict=True)
        if place >= 0 and distance <= within
    ]
    if len(close) > most and close[most][1] == close[most - 1][1]:
        return None
    return close[:most]
