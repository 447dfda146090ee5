"""Sign many files: from what somebody means to what became of each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from provenance.batch.crew import Batch, chosen, working
from provenance.batch.finding import Finder
from provenance.batch.plan import GROUP
from provenance.batch.preparing import open_journal, open_signer, plan_of, recipe_of, workers
from provenance.batch.run import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.batch.naming import Naming
    from provenance.batch.plan import Plan
    from provenance.batch.recipe import Signing
    from provenance.batch.work import Outcome
    from provenance.workspace import Workspace


class Signatures:
    """A batch of signatures; iterate over it for what became of each file, in the order in which they end."""

    def __init__(self, space: Workspace, batch: Batch, task: Signing, naming: Naming, *, resume: bool = True) -> None:
        """Open the key first, so that what is wrong with it is said before anything begins; a cluster has its own.

        Raises as `Workspace.signer` does.
        """
        self.signer = open_signer(space, task, batch.engine)
        self.finder = Finder(batch.names, batch.wanted)
        self.note: str | None = None
        """What the user must know in the end, such as that the catalogue was out of reach."""
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
        space, task, engine = self._space, self._task, self._batch.engine
        recipe = recipe_of(space, task, engine, largest=self._batch.largest)
        engine = replace(engine, workers=workers(space, task, engine))
        with open_journal(space, dry=task.rehearse) as journal:
            plan = replace(plan_of(space, task, self._naming, signer=self.signer, journal=journal), resume=self._resume)
            engine, found = chosen(engine, self.finder, recipe.operation)
            with working(engine, recipe.operation, secrets=space.secret.given) as crew:
                run = Run(recipe=recipe, executor=crew.executor, window=crew.window, stop=self._batch.stop)
                yield from self._noted(run.outcomes(plan.jobs(found)), plan)

    def _noted(self, outcomes: Iterator[Outcome], plan: Plan) -> Iterator[Outcome]:
        """Write outcomes down in groups; what is lost of them in a crash is found again by its label."""
        group: list[Outcome] = []
        try:
            for outcome in outcomes:
                group.append(outcome)
                if len(group) >= GROUP:
                    self.note = plan.finished(group) or self.note
                    group.clear()
                yield outcome
        finally:
            self.note = plan.finished(group) or self.note
