"""What is told of a hot folder: one plain line for each file, as a journal takes it."""

from __future__ import annotations

import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.batch.hot.events import Begun, GoingOn, Handled, Waiting
from provenance.batch.work import Fate
from provenance.cli import common
from provenance.cli.rows import row_of
from provenance.errors import BatchError
from provenance.reports.escape import visible
from provenance.storage import is_object

if TYPE_CHECKING:
    from provenance.batch.hot.events import Event
    from provenance.batch.hot.folder import HotFolder
    from provenance.batch.work import Outcome

_LIMIT = 2000
"""Characters of a message."""


class WatchFormat(StrEnum):
    """How it is told."""

    TEXT = "text"
    JSONL = "jsonl"


class Told:
    """Tells what happens, and counts."""

    def __init__(self, hot: HotFolder, form: WatchFormat, *, quiet: bool) -> None:
        """Begin to count."""
        self._hot, self._form, self._quiet = hot, form, quiet
        self._fates: Counter[Fate] = Counter()
        self._begun = time.monotonic()

    def add(self, event: Event) -> None:
        """Tell what happens."""
        if isinstance(event, Handled):
            self._fates[event.outcome.fate] += 1
        if self._quiet:
            return
        if isinstance(event, Handled):
            if self._form is WatchFormat.JSONL:
                self._row(event.outcome)
            else:
                self._file(event)
        elif isinstance(event, Waiting):
            _line(f"waiting, and trying again: {visible(event.error, limit=_LIMIT)}", stderr=True)
        elif isinstance(event, GoingOn):
            _line(f"going on after {_span(event.seconds)}", stderr=True)
        elif self._form is WatchFormat.TEXT:
            self._start(event)

    def end(self, *, once: bool) -> None:
        """Sum up.

        Raises `BatchError` when it was to work `once`, and something failed.
        """
        if self._form is WatchFormat.TEXT and not self._quiet:
            words = {Fate.DONE: "signed", Fate.SKIPPED: "signed before", Fate.FAILED: "failed"}
            counted = ", ".join(f"{self._fates[fate]:,} {word}" for fate, word in words.items() if self._fates[fate])
            _line(f"{counted or 'nothing signed'} in {_span(time.monotonic() - self._begun)}")
        if once and self._fates[Fate.FAILED]:
            raise BatchError(f"{self._fates[Fate.FAILED]} of {self._fates.total()} files were not signed")

    def _start(self, event: Begun) -> None:
        looks = f"every {event.interval:g} s"
        why = f" ({event.why})" if event.why else ", and at every change"
        _line(f"watching {visible(_short(self._hot.path))}: looking {looks}{why}")

    def _row(self, outcome: Outcome) -> None:
        from provenance import codec
        from provenance.reports.escape import as_json

        common.write(as_json(codec.to_json(row_of(outcome), indent=0)) + "\n")

    def _file(self, event: Handled) -> None:
        outcome = event.outcome
        name = visible(Path(outcome.job.source).relative_to(self._hot.path))
        if outcome.error is not None:
            goes = f" -> {visible(_short(event.moved))}" if event.moved else ""
            hint = f" ({visible(outcome.error.hint)})" if outcome.error.hint else ""
            _line(f"{name}{goes}: {visible(outcome.error.message, limit=_LIMIT)}{hint}", stderr=True)
        elif outcome.signed is not None:
            goes = outcome.job.target or f"{outcome.job.source}.c2pa"
            stamp = outcome.signed.store.active_manifest.signature
            stamped = f", stamped {stamp.time:%Y-%m-%d %H:%M:%S %Z}" if stamp and stamp.time else ""
            shown = goes if is_object(goes) else _short(Path(goes))
            _line(f"{name} -> {visible(shown)}: signed by {visible(outcome.signed.signer)}{stamped}")
            for note in outcome.signed.notes:
                _line(f"{name}: {visible(note)}", stderr=True)


def _line(text: str, *, stderr: bool = False) -> None:
    """Write a line with the time, at once: whoever reads along does not wait for a buffer."""
    stream = sys.stderr if stderr else sys.stdout
    stream.write(f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S} {text}\n")
    stream.flush()


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if here != Path(here.anchor) and path.is_relative_to(here) else path)


def _span(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else str(timedelta(seconds=round(seconds)))
