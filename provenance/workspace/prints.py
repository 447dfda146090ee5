"""The fingerprints of a catalogue, kept nearer than its database: an index in a file that follows it."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from provenance.fingerprints.index import Index
from provenance.fingerprints.thresholds import CANDIDATE
from provenance.model.fingerprints import ISCC, PHASH
from provenance.model.recovery import Likeness

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from provenance.model.fingerprints import Fingerprint
    from provenance.model.record import Record
    from provenance.workspace.opened import Opened

_FOLDER: Final = "fingerprints"
"""In the home: what is there can be made anew from the catalogue."""
_BITS: Final = {ISCC: 256, PHASH: 64}
_NUMBERS: Final = 1 << 31
"""An id in an index says both: the row of the fingerprint, by which the index goes on, and below this its record."""
_SAVED_AFTER: Final = 1000
"""New fingerprints from which on the file is written again."""


class Prints:
    """An index for each method, brought up to date whenever it is asked. Threads may share it."""

    def __init__(self, space: Opened) -> None:
        """Open the indexes of a workspace. Here and later, `CatalogueError` is raised."""
        self._catalogue = space.catalogue
        digest = hashlib.sha256(self._catalogue.name.encode()).hexdigest()
        self._folder = Path(space.settings.home) / _FOLDER / digest[:16]
        self._indexes = {name: Index.load(self._path(name), bits=bits) or Index(bits) for name, bits in _BITS.items()}
        self._kept = {name: len(index) for name, index in self._indexes.items()}
        self._following = Lock()

    def near(self, asked: Iterable[Fingerprint], *, most: int) -> list[tuple[Record, Likeness]]:
        """Return the records that have a fingerprint like one of these, the nearest first, each once."""
        self._follow()
        found: dict[int, Likeness] = {}
        for number, likeness in self._near(tuple(asked), most):
            if number not in found or _order(likeness) < _order(found[number]):
                found[number] = likeness
        ordered = sorted(found.items(), key=lambda pair: _order(pair[1]))
        # What was pruned since is still in the index.
        records = self._catalogue.numbered([number for number, _ in ordered])
        return [(records[number], likeness) for number, likeness in ordered if number in records][:most]

    def _near(self, asked: Sequence[Fingerprint], most: int) -> Iterator[tuple[int, Likeness]]:
        for method, index in self._indexes.items():
            mine = [item for item in asked if item.method == method]
            # Several variants of one picture may be near.
            each = index.nearest([item.value for item in mine], most=8 * most, within=CANDIDATE[method])
            for item, near in zip(mine, each, strict=True):
                for id_, distance in near:
                    likeness = Likeness(method=method, distance=distance, bits=_BITS[method], variant=item.variant)
                    yield id_ % _NUMBERS, likeness

    def _follow(self) -> None:
        """Take in what was entered since: whoever answers others stays open for long."""
        with self._following:
            for method, index in self._indexes.items():
                newer = self._catalogue.fingerprints((index.last or 0) // _NUMBERS, method)
                index.add((item.row * _NUMBERS + item.number, item.fingerprint.value) for item in newer)
                if len(index) - self._kept[method] >= _SAVED_AFTER:
                    self._kept[method] = len(index)
                    with suppress(OSError):  # it is made again from the catalogue when it is needed
                        self._folder.mkdir(parents=True, exist_ok=True)
                        index.save(self._path(method))

    def _path(self, method: str) -> Path:
        return self._folder / f"{method}.index"


def _order(likeness: Likeness) -> tuple[float, bool]:
    """Say how near two fingerprints are, whatever their length; of two equally near, the longer one says more."""
    return likeness.distance / likeness.bits, likeness.method != ISCC
