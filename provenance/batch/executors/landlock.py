"""Which files a process may still come to (landlock(7)); it says the same number on every kind of machine."""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION, _BENEATH = 1, 1
_NO_NEW_PRIVILEGES = 38

_EXECUTE, _WRITE, _READ, _LIST = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_ALL: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""What there is to be allowed, by the version that first knows of it."""
_OF_FILES: Final = _EXECUTE | _WRITE | _READ | 1 << 14 | 1 << 15
"""Of these, what can be allowed for something that is no folder."""
_SIGNALS_AND_ABSTRACT: Final = 3
"""Processes outside, and their sockets without a path."""


def restrict(*, reads: Iterable[str], writes: Iterable[str], programs: bool) -> str | None:
    """Keep this process to some files and folders; there is no way back. Returns why it is not in force.

    Places that are not there are passed over. A process that is kept so cannot look into others either.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE, None, 0, _VERSION)
    if version < 1:
        return f"files are not kept apart: {os.strerror(ctypes.get_errno())}"
    known = _ALL[max(item for item in _ALL if item <= version)]
    handled = known & ~_EXECUTE if programs else known
    rules = struct.pack("=QQQ", handled, 0, 0 if programs else _SIGNALS_AND_ABSTRACT)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    made = libc.syscall(_CREATE, rules[:size], size, 0)
    if made < 0:
        return f"files are not kept apart: {os.strerror(ctypes.get_errno())}"
    try:
        for place in reads:
            _allow(libc, made, place, (_READ | _LIST) & handled)
        for place in writes:
            _allow(libc, made, place, handled & ~_EXECUTE)
        refused = libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.syscall(_RESTRICT, made, 0)
        return f"files are not kept apart: {os.strerror(ctypes.get_errno())}" if refused else None
    finally:
        os.close(made)


def _allow(libc: ctypes.CDLL, made: int, place: str, access: int) -> None:
    try:
        handle = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            access &= _OF_FILES
        libc.syscall(_ADD, made, _BENEATH, struct.pack("=Qi", access, handle), 0)
    finally:
        os.close(handle)
