"""What holds for a whole process, and so only for processes that are ours: importing the library changes nothing."""

from __future__ import annotations

import ctypes
import os
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT = 1 << 30
"""Bytes up to which buffers are kept."""


def keep_buffers() -> bool:
    """Tell glibc to keep large buffers; return whether there was a glibc to tell.

    It gives them back to the kernel at once; signing many files then spends a good part of its time on page faults
    (docs/performance.md).
    """
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(_MMAP_THRESHOLD, _KEPT) and mallopt(_TRIM_THRESHOLD, _KEPT))


def spare_loopback() -> None:
    """Keep proxies out of what this machine says to itself: the engine would ask them for its time-stamps."""
    known = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    if "127.0.0.1" not in known.split(","):
        os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(filter(None, (known, "127.0.0.1")))
