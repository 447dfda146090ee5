"""Walk through local folders: one file after the other, in the order of names, however many there are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from provenance.errors import UnreadableMedia
from provenance.storage.entries import Entry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path


def version_of(found: os.stat_result) -> str:
    """Say which state of a file this is: it changes with its size and with the time of its last change."""
    return f"{found.st_mtime_ns}-{found.st_size}"


def stat_file(path: Path, relative: str | None = None) -> Entry | None:
    """Look at a file without opening it; None where there is none, or something else than a file."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    if not path.is_file():
        return None
    return Entry(name=str(path), relative=relative or path.name, size=found.st_size, version=version_of(found))


def walk_folder(
    folder: Path, *, recursive: bool = True, spare: Collection[Path] = ()
) -> Iterator[Entry | UnreadableMedia]:
    """Give the files of a folder; hidden files and folders, links to folders, and `spare` (resolved) are left out.

    A folder that cannot be read is given as the error that says so: nothing is passed over silently.
    """
    yield from _walk(folder, "", recursive=recursive, spare=frozenset(spare))


def _walk(folder: Path, below: str, *, recursive: bool, spare: frozenset[Path]) -> Iterator[Entry | UnreadableMedia]:
    try:
        with os.scandir(folder) as scanned:
            found = sorted(scanned, key=lambda item: item.name)
    except OSError as error:
        yield UnreadableMedia(f"the folder cannot be read: {error.strerror or error}", path=folder)
        return
    for item in found:
        if item.name.startswith("."):
            continue
        path = folder / item.name
        if item.is_dir(follow_symlinks=False):
            if recursive and not (spare and path.resolve() in spare):
                yield from _walk(path, f"{below}{item.name}/", recursive=True, spare=spare)
            continue
        entry = stat_file(path, f"{below}{item.name}")
        if entry is not None:
            yield entry
