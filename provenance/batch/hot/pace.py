"""When to look at a hot folder, and when a file in it is complete."""

from __future__ import annotations

from dataclasses import dataclass

EVENTS, POLLING = 30.0, 1.0
"""Seconds between two looks at a folder: where changes are told of, and where they are not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a folder is looked at."""

    settle: float = 2.0
    """Seconds for which a file must stay the same."""
    interval: float | None = None
    """Seconds between two looks; `None`: as the folder needs."""
    poll: bool = False
    """Do not rely on being told of changes."""
    once: bool = False
    """Work on what is there, then end; what concerns all files is not waited for, but raised."""

    def between(self, *, told: bool) -> float:
        """Return how many seconds may pass between two looks, where changes are `told` or not."""
        return self.interval or (EVENTS if told else POLLING)
