"""Run the command as a user does: in a process of its own.

To start Python and load a command takes longer than most commands do. On Linux, processes are therefore begotten by one
that has loaded all commands (`tests.support.begetter`); they begin with the environment, folder and streams that
they are given, and end as any other. Where the environment says how Python itself starts, it is started.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 120
"""Seconds that a command may take."""
PLAIN = {"COLUMNS": "80", "PYTHONUTF8": "1"}


def run(*arguments: object, cwd: Path | None = None, **environment: str):
    """Run `provenance` and return the finished process, its output as text."""
    command = [sys.executable, "-m", "provenance", *map(str, arguments)]
    wanted = os.environ | PLAIN | environment
    if sys.platform == "linux" and _of_the_start(wanted) == _of_the_start(os.environ | PLAIN):
        return _begotten(command, cwd or Path.cwd(), wanted)
    return subprocess.run(
        command,
        cwd=cwd,
        env=wanted,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def _of_the_start(environment):
    """Return what is only looked at when a process starts."""
    names = ("PYTHON", "LD_", "LC_", "LANG")
    return {name: value for name, value in environment.items() if name.startswith(names)}


def _begotten(command, cwd, environment):
    """Have it run by a process that is begotten; as `subprocess.run` does, in all that tests look at."""
    control = _begetter(tuple(_of_the_start(environment).items()))
    (out, out_end), (err, err_end) = os.pipe(), os.pipe()
    order = json.dumps({"arguments": command[3:], "cwd": os.fspath(cwd), "environment": dict(environment)})
    socket.send_fds(control, [order.encode()], [out_end, err_end])
    os.close(out_end)
    os.close(err_end)
    child = int(control.recv(64))
    try:
        with ThreadPoolExecutor(2) as readers:
            printed, said = readers.map(_read, (out, err))
            code = int(control.recv(64))
    except TimeoutError:
        os.kill(child, signal.SIGKILL)
        raise
    return subprocess.CompletedProcess(command, code, printed, said)


def _read(handle):
    with os.fdopen(handle, encoding="utf-8") as stream:
        return stream.read()


@cache
def _begetter(start):
    """Start the one that begets them, for a way to start; it ends with this process at the latest."""
    control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    control.settimeout(PATIENCE)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.begetter", str(theirs.fileno())],
            cwd=ROOT,
            env=os.environ | dict(start),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
        )

    def end():
        control.close()
        process.wait()

    atexit.register(end)
    return control
