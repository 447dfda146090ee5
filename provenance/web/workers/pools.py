"""A pool of workers with a queue that has an end, and how it is doing."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future

    from provenance.batch.executors.processes import Processes

T = TypeVar("T")

_SOONEST, _LATEST, _UNKNOWN = 1, 60, 5
"""Seconds after which whoever finds it busy is told to come again."""
_REMEMBERED: Final = 32
"""Calls by which it is told how fast it is."""


class Pool(StrEnum):
    """Who works on a call."""

    CLOSED = "closed"
    OPEN = "open"


class Busy(Exception):
    """So many calls wait already that no further one is taken."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"busy: try again in {retry_after} seconds")
        self.retry_after = retry_after
        """Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolState:
    """How a pool is doing."""

    workers: int
    at_work: int
    waiting: int
    done: int
    """Calls that were answered, whatever with."""
    lost: int
    """Workers that died or were given up over a call."""
    lacking: tuple[str, ...] | None
    """What of the confinement is not in force, in sentences; `None` before a worker has told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How both are doing."""

    pools: Mapping[Pool, PoolState]

    @property
    def workers(self) -> int:
        """Processes that work at once."""
        return sum(item.workers for item in self.pools.values())

    @property
    def at_work(self) -> int:
        """Calls that are worked on."""
        return sum(item.at_work for item in self.pools.values())

    @property
    def waiting(self) -> int:
        """Calls that wait in the pool where most do."""
        return max(item.waiting for item in self.pools.values())

    @property
    def lost(self) -> int:
        """Workers that died or were given up over a call."""
        return sum(item.lost for item in self.pools.values())

    @property
    def lacking(self) -> tuple[str, ...]:
        """What of the confinement is not in force, in sentences."""
        return tuple(dict.fromkeys(text for item in self.pools.values() for text in item.lacking or ()))


@dataclass(slots=True)
class Queued:
    """A pool with a queue that has an end."""

    processes: Processes
    most: int
    _pending: int = 0
    _done: int = 0
    _ends: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    """When the last calls ended."""
    _lock: Lock = field(default_factory=Lock)

    def submit(self, seconds: float, function: Callable[..., T], args: tuple[Any, ...]) -> Future[T]:
        """Have a function called, for so many seconds from when it is begun with. Raises `Busy`."""
        with self._lock:
            if self._pending >= self.processes.count + self.most:
                raise Busy(self._retry_after())
            self._pending += 1
        try:
            future = self.processes.submit_within(seconds, function, *args)
        except BaseException:
            self._end()
            raise
        future.add_done_callback(self._end)
        return future

    def state(self) -> PoolState:
        """Return how it is doing."""
        with self._lock:
            at_work = min(self._pending, self.processes.count)
            return PoolState(
                workers=self.processes.count,
                at_work=at_work,
                waiting=self._pending - at_work,
                done=self._done,
                lost=self.processes.lost,
                lacking=self.processes.lacking,
            )

    def _end(self, _future: Future[Any] | None = None) -> None:
        with self._lock:
            self._pending -= 1
            self._done += 1
            self._ends.append(time.monotonic())

    def _retry_after(self) -> int:
        """Guess when half of those that wait will be done, by how fast the last ones were."""
        if len(self._ends) < 2:
            return _UNKNOWN
        each = (time.monotonic() - self._ends[0]) / len(self._ends)
        return max(_SOONEST, min(_LATEST, math.ceil(each * self.most / 2)))
