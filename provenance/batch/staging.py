"""Bring objects near: whatever works on a file works on a local one."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from provenance.errors import OutputError, UnreadableMedia
from provenance.manifests.locate import sidecars
from provenance.storage import Source, objects, open_source, stat_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.storage import Entry


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
    with tempfile.TemporaryDirectory(prefix="provenance-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
