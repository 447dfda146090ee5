"""How often somebody may ask: counted in memory, for each party alone, whatever the number of parties.

Two counts for each party, of this window and of the one before, of which as much still counts as of it lies in the time
looked back on. What is kept does not grow with the requests, and no thread goes through it.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from provenance.model.service import Rate

MOST: Final = 100_000
"""Parties that are counted; of more, those that were not seen for longest are forgotten."""
_SWEPT: Final = 4
"""Parties that are forgotten at each request once nothing of them counts any more."""
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a party stands after it asked."""

    rate: Rate
    allowed: bool
    left: int
    """Requests that are still allowed now."""
    reset: int
    """Seconds until this window ends."""
    wait: int
    """Seconds until one more is allowed; 0: now."""

    def headers(self) -> dict[str, str]:
        """Return what an answer says of it (draft-ietf-httpapi-ratelimit-headers-10)."""
        return {
            "RateLimit-Policy": f'"requests";q={self.rate.count};w={self.rate.seconds}',
            "RateLimit": f'"requests";r={self.left};t={self.reset}',
        }


class Window:
    """The requests of all parties under one rate; for one thread, such as that of an event loop."""

    def __init__(self, rate: Rate, *, clock: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        """Count under a rate; `clock` gives seconds."""
        self._rate = rate
        self._clock = clock
        self._most = most
        self._counted: OrderedDict[str, tuple[int, int, int]] = OrderedDict()
        """By party: number of the window, requests in it, requests in the one before."""

    def take(self, who: str) -> Standing:
        """Count a request of a party, if it is allowed."""
        number, part = self._now()
        now, before = self._counts(who, number)
        allowed = self._fits(now, before, part)
        if allowed:
            now += 1
            self._counted[who] = (number, now, before)
            self._counted.move_to_end(who)
            self._forget(number)
        return self._standing(now, before, part, allowed=allowed)

    def look(self, who: str) -> Standing:
        """Say how a party stands, and whether one more would be allowed, without counting."""
        number, part = self._now()
        now, before = self._counts(who, number)
        return self._standing(now, before, part, allowed=self._fits(now, before, part))

    def _now(self) -> tuple[int, float]:
        """Return the number of the window, and how much of it has gone."""
        whole, part = divmod(self._clock(), self._rate.seconds)
        return int(whole), part / self._rate.seconds

    def _counts(self, who: str, number: int) -> tuple[int, int]:
        last, now, before = self._counted.get(who, (number, 0, 0))
        if last == number:
            return now, before
        return 0, now if last == number - 1 else 0

    def _fits(self, now: int, before: int, part: float) -> bool:
        return now + before * (1 - part) + 1 <= self._rate.count + _ROUNDING

    def _standing(self, now: int, before: int, part: float, *, allowed: bool) -> Standing:
        seconds = self._rate.seconds
        return Standing(
            rate=self._rate,
            allowed=allowed,
            left=max(math.floor(self._rate.count - now - before * (1 - part) + _ROUNDING), 0),
            reset=math.ceil((1 - part) * seconds),
            wait=math.ceil(self._wait(now, before, part) * seconds - _ROUNDING),
        )

    def _wait(self, now: int, before: int, part: float) -> float:
        """Return after how much of a window one more fits."""
        if self._fits(now, before, part):
            return 0
        spare = self._rate.count - 1
        if now <= spare:
            return 1 - (spare - now) / before - part
        # Nothing more in this window; in the next one, some of it has to lie too far back first.
        return 1 - part + 1 - spare / now

    def _forget(self, number: int) -> None:
        for _ in range(_SWEPT):
            who = next(iter(self._counted))
            if self._counted[who][0] >= number - 1:
                break
            del self._counted[who]
        if len(self._counted) > self._most:
            self._counted.popitem(last=False)
