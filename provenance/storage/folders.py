"""Walk through local folders: one file after the other, in the order of names, however many there are."""

from __future__ import annotations

import os
import stat
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final

from provenance.errors import UnreadableMedia
from provenance.storage.entries import Entry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

MAGIC: Final = frozenset("*?[")
"""What makes a pattern of a name."""


def version_of(found: os.stat_result) -> str:
    """Say which state of a file this is: it changes with its size and with the time of its last change."""
    return f"{found.st_mtime_ns}-{found.st_size}"


def stat_file(path: Path, relative: str | None = None) -> Entry | None:
    """Look at a file without opening it; None where there is none, or something else than a file."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return _entry(path, relative or path.name, found)


def walk_folder(
    folder: Path, *, recursive: bool = True, spare: Collection[Path] = ()
) -> Iterator[Entry | UnreadableMedia]:
    """Give the files of a folder; hidden files and folders, links to folders, and `spare` (resolved) are left out.

    A folder that cannot be read is given as the error that says so, and a file that cannot be looked at, such as a
    link that leads nowhere, as an entry without a size: nothing is passed over silently.
    """
    # Not by calls: folders can be nested deeper than those.
    open_folders = [(folder, "", _scanned(folder))]
    while open_folders:
        at, below, items = open_folders[-1]
        item = next(items, None)
        if item is None:
            open_folders.pop()
        elif isinstance(item, UnreadableMedia):
            yield item
        elif item.name.startswith("."):
            continue
        elif item.is_dir(follow_symlinks=False):
            path = at / item.name
            if recursive and not (spare and path.resolve() in spare):
                open_folders.append((path, f"{below}{item.name}/", _scanned(path)))
        elif (entry := _looked_at(at / item.name, f"{below}{item.name}")) is not None:
            yield entry


def expand(pattern: str, *, recursive: bool = True) -> Iterator[Path | UnreadableMedia]:
    """Give the files and folders that fit a pattern, in the order of names.

    `**` stands for folders at any depth (one without `recursive`), not through links; a name with a dot at its
    beginning must be asked for with one. A folder that cannot be read is given as the error that says so.
    """
    whole = Path(pattern)
    parts = whole.parts[1:] if whole.anchor else whole.parts
    waiting: list[tuple[Path, tuple[str, ...]] | UnreadableMedia] = [(Path(whole.anchor), parts)]
    while waiting:
        item = waiting.pop()
        if isinstance(item, UnreadableMedia):
            yield item
        elif item[1] in {(), ("**",)}:
            if os.path.lexists(item[0]):
                yield item[0]
        else:
            waiting.extend(reversed(list(_steps(*item, recursive=recursive))))


def _steps(
    at: Path, parts: tuple[str, ...], *, recursive: bool
) -> Iterator[tuple[Path, tuple[str, ...]] | UnreadableMedia]:
    """Go one part of a pattern further: where to, and what is left of it there."""
    first, rest = parts[0], parts[1:]
    if not MAGIC & set(first):
        yield at / first, rest
        return
    deep = first == "**" and recursive
    if deep:
        yield at, rest
    for item in _scanned(at, beside=(FileNotFoundError, NotADirectoryError)):
        if isinstance(item, UnreadableMedia):
            yield item
        elif deep:
            if not item.name.startswith(".") and item.is_dir(follow_symlinks=False):
                yield at / item.name, parts
        elif fnmatchcase(item.name, first) and (first.startswith(".") or not item.name.startswith(".")):
            yield at / item.name, rest


def _scanned(folder: Path, *, beside: tuple[type[OSError], ...] = ()) -> Iterator[os.DirEntry[str] | UnreadableMedia]:
    """Give what is in a folder, or why that cannot be known; `beside` are reasons that do not matter."""
    try:
        with os.scandir(folder) as scanned:
            found = sorted(scanned, key=lambda item: item.name)
    except beside:
        return
    except OSError as error:
        yield UnreadableMedia(f"the folder cannot be read: {error.strerror or error}", path=folder)
        return
    yield from found


def _looked_at(path: Path, relative: str) -> Entry | None:
    try:
        found = path.stat()
    except OSError:
        # Whoever opens it says what is wrong with it.
        return Entry(name=str(path), relative=relative, size=0, version="")
    return _entry(path, relative, found)


def _entry(path: Path, relative: str, found: os.stat_result) -> Entry | None:
    if not stat.S_ISREG(found.st_mode):
        return None
    return Entry(name=str(path), relative=relative, size=found.st_size, version=version_of(found))
