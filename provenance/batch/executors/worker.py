"""What runs in a process that works for another one: it calls functions until nobody asks any more."""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import signal
import sys
import warnings
from multiprocessing.connection import Connection
from typing import Any

from provenance.errors import WorkerLost

_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG (prctl(2))."""


def serve(handle: int) -> None:
    """Answer on an inherited pipe: secrets come first, then one call after the other."""
    _end_with_parent()
    gc.set_threshold(100_000, 20, 20)
    warnings.simplefilter("ignore")
    from provenance.batch import tasks  # noqa: PLC0415 -- the parent may have gone before all this is loaded
    from provenance.workspace.process import keep_buffers, spare_loopback  # noqa: PLC0415

    keep_buffers()
    spare_loopback()
    pipe = Connection(handle)
    try:
        tasks.remember(pipe.recv())
        pipe.send("ready")
        while True:
            _answer(pipe, pipe.recv_bytes())
    except (EOFError, OSError):
        # Nobody asks any more. Nothing is left to tidy up: outputs are whole or have no name.
        os._exit(0)


def _answer(pipe: Connection, call: bytes) -> None:
    answer: tuple[bool, Any]
    try:
        function, arguments, named = pickle.loads(call)  # noqa: S301 -- written by the process that started this one
        answer = (True, function(*arguments, **named))
    except Exception as error:  # noqa: BLE001 -- it is raised where the call came from
        answer = (False, error)
    try:
        told = pickle.dumps(answer)
    except Exception as error:  # noqa: BLE001 -- whatever a value raises that does not travel
        # It is wrong with this file, not with all.
        told = pickle.dumps((False, WorkerLost(f"what was found could not be handed on: {error}")))
    pipe.send_bytes(told)


def _end_with_parent() -> None:
    """See that a parent that is killed takes this process along: two of them must not work on one file.

    Elsewhere than on Linux, the end of the pipe tells after the file at hand.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        # Meant for whoever started it, who lets files in flight be finished; systemd sends it to all.
        signal.signal(number, signal.SIG_IGN)
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if str(os.getppid()) != os.environ.pop("PROVENANCE_PARENT", ""):
        os._exit(0)
