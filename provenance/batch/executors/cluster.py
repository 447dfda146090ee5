"""A Dask cluster: other machines work, each with a workspace, settings and keys of its own.

On each of them a file is worked on in a process of ours, so that what hangs or dies costs one row there too.
"""

from __future__ import annotations

import os
from concurrent.futures import Executor, Future
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from provenance.batch.executors import patience
from provenance.batch.executors.processes import Processes
from provenance.batch.executors.worker import Beginning
from provenance.batch.recipe import full
from provenance.batch.tasks import ANY
from provenance.batch.work import Job
from provenance.errors import AuthorityError, SettingsError
from provenance.keys.secrets import first_of, from_environment, from_file

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

_REACH = "10s"
"""How long to wait for the scheduler."""
_made: dict[float, Processes] = {}
_making = Lock()


class Cluster(Executor):
    """The workers of a cluster; those that are lost are made up for by the others."""

    def __init__(self, address: str, *, deadline: float) -> None:
        """Connect to the scheduler at `address` (HOST:PORT).

        Raises `SettingsError` without the extra `cluster`, `AuthorityError` when it cannot be reached or has nobody.
        """
        try:
            from distributed import Client  # noqa: PLC0415 -- heavy, and only for clusters
        except ImportError as error:
            raise SettingsError(
                "clusters need the library `distributed`", hint="pip install 'media-provenance[cluster]'"
            ) from error
        try:
            connect: Any = Client  # it has no types
            self._client = connect(address, timeout=_REACH, set_as_default=False)
        except (OSError, ValueError) as error:
            raise AuthorityError(
                f"the scheduler cannot be reached: {error}",
                path=f"dask://{address}",
                hint="is `dask scheduler` running?",
            ) from error
        self.lanes = sum(self._client.nthreads().values())
        if not self.lanes:
            self._client.close()
            raise AuthorityError(
                "the cluster has no workers", path=f"dask://{address}", hint="start some: docs/cluster.md says how"
            )
        self._deadline = deadline
        self._inner = self._client.get_executor(pure=False)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a module's function called on one of the machines, where relative paths mean something else."""
        args = tuple(_abroad(item) if isinstance(item, Job) else item for item in args)  # type: ignore[assignment]
        future: Future[T] = self._inner.submit(call_apart, self._deadline, fn, args, kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 -- as Executor
        """Leave the cluster, which goes on for others."""
        self._inner.shutdown(wait=wait and not cancel_futures)
        self._client.close()


def call_apart(deadline: float, fn: Callable[..., T], arguments: tuple[Any, ...], named: dict[str, Any]) -> T:
    """Call a function in a process of its own on this machine, for no longer than it may take."""
    return _processes(deadline).submit(fn, *arguments, **named).result()


def _abroad(job: Job) -> Job:
    return replace(job, source=full(job.source), target=None if job.target is None else full(job.target))


def _processes(deadline: float) -> Processes:
    """Keep processes for as long as this worker lives: as many as it calls functions at once."""
    from distributed import get_worker  # noqa: PLC0415 -- only on a worker of a cluster

    with _making:
        if deadline not in _made:
            lanes = get_worker().state.nthreads
            _made[deadline] = Processes(lanes, patience=patience(deadline), beginning=Beginning(secrets=_secrets()))
        return _made[deadline]


def _secrets() -> dict[str, str]:
    """Take what opens keys on this machine from its own environment: secrets do not travel."""
    named = os.environ.get("PROVENANCE_PASSPHRASE_FILE")
    found = first_of(from_environment(), *([from_file(named)] if named else []))(ANY)
    return {} if found is None else {ANY: found}
