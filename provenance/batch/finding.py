"""Find the files that somebody means: folders, globs, lists, addresses, with filters."""

from __future__ import annotations

import glob
import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.errors import ProvenanceError, UnreadableMedia
from provenance.manifests.formats import FORMATS
from provenance.storage import Entry, objects, stat_file, walk_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Found = Entry | ProvenanceError
"""A file, or why there is none where one was named."""

_MAGIC = frozenset("*?[")
EXTENSIONS = frozenset(extension for item in FORMATS for extension in item.extensions)
"""Of the types that can carry credentials, in lower case."""


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
        return name.rpartition(".")[2].lower() in EXTENSIONS


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
        if name == "-":
            yield from self._listed(sys.stdin)
        elif name.startswith("@"):
            try:
                with Path(name[1:]).open(encoding="utf-8", errors="surrogateescape") as lines:
                    yield from self._listed(lines)
            except OSError as error:
                raise UnreadableMedia(
                    f"the list cannot be read: {error.strerror or error}",
                    path=name[1:],
                    hint=f"a file whose name begins with @ is ./{name}",
                ) from error
        elif objects.is_object(name):
            self.roots.append(name)
            yield from self._filtered(objects.walk(name, recursive=self._wanted.recursive), named=name)
        else:
            yield from self._local(name)

    def _listed(self, lines: Iterable[str]) -> Iterator[Found]:
        for line in lines:
            name = line.rstrip("\r\n")
            if name:
                # A list holds names, not further lists or patterns.
                if objects.is_object(name):
                    self.roots.append(name)
                    yield from self._filtered(objects.walk(name), named=name)
                else:
                    yield from self._at(name)

    def _local(self, name: str) -> Iterator[Found]:
        if _MAGIC & set(name) and not Path(name).exists():
            found = False
            self.roots.append(name)
            for match in glob.iglob(name, recursive=self._wanted.recursive):  # noqa: PTH207 -- absolute patterns too
                found = True
                yield from self._at(match)
            if not found:
                raise UnreadableMedia("nothing fits this pattern", path=name)
            return
        yield from self._at(name)

    def _at(self, name: str) -> Iterator[Found]:
        path = Path(name)
        if _is_folder(path):
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


def _is_folder(path: Path) -> bool:
    """Say whether it is a folder; what is wrong with a name is told of the file that it is taken for."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


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
