"""Files that workers read when they begin: trust lists, and identities whose roots count."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.settings import Settings

_LOOK_AGAIN: Final = 1.0
"""Seconds after which it is looked again whether they are still the same."""


class Watched:
    """The files of a workspace that workers read when they begin."""

    def __init__(self, settings: Settings) -> None:
        self._places = tuple(_places(settings))
        self._looked = time.monotonic()
        self._seen = self._state()

    def changed(self) -> bool:
        """Whether they are others than when this was last said; it is not looked at every time."""
        now = time.monotonic()
        if now - self._looked < _LOOK_AGAIN:
            return False
        self._looked = now
        seen, self._seen = self._seen, self._state()
        return seen != self._seen

    def _state(self) -> frozenset[tuple[str, int, int]]:
        return frozenset(_files(self._places))


def _files(places: tuple[Path, ...]) -> Iterator[tuple[str, int, int]]:
    for place in places:
        for path in (place, *place.rglob("*")):
            with suppress(OSError):  # it may be replaced at this very moment
                found = path.stat()
                yield str(path), found.st_mtime_ns, found.st_size


def _places(settings: Settings) -> Iterator[Path]:
    yield from (Path(settings.home) / name for name in ("trust", "identities"))
    yield from map(Path, (*settings.trust.signers, *settings.trust.timestamps, *settings.trust.identities))
