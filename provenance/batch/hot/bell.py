"""What wakes a watcher: a job that is over, or a change in its folder."""

from __future__ import annotations

import queue
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from provenance.batch.work import Job, Outcome

_LISTENING = 500
"""Milliseconds after which the thread sees that it should end."""
_TOGETHER = 100
"""Milliseconds: changes within them wake once."""
_LONGEST = 0.25
"""Seconds after which a request to stop is seen; signals cannot ring."""


@dataclass(frozen=True, slots=True)
class Over:
    """A job is over."""

    job: Job
    future: Future[Outcome]


class Bell:
    """Rings for jobs that are over, and for changes."""

    def __init__(self) -> None:
        """Make one that is silent."""
        self._rings: queue.SimpleQueue[Over | None] = queue.SimpleQueue()

    def over(self, job: Job) -> Callable[[Future[Outcome]], None]:
        """Return what is to be called when a job is over."""
        return lambda future: self._rings.put(Over(job, future))

    def stirred(self) -> None:
        """Say that something has changed."""
        self._rings.put(None)

    def wait(self, seconds: float) -> tuple[list[Over], bool]:
        """Wait so long at most (less, to see a request to stop).

        Returns which jobs are over, and whether anything stirred.
        """
        over: list[Over] = []
        stirred = False
        try:
            ring = self._rings.get(timeout=min(max(seconds, 0.0), _LONGEST))
            while True:
                if ring is None:
                    stirred = True
                else:
                    over.append(ring)
                ring = self._rings.get_nowait()
        except queue.Empty:
            return over, stirred


@contextmanager
def listening(folder: Path, bell: Bell, *, recursive: bool) -> Iterator[Callable[[], bool]]:
    """Have a bell ring at changes of a folder while the block runs; gives what says whether it does."""
    try:
        from watchfiles import watch  # noqa: PLC0415 -- an extra
    except ImportError:
        yield lambda: False
        return
    end, deaf = threading.Event(), threading.Event()

    def listen() -> None:
        try:
            for _ in watch(
                folder,
                watch_filter=None,
                debounce=_TOGETHER,
                stop_event=end,
                rust_timeout=_LISTENING,
                raise_interrupt=False,
                force_polling=False,
                recursive=recursive,
                ignore_permission_denied=True,
            ):
                bell.stirred()
        except Exception:  # noqa: BLE001 -- no more watches, or the folder went away: then one has to look
            deaf.set()
            bell.stirred()

    thread = threading.Thread(target=listen, name="listening", daemon=True)
    thread.start()
    try:
        yield lambda: not deaf.is_set()
    finally:
        end.set()
        thread.join(2 * _LISTENING / 1000)
