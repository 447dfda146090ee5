"""What one server holds: settings, the workspace's catalogue and trust, workers, and a private folder for uploads.

The server never opens what was uploaded; workers do.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast

from fastapi import Depends, Request

from provenance.catalogue import Catalogue
from provenance.catalogue.places import is_kept, url_of
from provenance.errors import SettingsError
from provenance.model.service import parse_rate
from provenance.settings import parse_size
from provenance.web import background
from provenance.web.callers.access import Access
from provenance.web.metrics import Metrics
from provenance.web.workers.opening import parcel
from provenance.web.workers.shelter import Limits, Shelter
from provenance.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from datetime import datetime

    from provenance.settings import ServiceSettings, Settings
    from provenance.web.hooks.webhooks import Webhooks
    from provenance.web.jobs.runner import Runner

_FOLDER: Final = "service"
"""In the home: all that workers may read."""
_UPLOADS: Final = "uploads"
"""Nothing there outlives a request, unless the server was killed."""
_FORSAKEN: Final = 86_400
"""Seconds without a change after which a folder of uploads is nobody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One running service; every route is given it (`Served`)."""

    settings: Settings
    space: Workspace
    shelter: Shelter
    access: Access
    metrics: Metrics
    webhooks: Webhooks
    runner: Runner
    spool: Path
    """Where uploads are."""
    parcel: bytes
    """The settings, as workers are given them."""

    @property
    def catalogue(self) -> Catalogue:
        """What was signed and verified, and what the service itself must remember."""
        return self.space.catalogue

    @property
    def rules(self) -> ServiceSettings:
        """The settings of the service itself."""
        return self.settings.service

    @property
    def largest(self) -> int:
        """Bytes of an upload."""
        return parse_size(self.rules.largest)

    def now(self) -> datetime:
        """Return the time."""
        return self.space.now()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work on jobs and deliveries for as long as the server is there; in the end, let what is at work finish."""
        try:
            async with background.running(self):
                yield
        finally:
            await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Let workers finish what they are at, end them, and close the catalogue."""
        self.shelter.close()
        self.catalogue.close()
        shutil.rmtree(self.spool, ignore_errors=True)


def open_service(settings: Settings, *, secrets: Mapping[str, str] | None = None) -> Service:
    """Open all that a service needs, and have its workers begin; where no catalogue is kept, one is made.

    `secrets` open keys. Raises `CatalogueError`, and `SettingsError`, also where workers cannot be confined.
    """
    if not is_kept(settings.catalogue.url, settings.home):
        Catalogue.create(url_of(settings.catalogue.url, settings.home)).close()
    space, rules, folder = Workspace(settings), settings.service, Path(settings.home) / _FOLDER
    metrics = Metrics()
    webhooks = background.open_webhooks(rules, space, count=metrics.delivered)
    service = Service(
        settings=settings,
        space=space,
        shelter=Shelter(settings, limits=_limits(rules), spool=folder, secrets=secrets),
        access=Access(space.catalogue.keys, parse_rate(rules.rate), now=space.now),
        metrics=metrics,
        webhooks=webhooks,
        runner=background.open_runner(rules, space, webhooks, folder),
        spool=_private_folder(folder / _UPLOADS),
        parcel=parcel(settings),
    )
    try:
        service.shelter.start()
        _require_confined(service)
    except BaseException:
        service.close()
        raise
    return service


def _require_confined(service: Service) -> None:
    """See that hostile files can do no harm. Raises `SettingsError`."""
    lacking = service.shelter.state().lacking
    if lacking and not service.rules.unsafe_unconfined:
        raise SettingsError(
            f"workers cannot be confined here: {'; '.join(lacking)}",
            hint="run it where they can be, or set service.unsafe_unconfined = true",
        )


def _limits(rules: ServiceSettings) -> Limits:
    largest = parse_size(rules.largest)
    return Limits(
        workers=rules.workers,
        queue=rules.queue,
        deadline=rules.deadline,
        memory=parse_size(rules.memory),
        written=2 * largest,
    )


def _private_folder(place: Path) -> Path:
    """Make a folder that nobody else reads, and remove what a server has left that was killed."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in place.iterdir():
        # Several servers may share a home: what is in use is younger, since every upload changes its folder.
        if left.stat().st_mtime < time.time() - _FORSAKEN:
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(dir=place))


async def served(request: Request) -> Service:
    """Return the service of a request."""
    return cast("Service", request.app.state.service)


Served = Annotated[Service, Depends(served)]
