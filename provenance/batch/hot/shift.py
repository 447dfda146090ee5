"""Work on what arrives: begin what is ready, and see to what became of it."""

from __future__ import annotations

import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.batch.hot import blame
from provenance.batch.hot.aside import put_aside, tell_why
from provenance.batch.hot.events import GoingOn, Handled, Waiting
from provenance.batch.hot.patience import Patience
from provenance.batch.plan import BEFORE
from provenance.batch.run import outcome_of
from provenance.batch.tasks import failure, perform
from provenance.batch.work import Fate, Job, Outcome
from provenance.errors import OutputError, ProvenanceError
from provenance.storage import stat_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.batch.executors import Crew
    from provenance.batch.hot.bell import Bell, Over
    from provenance.batch.hot.events import Event
    from provenance.batch.hot.folder import HotFolder
    from provenance.batch.plan import Plan
    from provenance.batch.recipe import Recipe
    from provenance.storage import Entry

_IN_VAIN = 3
"""Files that are tried in vain before a run that does not wait gives up."""


@dataclass(slots=True, kw_only=True)
class Shift:
    """Whoever works, on what, by which recipe."""

    hot: HotFolder
    plan: Plan
    recipe: Recipe
    crew: Crew
    bell: Bell
    ready: dict[str, Entry]
    """Files that wait for their turn, by name; shared with whoever finds them."""
    waits: bool = True
    """What concerns all files is waited for."""
    patience: Patience = field(default_factory=Patience)
    flying: dict[str, Entry] = field(default_factory=dict)
    """Files that are worked on, by name."""
    _parcel: bytes = b""

    def seconds(self, now: float) -> float:
        """Return how long it is until something could be begun, for all that is known now."""
        return 0.0 if self._next(now) else self.patience.pause_left(now)

    @property
    def idle(self) -> bool:
        """Whether nothing is worked on, and nothing could be begun at this moment."""
        return not self.flying and not self._next(time.monotonic())

    def begin(self, now: float) -> Iterator[Event]:
        """Begin what is ready, as far as there is room."""
        while names := self._next(now):
            entries = [self.ready.pop(name) for name in names]
            for name in names:
                self.patience.begun(name)
            try:
                gone = self.hot.missing()
                if gone is not None:
                    raise gone
                # A run of its own: within one, a file that comes a second time would be one that was named twice.
                planned = list(replace(self.plan, run=uuid.uuid4().hex).jobs(entries))
            except ProvenanceError as error:
                for entry in entries:
                    yield from self._hold(entry, error, now)
                continue
            by_name = {entry.name: entry for entry in entries}
            for item in planned:
                if isinstance(item, Outcome):
                    yield from self._settled(by_name[item.job.source], item, now)
                else:
                    self._submit(by_name[item.source], item)

    def ended(self, over: Over, now: float) -> Iterator[Event]:
        """See to a job that is over."""
        entry = self.flying.pop(over.job.source)
        try:
            outcome = outcome_of(over.job, over.future, self.recipe)
        except ProvenanceError as error:
            outcome = failure(over.job, error, self.recipe)
        yield from self._settled(entry, outcome, now)

    def _next(self, now: float) -> list[str]:
        """Name what may be begun now: everything that there is room for, or one to try."""
        patience = self.patience
        room = 1 if patience.holding else self.crew.window - len(self.flying)
        if room <= 0 or (not self.waits and patience.in_a_row >= _IN_VAIN):
            return []
        may = (
            name
            for name in self.ready
            if name not in self.flying and (patience.may_begin(name, now) if self.waits else not patience.has_met(name))
        )
        return list(islice(may, room))

    def _submit(self, entry: Entry, job: Job) -> None:
        self._parcel = self._parcel or self.recipe.parcel()
        self.flying[entry.name] = entry
        self.crew.executor.submit(perform, self._parcel, job).add_done_callback(self.bell.over(job))

    def _settled(self, entry: Entry, outcome: Outcome, now: float) -> Iterator[Event]:
        """Note what became of a file, and put it where it belongs."""
        error, moved = outcome.error, None
        if error is not None:
            of_all = blame.concerns_all(error, outcome.job.target)
            if of_all and not self.patience.is_its_own(entry.name, error):
                yield from self._hold(entry, error, now)
                return
        found = stat_file(Path(entry.name))
        same = found is not None and found.version == entry.version
        if same or not outcome.failed:
            try:
                note = self.plan.finished([outcome])
                moved = self._put(entry, outcome) if same else None
            except OutputError as problem:
                yield from self._hold(entry, problem, now)
                return
            if note is not None and outcome.signed is not None:
                outcome = replace(outcome, signed=replace(outcome.signed, notes=(*outcome.signed.notes, note)))
            yield Handled(outcome=outcome, moved=moved)
        # What has changed meanwhile is found again once it is complete.
        seconds = self.patience.through(entry.name, now, signed=outcome.fate is Fate.DONE)
        if seconds is not None:
            yield GoingOn(seconds=seconds)

    def _put(self, entry: Entry, outcome: Outcome) -> Path | None:
        path = Path(entry.name)
        if outcome.failed:
            moved = put_aside(path, self.hot.failed / self.hot.below(path))
            with suppress(OutputError):
                # Where there is no room for it, it is told all the same.
                tell_why(moved, outcome, hot=self.hot.path, at=self.plan.clock())
            return moved
        if self.hot.moves and (outcome.fate is Fate.DONE or outcome.reason == BEFORE):
            return put_aside(path, self.hot.done / self.hot.below(path))
        return None

    def _hold(self, entry: Entry, error: ProvenanceError, now: float) -> Iterator[Event]:
        """Keep a file for later."""
        self.ready.setdefault(entry.name, entry)
        if self.patience.met(entry.name, error, now) and self.waits:
            yield Waiting(error=error)
