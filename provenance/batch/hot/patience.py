"""Wait for what concerns all files: at growing pauses one file is tried, and when that succeeds, all are.

Pure, with the time (seconds on a clock that nobody sets) as a parameter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.batch.hot import blame

if TYPE_CHECKING:
    from provenance.errors import ProvenanceError

_FIRST, _LONGEST = 1.0, 60.0
"""Seconds."""
_LEAST = 0.05
_OWN = 5
"""How often a file may meet what others in the meantime do not, before it is held to be its own fault."""


@dataclass(slots=True)
class _Held:
    """A file that waits."""

    times: int
    until: float
    strikes: int = 0
    others: int = 0
    """Files that were signed until it was last tried."""


def pause(times: int) -> float:
    """Return how many seconds to wait after having failed so many times in a row."""
    return min(_LONGEST, _FIRST * 2.0 ** min(times - 1, 10))


class Patience:
    """Which files wait, for what, since when."""

    def __init__(self) -> None:
        """Begin without a worry."""
        self._held: dict[str, _Held] = {}
        self._in_a_row = 0
        self._until = 0.0
        self._probe: str | None = None
        self._since = 0.0
        self._said: str | None = None
        self._signed = 0
        self.error: ProvenanceError | None = None
        """What was met last, as long as a file waits for it."""

    @property
    def in_a_row(self) -> int:
        """How many files were tried one by one, in vain."""
        return self._in_a_row

    @property
    def holding(self) -> bool:
        """Whether only one file at a time may be tried."""
        return self._in_a_row > 0

    def has_met(self, name: str) -> bool:
        """Say whether a file has met it."""
        return name in self._held

    def pause_left(self, now: float) -> float:
        """Return how many seconds it is until a file may be tried again."""
        if not self._held or self._probe is not None:
            return math.inf
        first = min(held.until for held in self._held.values())
        return max(_LEAST, first - now, (self._until - now) if self._in_a_row else 0.0)

    def may_begin(self, name: str, now: float) -> bool:
        """Say whether a file may be tried."""
        if self._in_a_row and (self._probe is not None or now < self._until):
            return False
        held = self._held.get(name)
        return held is None or now >= held.until

    def begun(self, name: str) -> None:
        """Note that a file is tried."""
        if self._in_a_row:
            self._probe = name

    def met(self, name: str, error: ProvenanceError, now: float) -> bool:
        """Note that a file has met it again; returns whether people should be told."""
        fresh = not self._held
        held = self._held.setdefault(name, _Held(times=0, until=now))
        if self._signed > held.others and held.times:
            held.strikes += 1
        held.others = self._signed
        if not self._in_a_row or self._probe == name:
            self._in_a_row += 1
            held.times += 1
            self._until = now + pause(self._in_a_row)
        held.until = now + pause(max(held.times, 1))
        self._over(name)
        self.error = error
        told = self._said == error.message and not fresh
        if fresh:
            self._since = now
        self._said = error.message
        return not told

    def is_its_own(self, name: str, error: ProvenanceError) -> bool:
        """Say whether a file has met it often enough where others have not."""
        held = self._held.get(name)
        return held is not None and held.strikes >= _OWN and blame.unclear(error)

    def through(self, name: str, now: float, *, signed: bool) -> float | None:
        """Note that a file has got through; only one that was `signed` proves that others will.

        Returns how many seconds all in all were waited when nobody waits any longer, `None` otherwise.
        """
        self._over(name)
        waited = self._held.pop(name, None) is not None
        if signed:
            self._signed += 1
            self._in_a_row = 0
        if self._held or not (waited and not self._in_a_row):
            return None
        self.error = None
        return now - self._since

    def _over(self, name: str) -> None:
        if self._probe == name:
            self._probe = None
