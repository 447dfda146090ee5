"""Where files are worked on: in processes that a hostile file cannot get out of, and that are replaced when one tries.

There are two pools. *Closed* workers verify and compare: no network, no other program, no file of this machine but what
was uploaded. *Open* ones sign and look into the catalogue, for which they need authorities, keys and databases.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from provenance.batch.executors import cores
from provenance.batch.executors.confinement import ORDINARY, Confinement
from provenance.batch.executors.processes import Processes
from provenance.batch.executors.worker import Beginning
from provenance.catalogue.places import url_of
from provenance.errors import WorkerLost
from provenance.web.workers import opening
from provenance.web.workers.orders import Upload
from provenance.web.workers.pools import Busy, Pool, PoolState, Queued, State
from provenance.web.workers.watched import Watched

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future

    from provenance.settings import Settings

__all__ = ["Busy", "Limits", "Pool", "PoolState", "Shelter", "State"]

T = TypeVar("T")

_BYTES_PER_SECOND: Final = 10_000_000
"""What a call is allowed beyond the deadline, by the size of its files: slower than any disk that is not broken."""
_PICTURES: Final = (
    "provenance.images.thumbnails",
    "PIL.JpegImagePlugin",
    "PIL.PngImagePlugin",
    "PIL.TiffImagePlugin",
    "PIL.WebPImagePlugin",
)
_MODULES: Final = {
    Pool.CLOSED: (
        *_PICTURES,
        "provenance.images.difference",
        "provenance.policy.rules.integrity",
        "provenance.reports.to_html",
        "provenance.web.workers.work",
        "provenance.workspace.comparing",
        "provenance.workspace.picturing",
    ),
    Pool.OPEN: (
        *_PICTURES,
        "cbor2",
        "cryptography.hazmat.backends.openssl.backend",
        "provenance.fingerprints.image",
        "provenance.fingerprints.iscc",
        "provenance.keys.files",
        "provenance.keys.rules",
        "provenance.metadata.read",
        "provenance.network.client",
        "provenance.web.workers.work",
        "provenance.workspace.sealing",
    ),
}
"""What nearly every call needs: it is loaded once for all processes of a pool."""
_RETURNS: Final = ("provenance.errors", "provenance.model", "provenance.web.workers.orders")
_HANDLES: Final = 512
_WRITTEN_CLOSED: Final = 1 << 20
"""Bytes of a file: closed workers have none to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is worked on at once, and how far one file may go."""

    workers: int = 0
    """Of each pool; 0: one for each core."""
    queue: int = 64
    """Calls that wait in each pool."""
    deadline: float = 30.0
    """Seconds for one call, and some more by the size of its files."""
    memory: int = 2 << 30
    """Bytes that a worker may take beyond what it has when it begins."""
    written: int = 1 << 30
    """Bytes of a file that an open worker writes."""
    recycle: int = 500
    """Calls after which a worker is replaced; 0: never."""


class Shelter:
    """Both pools."""

    def __init__(
        self, settings: Settings, *, limits: Limits, spool: Path, secrets: Mapping[str, str] | None = None
    ) -> None:
        """Take settings, the folder that uploads are in, and secrets that open keys; nothing begins yet."""
        self._limits = limits
        self._watched = Watched(settings)
        count = limits.workers or cores()
        url = url_of(settings.catalogue.url, settings.home)
        beginnings = {
            Pool.CLOSED: Beginning(
                prepare=(opening.prepare, (opening.parcel(settings),)),
                confinement=_closed(limits, spool),
            ),
            Pool.OPEN: Beginning(
                secrets=secrets or {},
                prepare=(opening.prepare, (opening.parcel(settings), url)),
                confinement=_open(limits),
            ),
        }
        self._pools = {
            pool: Queued(
                Processes(count, beginning=item, modules=_MODULES[pool], recycle=limits.recycle), most=limits.queue
            )
            for pool, item in beginnings.items()
        }

    def start(self) -> None:
        """Have all workers begin, and wait until they are there. Raises `WorkerLost`."""
        with ThreadPoolExecutor(len(self._pools)) as both:
            for begun in [both.submit(item.processes.start) for item in self._pools.values()]:
                begun.result()

    async def run(
        self, function: Callable[..., T], /, *args: Any, pool: str = Pool.CLOSED, seconds: float | None = None
    ) -> T:
        """Have a function called in a worker; by default for as long as the limits and the files' sizes allow.

        A call that has begun is seen to its end even when whoever asked has gone, so that what is tidied up then is
        not in use any more. Raises `Busy`, `WorkerLost` when the worker died or took too long, and what it raises.
        """
        if self._watched.changed():
            for item in self._pools.values():
                item.processes.renew()
        uploads = [item for item in args if isinstance(item, Upload)]
        allowed = self._limits.deadline + _size(uploads) / _BYTES_PER_SECOND if seconds is None else seconds
        future = self._pools[Pool(pool)].submit(allowed, function, args)
        try:
            return await _ended(future)
        except WorkerLost as lost:
            name = uploads[0].name if uploads else None
            raise WorkerLost(lost.message, path=name, hint="nothing else was affected by it") from lost

    def state(self) -> State:
        """Return how the pools are doing."""
        return State(pools={pool: item.state() for pool, item in self._pools.items()})

    def close(self, *, wait: bool = True) -> None:
        """End the workers, once all that was asked for is done; without `wait`, at once."""
        for pool in self._pools.values():
            pool.processes.shutdown(wait=wait, cancel_futures=not wait)


async def _ended(future: Future[T]) -> T:
    wrapped = asyncio.wrap_future(future)
    try:
        return await asyncio.shield(wrapped)
    except asyncio.CancelledError:
        if not future.cancel():
            with suppress(Exception):
                await wrapped
        raise


def _size(uploads: list[Upload]) -> int:
    return sum(Path(item.path).stat().st_size for item in uploads if Path(item.path).is_file())


def _closed(limits: Limits, spool: Path) -> Confinement:
    return Confinement(
        memory=limits.memory,
        written=_WRITTEN_CLOSED,
        handles=_HANDLES,
        network=False,
        programs=False,
        environment=ORDINARY,
        reads=(str(spool),),
        returns=_RETURNS,
    )


def _open(limits: Limits) -> Confinement:
    return Confinement(memory=limits.memory, written=limits.written, handles=_HANDLES, returns=_RETURNS)
