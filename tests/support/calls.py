"""Functions for processes of ours to call, good and bad; they load nothing, so that their beginning takes no time."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path


def double(number):
    return 2 * number


def nap(seconds):
    time.sleep(seconds)
    return os.getpid()


def end_by(number):
    os.kill(os.getpid(), number)
    time.sleep(10)


def die():
    end_by(signal.SIGKILL)


def crash():
    """Die as a native library does."""
    end_by(signal.SIGSEGV)


def leave():
    sys.exit(3)


def fail(message):
    raise ValueError(message)


class Awkward(Exception):
    """Cannot be made again from what it travels as."""

    def __init__(self, one, two):
        super().__init__(f"{one} {two}")


def fail_awkwardly():
    raise Awkward("one", "two")


def unpicklable():
    return lambda: None


class _Unwilling:
    def __reduce__(self):
        raise RuntimeError("it does not travel")


def unwilling():
    return _Unwilling()


def look_around():
    """Return what others can see of this process."""
    return Path("/proc/self/cmdline").read_bytes() + Path("/proc/self/environ").read_bytes()


def what_opens(what):
    from provenance.batch import tasks

    return tasks.secret(what)


def refuse():
    from provenance.errors import ProvenanceError

    raise ProvenanceError("no")
