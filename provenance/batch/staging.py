"""Bring objects near: whatever works on a file works on a local one."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from provenance.errors import OutputError, UnreadableMedia
from provenance.manifests.locate import sidecars
from provenance.storage import Source, objects, open_source, stat_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.batch.work import Job
    from provenance.storage import Entry


_STAGED: Final = re.compile(r"provenance-staged-[a-z0-9_]{8}")


@contextmanager
def staged(name: str, *, largest: int = 0) -> Iterator[Source]:
    """Open a file, or an object that is fetched into a private folder for as long as the block runs.

    Sidecars beside an object come along. Raises `UnreadableMedia`, `TooLarge` or `StoreError`.
    """
    if not objects.is_object(name):
        yield open_source(Path(name))
        return
    with _folder() as folder:
        local = folder / leaf(name)
        objects.fetch(name, local, largest=largest or None)
        for sidecar in sidecars(local):
            beside = f"{name.rpartition('/')[0]}/{sidecar.name}"
            if objects.stat(beside) is not None:
                objects.fetch(beside, sidecar)
                break
        yield replace(open_source(local), name=name)


@contextmanager
def outgoing(target: str) -> Iterator[Path]:
    """Give the local path at which something is made that goes to `target`; `deliver` takes it there."""
    if not objects.is_object(target):
        path = Path(target)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot be made: {error.strerror or error}", path=path.parent) from error
        yield path
        return
    with _folder() as folder:
        yield folder / leaf(target)


def entry_of(name: str) -> Entry | None:
    """Look at a file or an object without opening it."""
    return objects.stat(name) if objects.is_object(name) else stat_file(Path(name))


def leaf(address: str) -> str:
    """Return the last part of an address as the name of a local file."""
    name = PurePosixPath(address.partition("://")[2]).name
    if not name or "\0" in name or len(name.encode()) > 240:
        raise UnreadableMedia("has a name that no local file can bear", path=address, hint="rename it")
    return name


@contextmanager
def _folder() -> Iterator[Path]:
    """Make a private folder that is locked as long as it is used, so that one whose user was killed shows as such."""
    _sweep()
    new = Path(tempfile.mkdtemp(prefix="provenance-new-"))
    folder = new.with_name(new.name.replace("-new-", "-staged-"))
    handle = _locked(new)
    try:
        new.rename(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if handle is not None:
            os.close(handle)


@cache
def _sweep() -> None:
    """Remove, once in a process, what processes that were killed have left: copies of other people's media."""
    for left in Path(tempfile.gettempdir()).glob("provenance-staged-*"):
        with suppress(OSError):
            ours = _STAGED.fullmatch(left.name) and not left.is_symlink() and left.stat().st_uid == os.getuid()
            if ours and (handle := _locked(left)) is not None:
                shutil.rmtree(left, ignore_errors=True)
                os.close(handle)


def _locked(folder: Path) -> int | None:
    """Lock a folder; None where somebody else has, or where folders cannot be locked."""
    if sys.platform == "win32":
        return None
    import fcntl  # noqa: PLC0415 -- not on every system

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def names(job: Job) -> tuple[str, str]:
    """Return the full names of a job's source and target."""
    return _full(job.source), _full(job.target or job.source)


def _full(name: str) -> str:
    # Two links to one file are one file: it must not be signed twice at a time.
    return name if objects.is_object(name) else os.path.realpath(name)
