"""What one server holds: settings, the workspace's catalogue and trust, workers, and a private folder for uploads.

The server never opens what was uploaded; workers do.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast

from fastapi import Depends, Request

from provenance.catalogue import Catalogue
from provenance.catalogue.places import is_kept, url_of
from provenance.settings import parse_size
from provenance.web.opening import parcel
from provenance.web.shelter import Limits, Shelter
from provenance.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from provenance.settings import ServiceSettings, Settings

_FOLDER: Final = "service"
"""In the home: all that workers may read."""
_UPLOADS: Final = "uploads"
"""Nothing there outlives a request, unless the server was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One running service; every route is given it (`Served`)."""

    settings: Settings
    space: Workspace
    shelter: Shelter
    spool: Path
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
            async with self.runner.running(self), self.webhooks.running():
                yield
        finally:
            await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Let workers finish what they are at, end them, and close the catalogue."""
        self.shelter.close()
        self.catalogue.close()
        shutil.rmtree(self.spool, ignore_errors=True)


def open_service(settings: Settings, *, secrets: Mapping[str, str] | None = None) -> Service:
    """Open all that a service needs; where no catalogue is kept, one is made in the workspace.

    `secrets` open keys. Raises `CatalogueError` and `SettingsError`.
    """
    if not is_kept(settings.catalogue.url, settings.home):
        Catalogue.create(url_of(settings.catalogue.url, settings.home)).close()
    space, folder = Workspace(settings), Path(settings.home) / _FOLDER
    catalogue = space.catalogue
    try:
        return Service(
            settings=settings,
            space=space,
            shelter=Shelter(settings, limits=_limits(settings.service), spool=folder, secrets=secrets),
            spool=_private_folder(folder / _UPLOADS),
            parcel=parcel(settings),
        )
    except BaseException:
        catalogue.close()
        raise


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
    """Make a folder that nobody else reads; several servers may share a home."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=place))


def served(request: Request) -> Service:
    """Return the service of a request."""
    return cast("Service", request.app.state.service)


Served = Annotated[Service, Depends(served)]
