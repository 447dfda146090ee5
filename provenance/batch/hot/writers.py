"""Look closer at a file that seems complete."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from provenance.storage.folders import version_of

if TYPE_CHECKING:
    from provenance.storage import Entry


def still_written(entry: Entry) -> bool:
    """Say whether a file has changed since it was found, or a process of this machine has it open for writing.

    Opening it makes network file systems ask their server, instead of answering from memory. The latter can be told on
    Linux only, on local file systems, of files that are one's own (or with CAP_LEASE); elsewhere the answer is no.
    """
    try:
        handle = os.open(entry.name, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        # Whoever works on it will say why.
        return False
    try:
        return version_of(os.fstat(handle)) != entry.version or _has_writer(handle)
    finally:
        os.close(handle)


def _has_writer(handle: int) -> bool:
    """Ask for a read lease, which the kernel refuses as long as anybody has the file open for writing (fcntl(2))."""
    if sys.platform != "linux":
        return False
    import fcntl  # noqa: PLC0415 -- not on every system

    try:
        # Should a writer come in this very moment, a signal tells: one that nobody minds.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    with suppress(OSError):
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False
