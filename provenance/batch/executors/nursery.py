"""Where processes come from: a fresh interpreter that has loaded what they need, and begets one whenever it is asked.

They are never copies of this process, whose threads and native libraries would not survive that (a server of forks, as
`multiprocessing` has one; but that runs the caller's program again).
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from provenance.errors import WorkerLost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.batch.executors.confinement import Confinement

_SECRET = frozenset({"PROVENANCE_PASSPHRASE", "PROVENANCE_PASSPHRASE_FILE"})
"""Others can read the environment of a process for as long as it lives; what it needs goes through its pipe."""
_MAIN = "import json, sys; handle, path, modules = map(json.loads, sys.argv[1:]); sys.path[:] = path; " + (
    "from provenance.batch.executors.worker import beget; beget(handle, modules)"
)


class Nursery:
    """The process that begets others; it is started with the first of them, and again if it has died."""

    def __init__(self, modules: Sequence[str], confinement: Confinement | None = None) -> None:
        """Take the names of modules that are loaded once for all, and how far those that are begotten may go."""
        self._modules = list(modules)
        self._confinement = confinement
        self._lock = threading.Lock()
        # A process ends with the very thread that started it, so that must outlive all others.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="nursery")
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def beget(self, pipe: int) -> int:
        """Have a process begun that works on a pipe; returns its number.

        Raises `WorkerLost` when that fails.
        """
        with self._lock:
            if self._control is None:
                self._starter.submit(self._start).result()
            return self._asked([b"new"], [pipe])

    def wait(self, process: int) -> int:
        """Wait for the end of a process; returns its exit code, or a signal as a negative number."""
        with self._lock:
            try:
                return self._asked([str(process).encode()], [])
            except WorkerLost:
                # Whoever begot it has died, and it died along.
                return -9

    def close(self) -> None:
        """End it."""
        with self._lock:
            self._forget()
        self._starter.shutdown()

    def _start(self) -> None:
        self._control, theirs = socket.socketpair()
        values = (theirs.fileno(), sys.path, self._modules)
        with theirs:
            # A session of its own: Ctrl-C at the terminal is for whoever started it to handle.
            self._process = subprocess.Popen(  # noqa: S603 -- this very interpreter
                [sys.executable, "-P", "-c", _MAIN, *map(json.dumps, values)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # What a hostile file has libraries say is for no log and no terminal.
                stderr=subprocess.DEVNULL if self._confinement else None,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
                env=self._environment() | {"PROVENANCE_PARENT": str(os.getpid())},
            )

    def _environment(self) -> dict[str, str]:
        known = os.environ if self._confinement is None else self._confinement.kept(os.environ)
        return {name: value for name, value in known.items() if name not in _SECRET}

    def _asked(self, order: list[bytes], pipes: list[int]) -> int:
        try:
            if self._control is None:
                raise EOFError
            socket.send_fds(self._control, order, pipes)
            answer = self._control.recv(64)
            if not answer:
                raise EOFError
        except (OSError, EOFError) as error:
            self._forget()
            raise WorkerLost("no process could be begun for it", hint="is there memory left?") from error
        return int(answer)

    def _forget(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._control = self._process = None
