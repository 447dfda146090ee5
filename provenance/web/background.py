"""What a service does beside answering: jobs, and telling receivers of events."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from provenance.batch.executors import cores
from provenance.web.jobs import Manner, Runner
from provenance.web.spool import Spool
from provenance.web.working import Working, finished

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from provenance.settings import ServiceSettings
    from provenance.web.service import Service
    from provenance.web.webhooks import Webhooks
    from provenance.workspace import Workspace

_FOLDER: Final = "jobs"


def open_runner(settings: ServiceSettings, space: Workspace, webhooks: Webhooks, folder: Path) -> Runner:
    """Make ready to work on jobs, whose files are in a folder of this one. Raises `OutputError`.

    One worker fewer than there are works on them at once: requests find one that is free.
    """
    lanes = max(1, (settings.workers or cores()) - 1)
    manner = Manner(lanes=lanes, keep=timedelta(days=settings.keep_jobs))
    telling = partial(finished, webhooks)
    spool = Spool(folder / _FOLDER)
    return Runner(space.catalogue.jobs, spool, telling=telling, now=space.now, manner=manner)


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[None]:
    """Work on jobs and tell receivers for as long as the block runs; in the end, see what is in flight to its end."""

    def is_free() -> bool:
        return service.shelter.state().waiting == 0

    async with service.webhooks.running(), service.runner.running(Working(service), is_free=is_free):
        yield
