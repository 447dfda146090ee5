"""Keep large buffers instead of giving them back to the kernel after every file.

glibc returns them at once; signing many files then spends a good part of its time on page faults (docs/performance.md).
Only for processes that are ours: importing the library changes nothing.
"""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT = 1 << 30
"""Bytes up to which buffers are kept."""


def keep_buffers() -> bool:
    """Tell glibc to keep its buffers; return whether there was a glibc to tell."""
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(_MMAP_THRESHOLD, _KEPT) and mallopt(_TRIM_THRESHOLD, _KEPT))
