"""Verify many files: from what somebody means to what became of each."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from provenance.batch.crew import Batch, chosen, working
from provenance.batch.finding import Finder
from provenance.batch.plan import GROUP, job_of
from provenance.batch.recipe import Recipe, Verifying
from provenance.batch.run import Run, in_order
from provenance.batch.tasks import failure
from provenance.batch.work import Outcome
from provenance.workspace.cataloguing import enter_checks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.batch.finding import Found, Listed
    from provenance.batch.work import Job
    from provenance.model.record import Check
    from provenance.model.trust import Trust
    from provenance.workspace import Workspace


class Verdicts:
    """A batch of verifications; iterate over it for what became of each file, in the order of names."""

    def __init__(
        self, space: Workspace, batch: Batch, task: Verifying, *, listed: Finder | Listed | None = None
    ) -> None:
        """Take whose trust counts, which files, and what is asked; `listed` instead of the names of the batch."""
        self.finder = Finder(batch.names, batch.wanted) if listed is None else listed
        self.note: str | None = None
        """What the user must know in the end, such as that the catalogue was out of reach."""
        self._space, self._batch, self._task = space, batch, task

    def __iter__(self) -> Iterator[Outcome]:
        """Work.

        Raises what concerns all files, such as trust lists that cannot be read.
        """
        batch, trust = self._batch, self._space.trust
        settings = None if batch.engine.on_cluster else self._space.settings
        recipe = Recipe(task=self._task, settings=settings, largest=batch.largest)
        engine, found = chosen(batch.engine, self.finder, recipe.operation)
        numbers = count()
        with working(engine, recipe.operation, secrets={}) as crew:
            run = Run(recipe=recipe, executor=crew.executor, window=crew.window, stop=batch.stop)
            jobs = (_job(item, next(numbers), recipe) for item in found)
            for outcome in self._entered(in_order(run.outcomes(jobs))):
                yield _whole(outcome, trust) if settings is not None else outcome

    def _entered(self, outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
        """Enter what is for the catalogue, in groups."""
        group: list[Check] = []
        try:
            for outcome in outcomes:
                if outcome.check is not None:
                    group.append(outcome.check)
                if len(group) >= GROUP:
                    self.note = enter_checks(self._space, group) or self.note
                    group.clear()
                yield outcome
        finally:
            self.note = enter_checks(self._space, group) or self.note


def _job(entry: Found, number: int, recipe: Recipe) -> Job | Outcome:
    """Make a job of what was found; what was not is a result too."""
    job = job_of(entry, number)
    return failure(job.job, job.error, recipe) if isinstance(job, Outcome) and job.error else job


def _whole(outcome: Outcome, trust: Trust) -> Outcome:
    """Give a verdict back the trust that it rests on, which did not travel: it is the same for all."""
    result = outcome.result
    if result is None or result.verdict is None:
        return outcome
    inspection = replace(result.verdict.inspection, trust=trust)
    return replace(outcome, result=replace(result, verdict=replace(result.verdict, inspection=inspection)))
