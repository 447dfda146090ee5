"""The workers of a service, found from outside, to be stopped, woken and killed."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _children(process: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{process}/task").iterdir():
        found += [int(text) for text in (task / "children").read_text().split()]
    return found


def workers(server: int) -> list[int]:
    """Return the processes that work on files: each pool has one that begets them."""
    return [worker for begetter in _children(server) for worker in _children(begetter)]


def send(number: signal.Signals, processes: list[int]) -> None:
    """Send a signal to those that are still there."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)


@contextmanager
def stopped(server: int) -> Iterator[list[int]]:
    """Have all workers stand still: whatever they are given hangs."""
    found = workers(server)
    send(signal.SIGSTOP, found)
    try:
        yield found
    finally:
        send(signal.SIGCONT, found)


def eventually(check: Callable[[], object], *, seconds: float = 30) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < until, "it never came about"
        time.sleep(0.02)
