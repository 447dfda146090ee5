"""What runs in the processes that work for another one, and in the one that begets them."""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import signal
import socket
import sys
import warnings
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from provenance.errors import WorkerLost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from provenance.batch.executors.confinement import Confinement

_TASKS = "provenance.batch.tasks"
"""What every worker needs."""
_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG (prctl(2))."""
_spent: list[str] = []
"""Why this process should do no further call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What a process is told before its first call."""

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    prepare: tuple[Callable[..., object], tuple[Any, ...]] | None = None
    """A function, and its arguments, that is called before anything is forbidden: it opens what is needed anyway.

    What goes wrong in it shows when a call needs it.
    """
    confinement: Confinement | None = None


def retire(why: str) -> None:
    """Have this process replaced by another after the call at hand: something that it needs cannot be had again."""
    _spent.append(why)


def beget(handle: int, modules: Sequence[str]) -> None:
    """Load modules once, then beget a worker for every pipe that comes in, and tell how one ended when that is asked.

    Nothing is done here but that: no thread, no key, no context of the engine is in a process that is copied. Elsewhere
    than on Linux, where libraries of the system may not be copied, workers load the modules themselves.
    """
    _end_with_parent(int(os.environ.pop("PROVENANCE_PARENT", "0")))
    gc.set_threshold(100_000, 20, 20)
    warnings.simplefilter("ignore")
    load = partial(_load, modules)
    if sys.platform == "linux":
        load()
        gc.freeze()
    control = socket.socket(fileno=handle)
    while True:
        order, pipes, _, _ = socket.recv_fds(control, 64, 1)
        if not order:
            os._exit(0)
        if not pipes:
            control.sendall(str(os.waitstatus_to_exitcode(os.waitpid(int(order), 0)[1])).encode())
            continue
        parent = os.getpid()
        child = os.fork()
        if not child:
            control.close()
            _work(pipes[0], parent, load)
        os.close(pipes[0])
        control.sendall(str(child).encode())


def _load(modules: Sequence[str]) -> None:
    from provenance.workspace.process import keep_buffers, spare_loopback  # noqa: PLC0415 -- the parent may have gone

    for name in (_TASKS, *modules):
        import_module(name)
    keep_buffers()
    spare_loopback()


def _work(handle: int, parent: int, load: Callable[[], None]) -> None:
    """Answer on a pipe until nobody asks any more: secrets come first, then one call after the other."""
    _end_with_parent(parent)
    os.setpgid(0, 0)  # with all programs that it begins: they are ended together
    load()
    pipe = Connection(handle)
    try:
        pipe.send(_begun(pipe.recv()))
        while True:
            _answer(pipe, pipe.recv_bytes())
    except (EOFError, OSError):
        # Nobody asks any more. Nothing is left to tidy up: outputs are whole or have no name.
        os._exit(0)
    except SystemExit as left:
        os._exit(left.code if isinstance(left.code, int) else 1)


def _begun(beginning: Beginning) -> tuple[str, ...]:
    """Get ready, then give up what is not needed; return what of that is not in force."""
    from provenance.batch import tasks  # noqa: PLC0415 -- the parent may have gone before all this is loaded

    tasks.remember(beginning.secrets)
    if beginning.prepare is not None:
        function, arguments = beginning.prepare
        with suppress(Exception):
            function(*arguments)
    if beginning.confinement is None:
        return ()
    from provenance.batch.executors.confinement import confine  # noqa: PLC0415 -- batches do without

    return confine(beginning.confinement)


def _answer(pipe: Connection, call: bytes) -> None:
    answer: tuple[bool, Any]
    try:
        function, arguments, named = pickle.loads(call)  # noqa: S301 -- written by the process that started this one
        answer = (True, function(*arguments, **named))
    except MemoryError:
        retire("what it has left may be in pieces")
        answer = (False, WorkerLost("takes more memory than there is for one file", hint="is it what it says it is?"))
    except Exception as error:  # noqa: BLE001 -- it is raised where the call came from
        answer = (False, error)
    try:
        told = pickle.dumps((*answer, bool(_spent)))
    except Exception as error:  # noqa: BLE001 -- whatever a value raises that does not travel
        # It is wrong with this file, not with all.
        told = pickle.dumps((False, WorkerLost(f"what was found could not be handed on: {error}"), bool(_spent)))
    pipe.send_bytes(told)


def _end_with_parent(parent: int) -> None:
    """See that a parent that is killed takes this process along: two of them must not work on one file.

    Elsewhere than on Linux, the end of the pipe tells after the file at hand.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        # Meant for whoever started it, who lets files in flight be finished; systemd sends it to all.
        signal.signal(number, signal.SIG_IGN)
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
