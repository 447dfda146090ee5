"""The process that begets those in which tests run commands: all commands are loaded, and nothing else was done."""

from __future__ import annotations

import gc
import json
import os
import runpy
import socket
import sys
import time
from importlib import import_module

from provenance.cli.lazy import PLACES

MORE = (
    "PIL.JpegImagePlugin", "cryptography.hazmat.bindings.openssl.binding", "cryptography.x509", "lxml.etree",
    "platformdirs.unix", "provenance.batch.tasks", "rich.table",
)  # fmt: skip
"""What takes long to load, and most commands load once they are called; the rest they load themselves."""


def serve(handle):
    """Beget a process for each order: tell its number, and how it ended."""
    for name in (*(f"provenance.cli.{place.partition(':')[0]}" for place in PLACES.values()), *MORE):
        import_module(name)
    gc.freeze()
    control = socket.socket(fileno=handle)
    while True:
        order, streams, _, _ = socket.recv_fds(control, 1 << 20, 2)
        if not order:
            return
        child = os.fork()
        if not child:
            control.close()
            become(json.loads(order), streams)
            return
        for stream in streams:
            os.close(stream)
        control.send(str(child).encode())
        control.send(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())


def become(order, streams):
    """Become the command, as `python -m provenance` does."""
    for number, stream in enumerate(streams, start=1):
        os.dup2(stream, number)
        os.close(stream)
    # Those that were there know what they led to before.
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors=sys.stdout.errors, closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors=sys.stderr.errors, closefd=False, buffering=1)
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    sys.argv[1:] = order["arguments"]
    runpy.run_module("provenance", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
