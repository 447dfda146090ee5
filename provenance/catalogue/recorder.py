"""Record what is signed and verified, now or later: no catalogue that is away holds up a batch."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Self

from provenance.catalogue.spool import record_all
from provenance.catalogue.store import Catalogue
from provenance.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from provenance.catalogue.spool import Recordable, Spool

PAUSE: Final = 15.0
"""Seconds before a catalogue that was away is tried again."""


class Recorder:
    """A catalogue, and a spool for the time that it is away."""

    def __init__(
        self, url: str, spool: Spool, *, pause: float = PAUSE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take an address and a spool; the catalogue is opened when there is something to record."""
        self._url = url
        self._spool = spool
        self._pause = pause
        self._clock = clock
        self._catalogue: Catalogue | None = None
        self._away: tuple[float, CatalogueError] | None = None
        """Since when, and why."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def record(self, found: Sequence[Recordable]) -> CatalogueError | None:
        """Record these, after what waits; return why they wait instead, if they do.

        Raises `OutputError` when they can neither be recorded nor kept for later.
        """
        why = self._still_away()
        if why is None:
            try:
                catalogue = self._open()
                if self._spool.names():
                    self._spool.flush(catalogue)
                record_all(catalogue, found)
            except CatalogueError as error:
                self._away, why = (self._clock(), error), error
            else:
                self._away = None
        if why is not None:
            self._spool.keep(found)
        return why

    def close(self) -> None:
        """Close the catalogue."""
        if self._catalogue is not None:
            self._catalogue.close()
            self._catalogue = None

    def _still_away(self) -> CatalogueError | None:
        if self._away is None:
            return None
        since, why = self._away
        return why if self._clock() < since + self._pause else None

    def _open(self) -> Catalogue:
        if self._catalogue is None:
            self._catalogue = Catalogue.open(self._url)
        return self._catalogue
