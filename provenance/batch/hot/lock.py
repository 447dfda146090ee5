"""Only one watcher for a folder."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from provenance.errors import OutputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def alone(home: Path, folder: Path) -> Iterator[None]:
    """Keep others of the same workspace off a folder (resolved) while the block runs; the kernel lets go at our death.

    Raises `SettingsError` when somebody else watches it, `OutputError` when that cannot be found out.
    """
    import fcntl  # noqa: PLC0415 -- not on every system

    path = home / "watch" / f"{hashlib.sha256(os.fsencode(folder)).hexdigest()}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise OutputError(f"cannot be made: {error.strerror or error}", path=path) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            who = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
            raise SettingsError(
                f"is watched already{f' (process {who})' if who.isdecimal() else ''}",
                path=folder,
                hint="end that one first",
            ) from error
        except OSError as error:
            raise OutputError(f"cannot be locked: {error.strerror or error}", path=path) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
