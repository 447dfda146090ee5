"""Processes of our own, one for each lane: what hangs or dies costs one file, and is replaced.

Those of `concurrent.futures` cannot do that: there one process that dies takes the whole pool along, and none can be
ended over a single job. They are started anew, never forked: native libraries do not survive that.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import subprocess
import sys
import threading
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import Pipe
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from provenance.errors import WorkerLost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

P = ParamSpec("P")
T = TypeVar("T")

_SECRET = frozenset({"PROVENANCE_PASSPHRASE", "PROVENANCE_PASSPHRASE_FILE"})
"""Others can read the environment of a process for as long as it lives; what it needs goes through its pipe."""
_START = 120.0
"""Seconds that a process may take to be there, on a machine that has too much to do."""
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
        # A process ends with the very thread that started it, so that must outlive all lanes.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="starter")
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
        self._starter.shutdown()
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
        process = self._starter.submit(_Process, self._secrets).result()
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

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._pipe, theirs = Pipe()
        self._ready = False
        command = [sys.executable, "-P", "-c", _MAIN, str(theirs.fileno()), json.dumps(sys.path)]
        # A session of its own: Ctrl-C at the terminal is for whoever started it to handle.
        self._process = subprocess.Popen(  # noqa: S603 -- this very interpreter
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if name not in _SECRET}
            | {"PROVENANCE_PARENT": str(os.getpid())},
        )
        theirs.close()
        with suppress(OSError):  # if it is dead already, that shows when it is asked
            self._pipe.send(secrets)

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

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
        """End it at once."""
        self._process.kill()

    def end(self) -> None:
        """Close the pipe, at which it ends by itself, and wait for that."""
        self._pipe.close()
        self._process.wait()

    def _fate(self) -> str:
        code = self._process.wait()
        return f"signal {-code}" if code < 0 else f"exit code {code}"
