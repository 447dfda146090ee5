"""Ask again where that is safe: nothing that changes something is sent twice unless the first was surely not done."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

BUSY: Final = (429, 503)
"""Not done, says the service; it is asked again where it says when."""
_PASSING: Final = (502, 504)
"""What proxies answer; whether the request was done, nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often one asks again, and how long one waits before."""

    retries: int = 3
    first: float = 0.5
    """Seconds; each further wait is twice as long, and up to half of it is left to chance."""
    longest: float = 30.0
    """A service that asks for more is not waited for."""
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    """Between 0 and 1."""

    def wait(self, attempt: int, asked: float | None) -> bool:
        """Wait before another attempt; `attempt` counts from 0. Say whether there is one."""
        if attempt >= self.retries or (asked or 0) > self.longest:
            return False
        # Those who were turned away together must not come back together.
        usual = min(self.first * 2**attempt, self.longest) * (0.5 + self.chance() / 2)
        self.sleep(usual if asked is None else asked + usual)
        return True


def is_passing(status: int, retry_after: float | None, *, safe: bool) -> bool:
    """Say whether an answer is worth another attempt; `safe`: the request changes nothing."""
    if status in BUSY and (retry_after is not None or safe):
        return True
    return safe and status in _PASSING


def seconds(text: str | None) -> float | None:
    """Read `Retry-After` where it is a number (RFC 9110, 10.2.3); a date depends on two clocks."""
    return float(text) if text is not None and text.isascii() and text.isdigit() else None
