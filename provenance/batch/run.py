"""Have jobs done: some in flight, the others not yet looked at, however many there are."""

from __future__ import annotations

import queue
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

from provenance.batch.tasks import failure, perform
from provenance.batch.work import Job, Outcome
from provenance.errors import ProvenanceError, WorkerLost

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Executor, Future

    from provenance.batch.recipe import Recipe


@dataclass(slots=True, kw_only=True)
class Run:
    """A recipe, and whoever works by it."""

    recipe: Recipe
    executor: Executor
    window: int
    """Jobs in flight at most."""
    ahead: int = 4096
    """How far outcomes may be ahead of one that is not there yet: whoever wants them in order keeps so many."""
    stop: Event = field(default_factory=Event)
    """Once it is set, no further job is begun; those in flight are finished."""

    def outcomes(self, jobs: Iterable[Job | Outcome]) -> Iterator[Outcome]:
        """Give what became of each job as it comes; an outcome among the jobs is known already and passes through.

        Raises what concerns all files, such as a key that cannot be opened; jobs in flight are waited for by whoever
        shuts down the executor.
        """
        parcel = self.recipe.parcel()
        finished: queue.SimpleQueue[tuple[Job, Future[Outcome]]] = queue.SimpleQueue()
        flying: dict[int, Job] = {}
        source = iter(jobs)
        newest = 0
        more = True
        while more or flying:
            while more and self._has_room(flying, newest):
                item = None if self.stop.is_set() else next(source, None)
                if isinstance(item, Job):
                    newest = item.number
                    flying[item.number] = item
                    self._begin(parcel, item, finished)
                elif item is None:
                    more = False
                else:
                    newest = item.job.number
                    yield item
            if flying:
                job, future = finished.get()
                del flying[job.number]
                yield outcome_of(job, future, self.recipe)

    def _has_room(self, flying: dict[int, Job], newest: int) -> bool:
        return not flying or (len(flying) < self.window and newest - next(iter(flying)) < self.ahead)

    def _begin(self, parcel: bytes, job: Job, finished: queue.SimpleQueue[tuple[Job, Future[Outcome]]]) -> None:
        future = self.executor.submit(perform, parcel, job)
        future.add_done_callback(lambda done: finished.put((job, done)))


def outcome_of(job: Job, future: Future[Outcome], recipe: Recipe) -> Outcome:
    """Say what became of a job that is over.

    Raises what concerns all files.
    """
    try:
        return future.result()
    except WorkerLost as error:
        return failure(job, error, recipe)
    except ProvenanceError:
        raise
    except Exception as error:  # noqa: BLE001 -- whatever a cluster raises when it gives a job up
        lost = WorkerLost(f"whoever worked on it was lost: {type(error).__name__}: {error}")
        return failure(job, lost, recipe)


def in_order(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """Give outcomes in the order of their jobs; those that come early are kept until it is their turn."""
    waiting: dict[int, Outcome] = {}
    due = 0
    for outcome in outcomes:
        waiting[outcome.job.number] = outcome
        while due in waiting:
            yield waiting.pop(due)
            due += 1
    yield from (waiting[number] for number in sorted(waiting))
