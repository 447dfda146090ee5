"""Find the files that somebody means: folders, globs, lists, addresses, with filters."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.errors import ProvenanceError, UnreadableMedia
from provenance.manifests.formats import is_media
from provenance.storage import MAGIC, Entry, expand, objects, stat_file, walk_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Found = Entry | ProvenanceError
"""A file, or why there is none where one was named."""

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to take of what is found in folders; files that are named are always taken."""

    recursive: bool = True
    include: tuple[str, ...] = ()
    """Patterns (`*.jpg`, `2025/*`) of names, or of paths below the folder; none: types that can carry credentials."""
    exclude: tuple[str, ...] = ()
    spare: tuple[Path, ...] = ()
    """Folders that are left out, such as the one that the results go to; resolved."""

    def takes(self, relative: str) -> bool:
        """Say whether a file at this path below a folder (with `/`) is wanted by its name."""
        name = relative.rpartition("/")[2]
        if any(fnmatchcase(name, item) or fnmatchcase(relative, item) for item in self.exclude):
            return False
        if self.include:
            return any(fnmatchcase(name, item) or fnmatchcase(relative, item) for item in self.include)
        return is_media(name)


class Finder:
    """Go through what was named, one file after the other, and count what is passed over."""

    def __init__(self, names: Iterable[str], wanted: Wanted) -> None:
        """Take paths, patterns, addresses of objects, `@LIST` (a file with names in it), and `-` (standard input)."""
        self._names = names
        self._wanted = wanted
        self.passed_over = 0
        """Files in folders that cannot carry credentials, or that a filter leaves out."""
        self.roots: list[str] = []
        """Folders, prefixes and patterns that were gone through so far, as they were named."""

    def __iter__(self) -> Iterator[Found]:
        """Give what there is, and errors in the place of what cannot be had: those of others go on."""
        for name in self._names:
            try:
                yield from self._named(name)
            except ProvenanceError as error:
                yield error

    def _named(self, name: str) -> Iterator[Found]:
        if not name:
            # As a path it would be the current folder, which nobody has named.
            raise UnreadableMedia("one of the names is empty", hint="to mean the current folder, write .")
        if name == "-":
            yield from self._listed(sys.stdin.buffer)
        elif name.startswith("@"):
            try:
                with Path(name[1:]).open("rb") as lines:
                    yield from self._listed(lines)
            except OSError as error:
                raise UnreadableMedia(
                    f"the list cannot be read: {error.strerror or error}",
                    path=name[1:],
                    hint=f"a file whose name begins with @ is ./{name}",
                ) from error
        elif objects.is_object(name):
            yield from self._objects(name, recursive=self._wanted.recursive)
        else:
            yield from self._local(name)

    def _listed(self, lines: Iterable[bytes]) -> Iterator[Found]:
        """Take the names of a list, as bytes: not all names are text. They are neither further lists nor patterns."""
        for number, line in enumerate(lines):
            name = os.fsdecode((line if number else line.removeprefix(_BOM)).rstrip(b"\r\n"))
            if not name:
                continue
            try:
                yield from self._objects(name) if objects.is_object(name) else self._at(name)
            except ProvenanceError as error:
                # It is wrong with this name; the next ones may be good.
                yield error

    def _objects(self, name: str, *, recursive: bool = True) -> Iterator[Found]:
        self.roots.append(name)
        yield from self._filtered(objects.walk(name, recursive=recursive), named=name)

    def _local(self, name: str) -> Iterator[Found]:
        if not MAGIC & set(name) or os.path.lexists(name):
            yield from self._at(name)
            return
        found = False
        self.roots.append(name)
        for match in expand(name, recursive=self._wanted.recursive):
            found = True
            if isinstance(match, ProvenanceError):
                yield match
            else:
                yield from self._at(str(match))
        if not found:
            raise UnreadableMedia("nothing fits this pattern", path=name)

    def _at(self, name: str) -> Iterator[Found]:
        path = Path(name)
        if os.path.isdir(name):  # noqa: PTH112 -- what cannot be looked at is no error yet
            self.roots.append(name)
            found = walk_folder(path, recursive=self._wanted.recursive, spare=self._wanted.spare)
            yield from self._filtered(found)
        else:
            yield stat_file(path) or Entry(name=name, relative=path.name, size=0, version="")

    def _filtered(self, entries: Iterable[Found], *, named: str | None = None) -> Iterator[Found]:
        for entry in entries:
            if isinstance(entry, ProvenanceError) or entry.name == named or self._wanted.takes(entry.relative):
                yield entry
            else:
                self.passed_over += 1


class Listed:
    """Single files by names that are known already, such as those of a journal: they are taken as they are."""

    def __init__(self, names: Iterable[str], *, label: str) -> None:
        """Take paths and addresses, and what to call where they come from."""
        self._names = names
        self.label = label
        self.passed_over = 0
        """Nothing ever is."""
        self.roots: list[str] = []
        """No folder is gone through."""

    def __iter__(self) -> Iterator[Found]:
        """Give what there is, and an entry without a version for what is not there."""
        for name in self._names:
            try:
                found = objects.stat(name) if objects.is_object(name) else stat_file(Path(name))
            except ProvenanceError as error:
                error.path = error.path or name
                yield error
            else:
                yield found or Entry(name=name, relative=name.rpartition("/")[2], size=0, version="")
