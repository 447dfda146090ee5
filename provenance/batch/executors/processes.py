"""Processes of our own, one for each lane: what hangs or dies costs one file, and is replaced.

Those of `concurrent.futures` cannot do that: there one process that dies takes the whole pool along, and none can be
ended over a single job. They are started anew, never forked: native libraries do not survive that.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from multiprocessing import Pipe
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from provenance.errors import WorkerLost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

P = ParamSpec("P")
T = TypeVar("T")

_MAIN = "import json, sys; sys.path[:] = json.loads(sys.argv[2]); " + (
    "from provenance.batch.executors.worker import serve; serve(int(sys.argv[1]))"
)


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
    ) -> None:
        """Take how many work at once, and how many seconds a call may take, by its arguments.

        A call that takes longer raises `WorkerLost`, and so does one over which its process dies. `secrets` open keys;
        they go through a pipe only.
        """
        self._patience = patience
        self._secrets = dict(secrets or {})
        self._lanes = ThreadPoolExecutor(count, thread_name_prefix="lane")
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
                for process in self._all:
                    process.kill()
        self._lanes.shutdown(wait=wait, cancel_futures=cancel_futures)
        with self._lock:
            for process in self._all:
                process.end()
            self._all.clear()

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
        process = _Process(self._secrets)
        with self._lock:
            self._all.add(process)
        return process


class _Process:
    """One process and the pipe to it."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._pipe, theirs = Pipe()
        command = [sys.executable, "-P", "-c", _MAIN, str(theirs.fileno()), json.dumps(sys.path)]
        # A session of its own: Ctrl-C at the terminal is for whoever started it to handle.
        self._process = subprocess.Popen(  # noqa: S603 -- this very interpreter
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
            env=os.environ | {"PROVENANCE_PARENT": str(os.getpid())},
        )
        theirs.close()
        self._pipe.send(secrets)

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def ask(self, call: Any, seconds: float | None) -> tuple[bool, Any]:
        """Have a function called; returns whether it returned, and what, or what it raised."""
        try:
            self._pipe.send(call)
            if not self._pipe.poll(seconds):
                raise WorkerLost(
                    f"took longer than {seconds:.0f} seconds, and was given up",
                    hint="if it is merely large, allow it more with --deadline",
                )
            found: tuple[bool, Any] = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise WorkerLost(
                f"whoever worked on it died ({self._fate()})", hint="the file may be hostile: look at it apart"
            ) from error
        return found

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def end(self) -> None:
        """Close the pipe, at which it ends by itself, and wait for that."""
        self._pipe.close()
        self._process.wait()

    def _fate(self) -> str:
        code = self._process.wait()
        return f"signal {-code}" if code < 0 else f"exit code {code}"
