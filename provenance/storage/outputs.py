"""Write outputs that appear whole or not at all.

A file is written under no name where the system allows it (`O_TMPFILE`), so that not even a kill leaves a trace;
elsewhere under a temporary name beside its target. It is synced to disk before it gets its name.
"""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import secrets
import threading
import zlib
from typing import TYPE_CHECKING, BinaryIO

from provenance.errors import OutputError, OutputExists

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_UNNAMED = getattr(os, "O_TMPFILE", 0)
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
"""What file systems without links answer: FAT and exFAT, as on memory cards, and some network shares."""


@contextlib.contextmanager
def writing(target: Path, *, overwrite: bool = False, like: Path | None = None) -> Iterator[BinaryIO]:
    """Give a stream whose bytes become `target` when the block ends without an exception.

    The stream can be read back before that. `like` is a file whose permissions the output takes over.
    Raises `OutputExists`, or `OutputError` when the disk or the directory refuses.
    """
    refuse_existing(target, overwrite=overwrite)
    stream, temporary = _open_beside(target)
    try:
        try:
            yield stream
            stream.flush()
            if like is not None:
                _set_mode(stream.fileno(), like.stat().st_mode & 0o777)
            os.fsync(stream.fileno())
            _give_name(stream, temporary, target, overwrite=overwrite)
        except OSError as error:
            raise _refused(target, error) from error
    finally:
        with contextlib.suppress(OSError):
            stream.close()
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def scratch(beside: Path) -> Iterator[BinaryIO]:
    """Give a stream that nobody sees and that is gone when the block ends, on the disk of a file.

    The folder for temporary files may be too small for media, or be kept in memory. Raises `OutputError`.
    """
    stream, temporary = _open_beside(beside)
    try:
        yield stream
    finally:
        with contextlib.suppress(OSError):
            stream.close()
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def syncing(stream: BinaryIO) -> Iterator[None]:
    """Push what was written to a stream to the disk while the block runs.

    Raises `OSError` at the end of the block when the disk refuses. A stream in memory has nothing to push.
    """
    try:
        handle = stream.fileno()
    except OSError:
        yield
        return
    refused: list[OSError] = []

    def push() -> None:
        try:
            os.fsync(handle)
        except OSError as error:
            refused.append(error)

    stream.flush()
    worker = threading.Thread(target=push)
    worker.start()
    try:
        yield
    finally:
        worker.join()
    if refused:
        raise refused[0]


def publish(data: bytes, target: Path, *, overwrite: bool = False) -> None:
    """Write bytes to `target`, whole or not at all.

    Raises `OutputExists` or `OutputError`.
    """
    with writing(target, overwrite=overwrite) as stream:
        stream.write(data)


def refuse_existing(target: Path, *, overwrite: bool) -> None:
    """Refuse what cannot become a new file. Raises `OutputExists` or `OutputError`."""
    if "\0" in str(target):
        raise OutputError("cannot be the name of a file", path=target, hint="leave out the null character")
    if target.is_dir():
        raise OutputError("is a directory", path=target, hint="name a file, or end it with a slash for a folder")
    if not overwrite and target.exists():
        raise _exists(target)
    if not target.parent.is_dir():
        raise OutputError("no such folder", path=target.parent, hint="make it first")


def sweep(target: Path) -> None:
    """Remove what a killed process may have left beside `target`: its temporary files, which nobody else writes."""
    for left in target.parent.glob(f"{glob.escape(_prefix(target))}{'?' * 8}.part"):
        with contextlib.suppress(OSError):
            left.unlink()


def _open_beside(target: Path) -> tuple[BinaryIO, Path | None]:
    folder = target.parent
    try:
        if _UNNAMED:
            with contextlib.suppress(OSError):
                handle = os.open(folder, _UNNAMED | os.O_RDWR, 0o666)
                return os.fdopen(handle, "w+b", buffering=1 << 20), None
        # `mkstemp` would make it private: an output has the permissions of any new file.
        temporary = _temporary(target)
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        return os.fdopen(handle, "w+b", buffering=1 << 20), temporary
    except OSError as error:
        raise _refused(target, error) from error


def _temporary(target: Path) -> Path:
    return target.with_name(f"{_prefix(target)}{secrets.token_hex(4)}.part")


def _prefix(target: Path) -> str:
    """Return what the temporary files of `target` begin with, and those of no other file in its folder."""
    return f".{target.name[:40]}.{zlib.crc32(os.fsencode(target.name)):08x}."


def _set_mode(handle: int, mode: int) -> None:
    with contextlib.suppress(PermissionError):  # FAT keeps no permissions, and says so in this way
        os.fchmod(handle, mode)


def _give_name(stream: BinaryIO, temporary: Path | None, target: Path, *, overwrite: bool) -> None:
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        if overwrite and temporary is None:
            # A link cannot replace a file, a rename can: the name in between lives for microseconds.
            temporary = _temporary(target)
            _link(stream, None, temporary, folder)
        if temporary is not None and overwrite:
            temporary.replace(target)
        else:
            _link(stream, temporary, target, folder)
        with contextlib.suppress(OSError):
            os.fsync(folder)
    finally:
        os.close(folder)
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _link(stream: BinaryIO, temporary: Path | None, target: Path, folder: int) -> None:
    """Give a file its name only if nothing has that name: no check that could be overtaken."""
    source = temporary or f"/proc/self/fd/{stream.fileno()}"
    try:
        # Only with a directory handle does Python call linkat(), which follows the link in /proc to the file.
        os.link(source, target, src_dir_fd=folder, follow_symlinks=True)
    except FileExistsError as error:
        raise _exists(target) from error
    except OSError as error:
        if temporary is None or error.errno not in _NO_LINKS:
            raise
        _move(temporary, target)


def _move(temporary: Path, target: Path) -> None:
    """Give a file its name where there are no links: take the name, if it is free, and fill it by a rename."""
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError as error:
        raise _exists(target) from error
    try:
        temporary.replace(target)
    except OSError:
        target.unlink(missing_ok=True)
        raise


def _exists(target: Path) -> OutputExists:
    return OutputExists("exists already", path=target, hint="choose another with -o, or overwrite it with --force")


def _refused(target: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    return OutputError(f"cannot be written: {reason}", path=target, hint="nothing was left behind")
