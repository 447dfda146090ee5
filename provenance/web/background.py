"""What a service does beside answering: jobs, telling receivers of events, and forgetting what is old."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from provenance.batch.executors import cores
from provenance.network import Client
from provenance.web.hooks import webhooks
from provenance.web.hooks.receivers import Receiver, require_usable, rules
from provenance.web.jobs import runner
from provenance.web.jobs.spool import Spool
from provenance.web.jobs.working import Working, finished

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from provenance.settings import ServiceSettings
    from provenance.web.service import Service
    from provenance.workspace import Workspace

_LOG: Final = logging.getLogger(__name__)
_FOLDER: Final = "jobs"
_TIDY: Final = 3600.0
"""Seconds."""


def open_webhooks(settings: ServiceSettings, space: Workspace, *, count: Callable[[str], None]) -> webhooks.Webhooks:
    """Make ready to tell receivers; `count` is told what became of each attempt, in a word.

    Raises `SettingsError` for a receiver that could be told nothing.
    """
    receivers = [Receiver(url=it.url, secret_file=it.secret_file, events=it.events) for it in settings.webhooks]
    require_usable(receivers)
    client, manner = Client(rules(settings.webhook_networks)), webhooks.Manner(count=count)
    return webhooks.Webhooks(space.catalogue.deliveries, receivers, client=client, now=space.now, manner=manner)


def open_runner(settings: ServiceSettings, space: Workspace, told: webhooks.Webhooks, folder: Path) -> runner.Runner:
    """Make ready to work on jobs, whose files are in a folder of this one. Raises `OutputError`.

    One worker fewer than there are works on them at once: requests find one that is free.
    """
    lanes = max(1, (settings.workers or cores()) - 1)
    manner = runner.Manner(lanes=lanes, keep=timedelta(days=settings.keep_jobs))
    telling = partial(finished, told)
    return runner.Runner(space.catalogue.jobs, Spool(folder / _FOLDER), telling=telling, now=space.now, manner=manner)


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[None]:
    """Do all of it for as long as the block runs; in the end, see what is in flight to its end."""

    def is_free() -> bool:
        return service.shelter.state().waiting == 0

    tidying = asyncio.create_task(_tidy(service))
    try:
        async with service.webhooks.running(), service.runner.running(Working(service), is_free=is_free):
            yield
    finally:
        tidying.cancel()
        await asyncio.gather(tidying, return_exceptions=True)


async def _tidy(service: Service) -> None:
    while True:
        try:
            await asyncio.to_thread(forget, service)
        except Exception as error:  # noqa: BLE001 -- the catalogue is away, perhaps; there is a next time
            _LOG.warning("old reports and deliveries cannot be forgotten: %s", error)
        await asyncio.sleep(_TIDY)


def forget(service: Service) -> None:
    """Forget reports and deliveries that were kept long enough. Raises `CatalogueError`."""
    at, kept = service.now(), service.rules
    service.catalogue.reports.prune(at)
    # What was given up may be looked for later than what was taken.
    service.webhooks.forget(
        sent_before=at - timedelta(days=kept.keep_jobs), dead_before=at - timedelta(days=kept.keep_reports)
    )
