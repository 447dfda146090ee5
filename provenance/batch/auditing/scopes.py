"""Which files an audit is about: full names, what lies below a folder, and what is really not there."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.errors import ProvenanceError, UnreadableMedia
from provenance.storage import objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.batch.finding import Wanted

Range = tuple[bytes, bytes]
"""Names from the first up to, but without, the second."""
_MAGIC = frozenset("*?[")


class Standing(StrEnum):
    """What is found under a name."""

    FILE = "file"
    OTHER = "other"
    """A folder, a device …"""
    NOTHING = "nothing"
    UNKNOWN = "unknown"
    """It could not be looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A folder, a prefix or a pattern that was named, and what it covers."""

    name: str
    """In full."""
    wanted: Wanted
    pattern: bool
    """It stands for every name that fits it."""

    def ranges(self) -> Iterator[Range]:
        """Give ranges of names in which everything that it covers is."""
        if self.pattern:
            fixed = os.fsencode(self.name[: min(self.name.index(sign) for sign in _MAGIC if sign in self.name)])
            yield fixed, _after(fixed)
            return
        own = os.fsencode(self.name)
        yield own, own + b"\0"
        yield below(self.name)

    def covers(self, name: str) -> bool:
        """Say whether a name is one of those that this run would have come across."""
        fits = self.pattern and any(self._fits(item) and self._takes(name, item) for item in (name, *above(name)))
        # A folder that is gone may have had such a name.
        return fits or self._takes(name, self.name)

    def _takes(self, name: str, folder: str) -> bool:
        if name == folder:
            return True
        inside = f"{folder.rstrip('/')}/"
        relative = name.removeprefix(inside)
        if relative == name or (not self.wanted.recursive and "/" in relative):
            return False
        hidden = not objects.is_object(name) and any(part.startswith(".") for part in relative.split("/"))
        return not hidden and self.wanted.takes(relative)

    def _fits(self, name: str) -> bool:
        deep = "**" in self.name
        return (deep or name.count("/") == self.name.count("/")) and fnmatchcase(name, self.name.replace("**/", "*"))


def scope_of(name: str, wanted: Wanted) -> Scope:
    """Describe what a name covers that stands for several files."""
    whole = full(name)
    pattern = bool(_MAGIC & set(name)) and not objects.is_object(name) and not os.path.lexists(name)
    return Scope(name=whole, wanted=wanted, pattern=pattern)


def full(name: str) -> str:
    """Return the full name of a file or a folder, which is the same from wherever it is named."""
    if objects.is_object(name):
        scheme, _, rest = name.partition("://")
        return f"{scheme.lower()}://{rest.rstrip('/')}"
    path = Path(name).absolute()
    if ".." in path.parts:
        # What lies above a link is not what stands before it in a name.
        last = len(path.parts) - path.parts[::-1].index("..")
        path = Path(*path.parts[:last]).resolve().joinpath(*path.parts[last:])
    return str(path)


def above(name: str) -> Iterator[str]:
    """Give the folders that a file is in, the nearest first."""
    scheme, found, rest = name.partition("://") if objects.is_object(name) else ("", "", name)
    while "/" in rest:
        rest = rest.rpartition("/")[0]
        yield f"{scheme}{found}{rest}" if rest or found else "/"


def below(name: str) -> Range:
    """Return the range of names below a folder."""
    folder = os.fsencode(name.rstrip("/")) + b"/"
    return folder, _after(folder)


def look(name: str, error: ProvenanceError | None = None) -> tuple[Standing, str]:
    """Look what is really found under a name, and say it in words; `error` is what came of looking before."""
    if objects.is_object(name):
        return _look_at_object(name, error)
    try:
        found = os.stat(name)  # noqa: PTH116 -- a name that is no path is an error to tell, not to raise
    except (FileNotFoundError, NotADirectoryError):
        led = "it is a link that leads nowhere now" if Path(name).is_symlink() else "there is no such file any more"
        return Standing.NOTHING, led
    except (OSError, ValueError) as problem:
        return Standing.UNKNOWN, str(getattr(problem, "strerror", None) or problem)
    if stat.S_ISREG(found.st_mode):
        return Standing.FILE, "it is there, but was not come across: it may have been moved meanwhile"
    kind = "a folder" if stat.S_ISDIR(found.st_mode) else "something else than a file"
    return Standing.OTHER, f"{kind} is in its place"


def behind_link(name: str, folder: str) -> bool:
    """Say whether a file lies behind a link to a folder, below the folder that was named: those are not followed."""
    inside = [item for item in above(name) if len(item) > len(folder)]
    return not objects.is_object(name) and any(map(os.path.islink, inside))


def _look_at_object(name: str, error: ProvenanceError | None) -> tuple[Standing, str]:
    if error is not None:
        # Only of a listing without anything in it is it known that nothing is there.
        return (Standing.NOTHING if isinstance(error, UnreadableMedia) else Standing.UNKNOWN), error.message
    try:
        there = objects.stat(name)
    except ProvenanceError as problem:
        return Standing.UNKNOWN, problem.message
    if there is None:
        return Standing.NOTHING, "there is no such object any more"
    return Standing.FILE, "it is there, but was not come across: it may have come back meanwhile"


def _after(prefix: bytes) -> bytes:
    """Return the first name that is behind all that begin so."""
    stripped = prefix.rstrip(b"\xff")
    return stripped[:-1] + bytes([stripped[-1] + 1]) if stripped else b"\xff" * 64
