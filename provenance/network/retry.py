"""Try again where the other side asks for it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

FIRST_WAIT = 0.2
"""Seconds; each further wait is twice as long."""
LONGEST_WAIT = 10.0


def retry(
    attempt: Callable[[], T],
    *,
    again: Callable[[Exception], float | None],
    attempts: int,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Call `attempt` up to so many times, waiting twice as long each time.

    `again` says of an error how many seconds the other side asks to wait at least (0 where it does not say), or None
    when trying again is no use. The last error is raised as it is.
    """
    for number in range(attempts):
        try:
            return attempt()
        except Exception as error:
            asked = again(error)
            if asked is None or number == attempts - 1:
                raise
            sleep(min(max(asked, FIRST_WAIT * 2**number), LONGEST_WAIT))
    raise ValueError("attempts must be at least 1")
