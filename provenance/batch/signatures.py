"""Sign many files: from what somebody means to what became of each."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from provenance.batch.crew import Batch, chosen, working
from provenance.batch.executors import cores
from provenance.batch.finding import Finder
from provenance.batch.journal import Journal
from provenance.batch.plan import GROUP, Plan
from provenance.batch.recipe import Recipe, Signing, fingerprint
from provenance.batch.run import Run
from provenance.batch.signing import bears
from provenance.model.claim import Carrier
from provenance.workspace.sealing import seal_of, wants_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.batch.naming import Naming
    from provenance.batch.work import Outcome
    from provenance.model.ports import Signer
    from provenance.workspace import Workspace

JOURNAL: Final = "journal.db"
"""In the home of a workspace."""
_WAITING = 6
"""Workers for each core where each waits for a time-stamp authority most of the time."""
_MOST_WAITING = 64


class Signatures:
    """A batch of signatures; iterate over it for what became of each file, in the order in which they end."""

    def __init__(self, space: Workspace, batch: Batch, task: Signing, naming: Naming, *, resume: bool = True) -> None:
        """Open the key first, so that what is wrong with it is said before anything begins; a cluster has its own.

        Raises as `Workspace.signer` does.
        """
        self.signer = None if batch.engine.on_cluster else _opened(space, task)
        self.finder = Finder(batch.names, batch.wanted)
        self._space, self._batch, self._task, self._naming, self._resume = space, batch, task, naming, resume

    @property
    def dry(self) -> bool:
        """Whether it is only said what would be done."""
        return self._task.rehearse

    @property
    def address(self) -> str | None:
        """Where the manifests will be found, when that is elsewhere."""
        return self._task.options.remote_url

    def __iter__(self) -> Iterator[Outcome]:
        """Work.

        Raises `SettingsError` and `OutputError` for the journal, and what concerns all files.
        """
        space, task = self._space, self._task
        settings = None if self._batch.engine.on_cluster else space.settings
        recipe = Recipe(task=task, settings=settings, largest=self._batch.largest)
        engine = replace(self._batch.engine, workers=self._workers())
        with _journal(space, dry=task.rehearse) as journal:
            plan = Plan(
                naming=self._naming,
                recipe=fingerprint(task, identity=_who(self.signer, task)),
                journal=journal,
                clock=space.now,
                run=uuid.uuid4().hex,
                resume=self._resume,
                dry=task.rehearse,
                sidecars=task.options.carrier is not Carrier.EMBEDDED,
                overwrite=task.overwrite,
                bears=partial(bears, space),
            )
            engine, found = chosen(engine, self.finder, recipe.operation)
            with working(engine, secrets=space.secret.given) as crew:
                run = Run(recipe=recipe, executor=crew.executor, window=crew.window, stop=self._batch.stop)
                yield from _noted(run.outcomes(plan.jobs(found)), plan)

    def _workers(self) -> int:
        engine = self._batch.engine
        if engine.workers or not wants_time(self._space, self._task.options):
            return engine.workers
        return min(_WAITING * cores(), max(_MOST_WAITING, cores()))


def _opened(space: Workspace, task: Signing) -> Signer:
    # So is whoever stands behind it, and whoever says when.
    return seal_of(space, task.options, task.who.open(space)).signer


def _who(signer: Signer | None, task: Signing) -> str:
    """Say who signs: an identity by its name, which outlives its certificates, and keys from elsewhere by those."""
    if signer is None:
        return task.who.identity or ""
    return signer.chain_pem if task.who.key else signer.name


@contextmanager
def _journal(space: Workspace, *, dry: bool) -> Iterator[Journal | None]:
    path = Path(space.settings.home) / JOURNAL
    if dry and not path.exists():
        yield None
        return
    journal = Journal(path, untouched=dry)
    try:
        yield journal
    finally:
        journal.close()


def _noted(outcomes: Iterator[Outcome], plan: Plan) -> Iterator[Outcome]:
    """Write outcomes down in groups; what is lost of them in a crash is found again by its label."""
    group: list[Outcome] = []
    try:
        for outcome in outcomes:
            group.append(outcome)
            if len(group) >= GROUP:
                plan.finished(group)
                group.clear()
            yield outcome
    finally:
        plan.finished(group)
