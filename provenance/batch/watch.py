"""Watch a hot folder, and sign what arrives: each file once and whole, whatever ends the watcher in between."""

from __future__ import annotations

import math
import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING

from provenance.batch.crew import AUTO, working
from provenance.batch.executors import PROCESSES, Engine
from provenance.batch.hot import mounts
from provenance.batch.hot.bell import Bell, listening
from provenance.batch.hot.events import Begun
from provenance.batch.hot.lock import alone
from provenance.batch.hot.looker import Looker
from provenance.batch.hot.pace import Pace
from provenance.batch.hot.shift import Shift
from provenance.batch.preparing import open_journal, open_signer, plan_of, recipe_of, workers
from provenance.batch.recipe import Operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.batch.hot.events import Event
    from provenance.batch.hot.folder import HotFolder
    from provenance.batch.recipe import Signing
    from provenance.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A hot folder, and how what arrives there is signed; iterate over it for what happens."""

    space: Workspace
    hot: HotFolder
    task: Signing
    pace: Pace = field(default_factory=Pace)
    engine: Engine = field(default_factory=lambda: Engine(name=AUTO))
    largest: int = 0
    """Bytes of a file above which it is refused; 0: no limit."""
    stop: Flag = field(default_factory=Flag)
    """Once it is set, no further file is begun; those in flight are finished."""

    def __iter__(self) -> Iterator[Event]:
        """Work until asked to stop.

        Raises what is wrong from the beginning: with the key (as `Workspace.signer` does), a folder or the journal;
        `SettingsError` when somebody else watches the same folder.
        """
        space, hot, task = self.space, self.hot, replace(self.task, as_found=True)
        # Files come from anywhere: what hangs or dies over one must not end the watcher.
        name = PROCESSES if self.engine.name == AUTO else self.engine.name
        engine = replace(self.engine, name=name, workers=workers(space, task, self.engine))
        with ExitStack() as stack:
            stack.enter_context(alone(Path(space.settings.home), hot.path))
            signer = open_signer(space, task, engine)
            hot.prepare()
            journal = stack.enter_context(open_journal(space))
            bell = Bell()
            looker, why = self._looker(stack, bell)
            shift = Shift(
                hot=hot,
                plan=replace(plan_of(space, task, hot.naming, signer=signer, journal=journal), once=True),
                recipe=recipe_of(space, task, engine, largest=self.largest),
                crew=stack.enter_context(working(engine, Operation.SIGN, secrets=space.secret.given)),
                bell=bell,
                ready=looker.ready,
                waits=not self.pace.once,
            )
            if not self.pace.once:
                yield Begun(interval=self.pace.between(told=why is None), why=why)
            yield from self._worked(looker, shift, bell)

    def _looker(self, stack: ExitStack, bell: Bell) -> tuple[Looker, str | None]:
        """Find out whether changes are told of; returns who looks, and why not."""
        why = "asked for" if self.pace.poll else mounts.silent(self.hot.path)
        if why is not None or self.pace.once:
            return Looker(self.hot, self.pace, told=lambda: False), why
        told = stack.enter_context(listening(self.hot.path, bell, recursive=self.hot.wanted.recursive))
        return Looker(self.hot, self.pace, told=told), None if told() else "the extra `watch` is not installed"

    def _worked(self, looker: Looker, shift: Shift, bell: Bell) -> Iterator[Event]:
        while True:
            now = time.monotonic()
            seconds = math.inf
            if not self.stop.is_set():
                yield from looker.look(now)
                yield from shift.begin(now)
                seconds = min(looker.seconds(now), shift.seconds(now))
            if not shift.flying and (self.stop.is_set() or (looker.over and shift.idle)):
                break
            over, stirred = bell.wait(seconds)
            for item in over:
                yield from shift.ended(item, time.monotonic())
            if stirred:
                looker.stirred()
        if self.pace.once and shift.patience.error is not None:
            raise shift.patience.error
