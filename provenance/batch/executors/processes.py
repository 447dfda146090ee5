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
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from provenance.batch.executors import answers
from provenance.batch.executors.channel import Channel
from provenance.batch.executors.nursery import Nursery
from provenance.batch.executors.worker import Beginning
from provenance.errors import WorkerLost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

P = ParamSpec("P")
T = TypeVar("T")

_START = 120.0
"""Seconds that a process may take to be there, on a machine that has too much to do."""


_Call = tuple["Callable[..., T]", tuple[Any, ...], dict[str, Any]]


def _for_ever(*_arguments: Any, **_named: Any) -> float | None:
    return None


class Processes(Executor):
    """A pool of processes; each works on one job at a time, for no longer than that may take."""

    def __init__(
        self,
        count: int,
        *,
        patience: Callable[..., float | None] = _for_ever,
        beginning: Beginning | None = None,
        modules: Sequence[str] = (),
        recycle: int = 0,
    ) -> None:
        """Take how many work at once, and how many seconds a call may take, by its arguments.

        A call that takes longer raises `WorkerLost`, and so does one over which its process dies. Each process begins
        with `beginning`, which goes through a pipe only. `modules` are loaded once for all. After `recycle` calls a
        process is replaced; 0: never.
        """
        self.count = count
        self.lost = 0
        """Processes that died or were given up over a call."""
        self._beginning = beginning or Beginning()
        self._nursery = Nursery(modules, self._beginning.confinement)
        self._patience = patience
        self._recycle = recycle
        self._lanes = ThreadPoolExecutor(count, thread_name_prefix="lane")
        self._closed = False
        self._idle: queue.SimpleQueue[_Process] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._all: set[_Process] = set()
        self._lacking: tuple[str, ...] | None = None
        self._generation = 0

    @property
    def lacking(self) -> tuple[str, ...] | None:
        """What of the confinement is not in force, in sentences; `None` before a process has told."""
        return self._lacking

    def start(self) -> None:
        """Have all processes begin, and wait until they are there. Raises `WorkerLost` when that fails."""
        begun = [self._new() for _ in range(self.count)]
        for process in begun:
            self._lacking = process.await_start()
            self._idle.put(process)

    def renew(self) -> None:
        """Have every process replaced before its next call: what it has read when it began is out of date."""
        self._generation += 1

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a module's function called in one of the processes."""
        return self._lanes.submit(lambda: self._call((fn, args, kwargs), self._patience(*args, **kwargs)))

    def submit_within(self, seconds: float, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Do as `submit`, for no longer than these seconds from when a process has begun with it."""
        return self._lanes.submit(lambda: self._call((fn, args, kwargs), seconds))

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

    def _call(self, call: _Call[T], seconds: float | None) -> T:
        written = pickle.dumps(call)
        process = self._waiting() or self._new()
        try:
            self._lacking = process.await_start()
            ok, value, spent = process.ask(written, seconds)
        except WorkerLost:
            with self._lock:
                self.lost += 1
            self._drop(process)
            raise
        if spent and isinstance(value, WorkerLost):
            with self._lock:
                self.lost += 1
        if spent or process.calls == self._recycle or process.generation != self._generation:
            self._drop(process)
        else:
            self._idle.put(process)
        if not ok:
            raise value
        returned: T = value
        return returned

    def _waiting(self) -> _Process | None:
        """Take one that is idle and up to date; one that died while it was idle must not cost the next file."""
        while True:
            try:
                process = self._idle.get_nowait()
            except queue.Empty:
                return None
            if process.alive and process.generation == self._generation:
                return process
            self._drop(process)

    def _new(self) -> _Process:
        process = _Process(self._nursery, self._beginning, self._generation)
        with self._lock:
            self._all.add(process)
            if self._closed:
                process.kill()
        return process

    def _drop(self, process: _Process) -> None:
        with self._lock:
            self._all.discard(process)
        process.end()


class _Process:
    """One process and the pipe to it."""

    def __init__(self, nursery: Nursery, beginning: Beginning, generation: int) -> None:
        self.calls = 0
        self.generation = generation
        self._nursery = nursery
        confinement = beginning.confinement
        self._classes = None if confinement is None else confinement.returns
        self._channel = Channel()
        with self._channel.theirs as theirs:
            self._pid = nursery.beget(theirs.fileno())
        self._code: int | None = None
        self._told: tuple[str, ...] | None = None
        with suppress(OSError):  # if it is dead already, that shows when it is asked
            self._channel.send(pickle.dumps(beginning), until=None)

    @property
    def alive(self) -> bool:
        """Whether an idle one still runs: it has nothing to say, so that what can be read is its end."""
        return self._channel.is_silent

    def await_start(self) -> tuple[str, ...]:
        """Wait until it is there, and return what of its confinement is not in force.

        Loading takes longer than many a file, and is not that file's fault. Raises `WorkerLost`.
        """
        if self._told is None:
            with self._watched(f"whoever should work on it was not there after {_START:.0f} seconds", "try again"):
                # Nothing of any file is in it yet.
                told: tuple[str, ...] = pickle.loads(self._channel.receive(until=time.monotonic() + _START))  # noqa: S301
            self._told = told
        return self._told

    def ask(self, call: bytes, seconds: float | None) -> tuple[bool, Any, bool]:
        """Have a function called; returns whether it returned, what or what it raised, and whether that was the last.

        Raises `WorkerLost`.
        """
        self.calls += 1
        until = None if seconds is None else time.monotonic() + seconds
        late = f"took longer than {seconds or 0:.3g} seconds, and was given up"
        with self._watched(late, "if it is merely large, allow it more with --deadline"):
            self._channel.send(call, until=until)
            answer = self._channel.receive(until=until)
        return answers.read(answer, classes=self._classes)

    @contextmanager
    def _watched(self, late: str, hint: str) -> Iterator[None]:
        """Say what became of it, when it neither answers nor lives."""
        try:
            yield
        except TimeoutError:
            raise WorkerLost(late, hint=hint) from None
        except (EOFError, OSError) as error:
            code = self.end()
            fate = f"signal {-code}" if code < 0 else f"exit code {code}"
            raise WorkerLost(
                f"whoever worked on it died ({fate})", hint="the file may be hostile: look at it apart"
            ) from error

    def kill(self) -> None:
        """End it at once, and what it has begun; its number is nobody else's before it was waited for."""
        if self._code is not None:
            return
        for end in (os.killpg, os.kill):  # it may have no group of its own yet
            with suppress(ProcessLookupError, PermissionError):
                end(self._pid, signal.SIGKILL)

    def end(self) -> int:
        """End it, whatever it is at, and wait for that; returns how it ended, of itself or now.

        One that closed its end is ending already, and keeps the code that it ends with.
        """
        self.kill()
        self._channel.close()
        if self._code is None:
            self._code = self._nursery.wait(self._pid)
        return self._code
