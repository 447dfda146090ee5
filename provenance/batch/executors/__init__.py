"""Who works: this process, its threads, other processes, or a cluster; each is a `concurrent.futures.Executor`."""

from __future__ import annotations

import os
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from provenance.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from provenance.batch.work import Job

P = ParamSpec("P")
T = TypeVar("T")

HERE: Final = "here"
THREADS: Final = "threads"
PROCESSES: Final = "processes"
CLUSTER: Final = "dask://"
_BYTES_PER_SECOND = 10_000_000
"""What a file is allowed beyond the deadline, by its size: slower than any disk that is not broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Who works, how many at once, and how long one file may take."""

    name: str = PROCESSES
    """`here`, `threads`, `processes` or `dask://HOST:PORT`."""
    workers: int = 0
    """0: one for each core; a cluster has as many as it has."""
    deadline: float = 120.0
    """Seconds for one file, and some more by its size; only processes can be held to it."""

    @property
    def on_cluster(self) -> bool:
        """Whether other machines work, with settings and keys of their own."""
        return self.name.startswith(CLUSTER)


class Here(Executor):
    """This very thread: `submit` returns when the work is done."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a function at once."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 -- it is raised where the result is asked for
            future.set_exception(error)
        return future


def cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def patience(deadline: float) -> Callable[..., float]:
    """Say how many seconds a job may take: the deadline, and more for a large file."""

    def seconds(_parcel: bytes, job: Job, *_more: Any) -> float:
        return deadline + job.size / _BYTES_PER_SECOND

    return seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Who works, and how many at once."""

    executor: Executor
    lanes: int

    @property
    def window(self) -> int:
        """How many jobs should be in flight, so that nobody waits for the next one."""
        return 1 if isinstance(self.executor, Here) else 2 * self.lanes + 2


def open_crew(engine: Engine, *, secrets: Mapping[str, str] | None = None, modules: Sequence[str] = ()) -> Crew:
    """Open who works; the caller shuts the executor down.

    `secrets` and `modules` are for processes of our own (`Processes`). Raises `SettingsError` for an engine that is not
    known or not installed, `AuthorityError` for a cluster that cannot be reached.
    """
    lanes = engine.workers or cores()
    if engine.name == HERE:
        return Crew(executor=Here(), lanes=1)
    if engine.name == THREADS:
        return Crew(executor=ThreadPoolExecutor(lanes, thread_name_prefix="batch"), lanes=lanes)
    if engine.name == PROCESSES:
        from provenance.batch.executors.processes import Processes  # noqa: PLC0415 -- only for many files
        from provenance.batch.executors.worker import Beginning  # noqa: PLC0415 -- the same

        beginning = Beginning(secrets=secrets or {})
        executor = Processes(lanes, patience=patience(engine.deadline), beginning=beginning, modules=modules)
        return Crew(executor=executor, lanes=lanes)
    if engine.on_cluster:
        from provenance.batch.executors.cluster import Cluster  # noqa: PLC0415 -- brings in Dask

        cluster = Cluster(engine.name.removeprefix(CLUSTER), deadline=engine.deadline)
        return Crew(executor=cluster, lanes=cluster.lanes)
    raise SettingsError(
        f"there is no engine {engine.name!r}", hint="take threads, processes, or a cluster: dask://HOST:PORT"
    )
