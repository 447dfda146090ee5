"""Decide which files of a hot folder are complete: pure, with the time as a parameter.

A file is complete when its size, the time of its last change and its sidecars have stayed the same for a while, by our
own watch. The time that a file states is only compared with itself, so that a clock that is wrong, or that somebody
sets, neither hastens nor blocks anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from provenance.batch.finding import Wanted
    from provenance.storage import Entry

PARTIAL: Final = (".part", ".tmp", ".crdownload", ".filepart", ".partial")
"""Endings of names under which programs write what is not complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A file as it was seen at one look."""

    entry: Entry
    beside: tuple[str, ...] = ()
    """Versions of what belongs to it: sidecars, and whatever is written under its name with an ending."""

    @property
    def state(self) -> tuple[str, ...]:
        """What must stay the same for a while."""
        return (self.entry.version, *self.beside)


def unfinished(name: str) -> bool:
    """Say whether a name (without folders) says that the file is still being written, or is not meant for others."""
    return name.startswith(".") or name.lower().endswith((*PARTIAL, "~"))


def sights(entries: Sequence[Entry], wanted: Wanted) -> Iterator[Sight]:
    """Give the files of a look that may be complete."""
    companions = {item.relative: item.version for item in entries if item.relative.endswith((".c2pa", *PARTIAL))}
    for entry in entries:
        if unfinished(entry.relative.rpartition("/")[2]) or not wanted.takes(entry.relative):
            continue
        beside, parts = _beside(entry.relative, companions) if companions else ((), ())
        if entry.size > 0 or not parts:
            # Where parts are, an empty file is a name that a browser has taken, to write elsewhere.
            yield Sight(entry=entry, beside=beside + parts)


def _beside(name: str, companions: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the versions of a file's sidecars, and of what is written under its name or theirs with an ending."""
    sidecars = (f"{name}.c2pa", str(PurePosixPath(name).with_suffix(".c2pa")))
    parts = [f"{item}{ending}" for item in (name, *sidecars) for ending in PARTIAL]
    return (
        tuple(companions[item] for item in sidecars if item in companions),
        tuple(companions[item] for item in parts if item in companions),
    )


class Arrivals:
    """What has arrived; each state of a file is given out once."""

    def __init__(self, settle: float) -> None:
        """Take how many seconds a file must stay the same."""
        self._settle = settle
        self._settling: dict[str, tuple[tuple[str, ...], float]] = {}
        self._given: dict[str, tuple[str, ...]] = {}

    @property
    def settling(self) -> int:
        """How many files are not complete."""
        return len(self._settling)

    def look(self, seen: Iterable[Sight], now: float) -> list[Entry]:
        """Take what was seen at `now` (seconds on a clock that nobody sets); return what is complete since."""
        ready = []
        settling: dict[str, tuple[tuple[str, ...], float]] = {}
        given: dict[str, tuple[str, ...]] = {}
        for sight in seen:
            name, state = sight.entry.name, sight.state
            if self._given.get(name) == state:
                given[name] = state
                continue
            before, since = self._settling.get(name, (state, now))
            since = since if before == state else now
            if now - since >= self._settle:
                given[name] = state
                ready.append(sight.entry)
            else:
                settling[name] = (state, since)
        # What was not seen has gone; should it come back, it is new.
        self._settling, self._given = settling, given
        return ready

    def wait(self, name: str, now: float) -> None:
        """Have a file settle anew that seemed complete, and is not."""
        self._settling[name] = (self._given.pop(name, ()), now)

    def due(self) -> float | None:
        """Say when it is worth looking again."""
        return min((since + self._settle for _, since in self._settling.values()), default=None)
