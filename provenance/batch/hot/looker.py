"""Look through a hot folder again and again, and keep what is ready to be worked on."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from provenance.batch.hot.arrivals import Arrivals, sights
from provenance.batch.hot.events import GoingOn, Waiting
from provenance.batch.hot.writers import still_written
from provenance.storage import Entry, walk_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from provenance.batch.hot.folder import HotFolder
    from provenance.batch.hot.pace import Pace
    from provenance.errors import ProvenanceError, UnreadableMedia

_REST = 4.0
"""Times that a look took, to rest after it: however large a folder is, looking must not take all the time."""
_LEAST = 0.02
"""Seconds to rest."""


class Looker:
    """Looks, and knows when to look next."""

    def __init__(self, hot: HotFolder, pace: Pace, *, told: Callable[[], bool]) -> None:
        """`told` says whether changes are told of."""
        self.ready: dict[str, Entry] = {}
        """Complete files in the order in which they became so, by name."""
        self._hot, self._pace, self._told = hot, pace, told
        self._arrivals = Arrivals(pace.settle)
        self._unreadable: dict[str, float] = {}
        self._first: float | None = None
        self._next = self._rested = 0.0
        self._over = False

    @property
    def over(self) -> bool:
        """Whether nothing more is looked for: whoever looks once has seen what is complete."""
        return self._over

    @property
    def settling(self) -> int:
        """How many files are not complete."""
        return self._arrivals.settling

    def stirred(self) -> None:
        """Look soon."""
        self._next = self._rested

    def seconds(self, now: float) -> float:
        """Return how long it is until the next look."""
        return math.inf if self._over else self._next - now

    def look(self, now: float) -> Iterator[Waiting | GoingOn]:
        """Look, if it is time to; tells which folders cannot be read, and which can be again.

        Raises `UnreadableMedia` for the hot folder itself where that is not waited for.
        """
        if self._over or now < self._next:
            return
        self._first = now if self._first is None else self._first
        entries: list[Entry] = []
        errors: list[UnreadableMedia] = []
        sources = self._hot.sources
        for found in walk_folder(self._hot.path, recursive=sources.recursive, spare=sources.spare):
            entries.append(found) if isinstance(found, Entry) else errors.append(found)
        if self._pace.once and (lost := next((item for item in errors if item.path == str(self._hot.path)), None)):
            raise lost
        for entry in self._arrivals.look(sights(entries, sources), now):
            if still_written(entry):
                self._arrivals.wait(entry.name, now)
            else:
                self.ready[entry.name] = entry
        self._over = self._pace.once and (not self.settling or now - self._first >= self._pace.settle)
        took = time.monotonic() - now
        self._rested = now + took + max(_LEAST, _REST * took)
        due = self._arrivals.due()
        usual = now + self._pace.between(told=self._told())
        self._next = max(self._rested, usual if due is None else min(usual, due))
        yield from self._told_of(errors, now)

    def _told_of(self, errors: Iterable[ProvenanceError], now: float) -> Iterator[Waiting | GoingOn]:
        """Say what cannot be read once, and when it can be again."""
        there = {str(error.path): error for error in errors}
        for path in [path for path in self._unreadable if path not in there]:
            yield GoingOn(seconds=now - self._unreadable.pop(path))
        for path, error in there.items():
            if path not in self._unreadable:
                self._unreadable[path] = now
                yield Waiting(error=error)
