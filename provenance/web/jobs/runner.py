"""Work on jobs after the answer: a few items at once, behind whoever waits for an answer, and each of them ends once.

What a server works on is leased to it. A server that is killed lets go of it: its files' next server, or another one
that has them too, takes it up again.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from provenance.errors import CatalogueUnavailable, ProvenanceError, WorkerLost
from provenance.model.jobs import Failure, Result

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import datetime

    from provenance.catalogue.jobs import Jobs
    from provenance.model.jobs import Claim, Telling
    from provenance.web.jobs.spool import Spool

    Work = Callable[[Claim], Awaitable[Result]]
    """Does one item. Raises a `ProvenanceError` that is the item's failure; `Later`, `WorkerLost`."""

T = TypeVar("T")

_LOG: Final = logging.getLogger(__name__)
_ABANDONED: Final = timedelta(days=1)
"""After which a folder without a job is removed: whoever handed it in was cut off."""
_HOUR: Final = timedelta(hours=1)


class Later(Exception):
    """An item that cannot be worked on just now."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"in {seconds:g} seconds")
        self.seconds = seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How jobs are worked on."""

    lanes: int = 1
    """Items at once."""
    lease: timedelta = timedelta(seconds=60)
    beat: float = 10.0
    """Seconds after which leases are renewed, and those of others looked at."""
    poll: float = 2.0
    """Seconds after which one looks again for items that others have put there."""
    grace: float = 20.0
    """Seconds that items in flight are given when the server is to end."""
    patience: float = 5.0
    """Seconds that an item lets requests go first before it takes its turn among them."""
    keep: timedelta = timedelta(days=7)
    """How long jobs that are over are kept."""


class Runner:
    """Works on the jobs of a folder."""

    def __init__(
        self, jobs: Jobs, spool: Spool, *, telling: Telling, now: Callable[[], datetime], manner: Manner | None = None
    ) -> None:
        """Take where jobs are kept, where their files are, and what is told of those that are over."""
        self.spool = spool
        self._jobs = jobs
        self._telling = telling
        self._now = now
        self._manner = manner or Manner()
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """Have it seen at once that there is a new job; called in the server's loop."""
        self._bell.set()

    async def cancel(self, job: str) -> None:
        """Begin none of a job's items any more. Raises `CatalogueError`."""
        await asyncio.to_thread(partial(self._jobs.cancel, job, at=self._now(), telling=self._telling))

    @asynccontextmanager
    async def running(self, work: Work, *, is_free: Callable[[], bool]) -> AsyncIterator[None]:
        """Work for as long as the block runs; in the end, finish what is in flight, or give it back unharmed.

        `is_free` says whether nobody waits who should go first.
        """
        # Threads of their own: leases are renewed whatever else the server does in threads.
        with self.spool.owning() as owner, ThreadPoolExecutor(self._manner.lanes + 1, thread_name_prefix="job") as pool:
            shift = _Shift(self, owner=owner, pool=pool, work=work, is_free=is_free)
            beating = asyncio.create_task(shift.beat())
            lanes = [asyncio.create_task(shift.lane()) for _ in range(self._manner.lanes)]
            try:
                yield
            finally:
                shift.over.set()
                self._bell.set()
                _, late = await asyncio.wait(lanes, timeout=self._manner.grace)
                for task in late:
                    task.cancel()
                await asyncio.gather(*lanes, return_exceptions=True)
                beating.cancel()
                await asyncio.gather(beating, return_exceptions=True)


class _Shift:
    """What one running server does: some lanes, and a beat."""

    def __init__(
        self, runner: Runner, *, owner: str, pool: ThreadPoolExecutor, work: Work, is_free: Callable[[], bool]
    ) -> None:
        self.over = asyncio.Event()
        self._bell = runner._bell  # noqa: SLF001 -- a part of it
        self._jobs, self._spool = runner._jobs, runner.spool  # noqa: SLF001 -- the same
        self._now, self._telling, self._manner = runner._now, runner._telling, runner._manner  # noqa: SLF001 -- the same
        self._owner, self._pool, self._work, self._is_free = owner, pool, work, is_free
        self._tidy_at = self._now()

    async def lane(self) -> None:
        """Work on one item after the other until it is over."""
        while not self.over.is_set():
            self._bell.clear()
            pause = await self._turn()
            if pause:
                await _rung(self._bell, pause)

    async def beat(self) -> None:
        """Renew leases, and take back what nobody works on any more."""
        while True:
            try:
                await self._run(self._jobs.renew, self._owner, until=self._until())
                await self._run(self._look_after)
            except Exception as error:  # noqa: BLE001 -- whatever it is, the next beat is as important
                _LOG.warning("jobs cannot be looked after: %s", error)
            await asyncio.sleep(self._manner.beat)

    async def _turn(self) -> float:
        """Work on an item, if there is one; return how many seconds to pause."""
        claim = None
        try:
            await self._let_others_go_first()
            claim = await self._run(self._jobs.claim, self._owner, self._spool.id, until=self._until())
            if claim is None:
                return self._manner.poll
            return await self._done(claim)
        except CatalogueUnavailable as error:
            _LOG.warning("jobs wait: %s", error.message)
            return self._manner.poll
        except Exception:  # noqa: BLE001 -- it is logged
            # A mistake of ours must not end the lane; if it has an item, its lease will end.
            _LOG.exception("a job could not be worked on")
            return self._manner.poll

    async def _done(self, claim: Claim) -> float:
        try:
            result = await self._work(claim)
        except Later as later:
            await self._release(claim, lost=False)
            return later.seconds
        except WorkerLost as error:
            _LOG.warning("job %s, item %d: %s", claim.job.id, claim.item.number, error.message)
            await self._release(claim, lost=True)
            return 0
        except (CatalogueUnavailable, asyncio.CancelledError):
            await self._release(claim, lost=False)
            raise
        except ProvenanceError as error:
            result = Result(failure=Failure(kind=type(error).__name__, message=error.message, hint=error.hint))
        except Exception:  # noqa: BLE001 -- it is logged
            _LOG.exception("job %s, item %d", claim.job.id, claim.item.number)
            result = Result(failure=Failure(kind="ProvenanceError", message="something went wrong here, and was noted"))
        await self._finish(claim, result)
        return 0

    async def _finish(self, claim: Claim, result: Result) -> None:
        """Write down what came of an item; while the catalogue is away, it is tried again for as long as it is ours."""
        while True:
            try:
                ours = await self._run(self._jobs.finish, claim, result, at=self._now(), telling=self._telling)
                break
            except CatalogueUnavailable as error:
                _LOG.warning("what came of job %s waits: %s", claim.job.id, error.message)
                await asyncio.sleep(self._manner.poll)
        if ours:
            self._spool.discard(claim.job.id, claim.item.number)

    async def _release(self, claim: Claim, *, lost: bool) -> None:
        release = partial(self._jobs.release, claim, lost=lost, at=self._now(), telling=self._telling)
        await self._run(release)

    async def _let_others_go_first(self) -> None:
        """Wait until nobody waits for a worker, but not for ever."""
        loop = asyncio.get_running_loop()
        last = loop.time() + self._manner.patience
        while not self._is_free() and loop.time() < last and not self.over.is_set():
            await asyncio.sleep(0.05)

    def _look_after(self) -> None:
        at = self._now()
        dead = self._spool.dead([item for item in self._jobs.owners(self._spool.id) if item != self._owner])
        if self._jobs.recover(at=at, telling=self._telling, dead=dead):
            _LOG.warning("items of jobs were taken up again whose server had ended")
        if at >= self._tidy_at:
            self._tidy_at = at + _HOUR
            self._tidy(at)

    def _tidy(self, at: datetime) -> None:
        """Forget what is old, and what was never handed in whole."""
        for name in self._jobs.old(self._spool.id, before=at - self._manner.keep):
            self._jobs.remove(name)
            self._spool.remove(name)
        left = self._spool.left(before=at - _ABANDONED)
        for name in set(left) - self._jobs.known(left):
            self._spool.remove(name)

    def _until(self) -> datetime:
        return self._now() + self._manner.lease

    async def _run(self, call: Callable[..., T], *args: Any, **named: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, partial(call, *args, **named))


async def _rung(bell: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await bell.wait()
    except TimeoutError:
        return
