"""How far a batch is: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.cli import common

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.progress import Progress, TaskID

    from provenance.batch.finding import Wanted
    from provenance.batch.work import Outcome


class Meter:
    """Shows nothing: output goes to a file, or nobody wants to see it."""

    shown = False

    def advance(self, outcome: Outcome) -> None:
        """Take one more file."""


class _Bar(Meter):
    """Files, megabytes a second, time left, failures so far."""

    shown = True

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task
        self._bytes = self._failed = 0
        self._lock = threading.Lock()

    def advance(self, outcome: Outcome) -> None:
        """Take one more file."""
        self._bytes += outcome.job.size
        self._failed += outcome.failed
        elapsed = self._progress.tasks[0].elapsed or 0.0
        rate = f"{self._bytes / 1e6 / elapsed:,.1f} MB/s" if elapsed > 1 else ""
        failed = f"{self._failed} failed" if self._failed else ""
        self._progress.update(self._task, advance=1, rate=rate, failed=failed)


@contextmanager
def meter(names: Sequence[str], wanted: Wanted, *, quiet: bool) -> Iterator[Meter]:
    """Give a bar where there is a terminal to show it; the files are counted beside the work."""
    if quiet or not sys.stderr.isatty():
        yield Meter()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns: tuple[Any, ...] = (
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("files"),
        TextColumn("{task.fields[rate]}", style="cyan"),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[failed]}", style="red"),
    )
    console = common.console(stderr=True)
    # What is printed for people goes above the bar; what goes into a file must not be touched.
    with Progress(*columns, console=console, transient=True, redirect_stdout=sys.stdout.isatty()) as progress:
        task = progress.add_task("", total=None, rate="", failed="")
        over = threading.Event()
        counting = threading.Thread(target=_count, args=(names, wanted, progress, task, over), daemon=True)
        if names and all(_can_be_read_twice(name) for name in names):
            counting.start()
        try:
            yield _Bar(progress, task)
        finally:
            over.set()


def _can_be_read_twice(name: str) -> bool:
    """Say whether counting takes nothing away from whoever works: standard input and pipes are read once."""
    return name != "-" and not (name.startswith("@") and not Path(name[1:]).is_file())


def _count(names: Sequence[str], wanted: Wanted, progress: Progress, task: TaskID, over: threading.Event) -> None:
    """Count the files, so that the time left can be told; what goes wrong is said by whoever works on them."""
    from provenance.batch.finding import Finder

    total = 0
    for _ in Finder(names, wanted):
        total += 1
        if over.is_set():
            return
    progress.update(task, total=total)
