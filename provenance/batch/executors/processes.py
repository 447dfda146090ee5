"""Processes of our own, one for each lane: what hangs or dies costs one file, and is replaced.

Those of `concurrent.futures` cannot do that: there one process that dies takes the whole pool along, and none can be
ended over a single job.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import threading
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import Pipe
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from provenance.batch.executors.nursery import Nursery
from provenance.errors import WorkerLost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

P = ParamSpec("P")
T = TypeVar("T")

_START = 120.0
"""Seconds that a process may take to be there, on a machine that has too much to do."""


def _for_ever(*_arguments: Any, **_named: Any) -> float | None:
    return None


class Processes(Executor):
    """A pool of processes; each works on one job at a time, for no longer than that may take."""

    def __init__(
        self,
        count: int,
        *,
        patience: Callable[..., float | None] = _for_ever,
        secrets: Mapping[str, str] | None = None,
        modules: Sequence[str] = (),
    ) -> None:
        """Take how many work at once, and how many seconds a call may take, by its arguments.

        A call that takes longer raises `WorkerLost`, and so does one over which its process dies. `secrets` open keys;
        they go through a pipe only. `modules` are loaded once for all.
        """
        self._nursery = Nursery(modules)
        self._patience = patience
        self._secrets = dict(secrets or {})
        self._lanes = ThreadPoolExecutor(count, thread_name_prefix="lane")
        self._closed = False
        self._idle: queue.SimpleQueue[_Process] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._all: set[_Process] = set()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a module's function called in one of the processes."""
        return self._lanes.submit(self._call, fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 -- as Executor
        """End the processes once they have done what they are at; without `wait`, at once."""
        if not wait:
            with self._lock:
                self._closed = True
                for process in self._all:
                    process.kill()
        # Those who wait for a process that was killed wait no longer.
        self._lanes.shutdown(cancel_futures=cancel_futures or not wait)
        with self._lock:
            for process in self._all:
                process.end()
            self._all.clear()
        self._nursery.close()

    def _call(self, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        process = self._waiting() or self._new()
        try:
            ok, value = process.ask((fn, args, kwargs), self._patience(*args, **kwargs))
        except WorkerLost:
            with self._lock:
                self._all.discard(process)
            process.kill()
            process.end()
            raise
        self._idle.put(process)
        if not ok:
            raise value
        returned: T = value
        return returned

    def _waiting(self) -> _Process | None:
        """Take one that is idle; one that died while it was idle must not cost the next file."""
        while True:
            try:
                process = self._idle.get_nowait()
            except queue.Empty:
                return None
            if process.alive:
                return process
            with self._lock:
                self._all.discard(process)
            process.end()

    def _new(self) -> _Process:
        process = _Process(self._nursery, self._secrets)
        with self._lock:
            self._all.add(process)
            if self._closed:
                process.kill()
        return process


def _read(answer: bytes) -> tuple[bool, Any]:
    """Read what came back; an exception of a library that cannot be made again is no answer."""
    try:
        found: tuple[bool, Any] = pickle.loads(answer)  # noqa: S301 -- written by a process of our own
    except Exception as error:
        raise WorkerLost(f"what was found could not be handed on: {type(error).__name__}: {error}") from error
    return found


class _Process:
    """One process and the pipe to it."""

    def __init__(self, nursery: Nursery, secrets: Mapping[str, str]) -> None:
        self._nursery = nursery
        self._pipe, theirs = Pipe()
        with theirs:
            self._pid = nursery.beget(theirs.fileno())
        self._code: int | None = None
        self._ready = False
        with suppress(OSError):  # if it is dead already, that shows when it is asked
            self._pipe.send(secrets)

    @property
    def alive(self) -> bool:
        """Whether an idle one still runs: it has nothing to say, so that what can be read is its end."""
        return not self._pipe.poll(0)

    def ask(self, call: Any, seconds: float | None) -> tuple[bool, Any]:
        """Have a function called; returns whether it returned, and what, or what it raised."""
        try:
            if not self._ready:
                self._await_start()
            self._pipe.send(call)
            if not self._pipe.poll(seconds):
                raise WorkerLost(
                    f"took longer than {seconds:.3g} seconds, and was given up",
                    hint="if it is merely large, allow it more with --deadline",
                )
            answer = self._pipe.recv_bytes()
        except (EOFError, OSError) as error:
            raise WorkerLost(
                f"whoever worked on it died ({self._fate()})", hint="the file may be hostile: look at it apart"
            ) from error
        return _read(answer)

    def _await_start(self) -> None:
        """Wait until it is there: loading takes longer than many a file, and is not that file's fault."""
        if not self._pipe.poll(_START):
            raise WorkerLost(f"whoever should work on it was not there after {_START:.0f} seconds", hint="try again")
        self._pipe.recv()
        self._ready = True

    def kill(self) -> None:
        """End it at once; its number is nobody else's before it was waited for."""
        if self._code is None:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

    def end(self) -> int:
        """Close the pipe, at which it ends by itself, and wait for that; returns how it ended."""
        self._pipe.close()
        if self._code is None:
            self._code = self._nursery.wait(self._pid)
        return self._code

    def _fate(self) -> str:
        code = self.end()
        return f"signal {-code}" if code < 0 else f"exit code {code}"
