"""Say where in a TOML text something stands: the standard library's reader does not."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from contextlib import suppress
from typing import TypeAlias

from provenance.policy.reading import plain

Path: TypeAlias = tuple[str | int, ...]
"""Keys, and places in lists: `("rules", 0, "severity")`."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE = re.compile(r"[\w-]+")
_SCALAR = re.compile(r"[^,\]}\n#]*")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})' r"|'''.*?'''(?:'{0,2})" r'|"(?:[^"\\]|\\.)*"' r"|'[^']*'",
    re.DOTALL,
)


class Lines:
    """Lines (from 1) of everything in a text that `read` could read."""

    def __init__(self, text: str) -> None:
        self._text = plain(text)
        self._at = 0
        self._ends = [place for place, char in enumerate(self._text) if char == "\n"]
        self._found: dict[Path, int] = {}
        self._last: dict[Path, int] = {}
        # What is nested so deeply that only the reader could follow keeps the line of what is around it.
        with suppress(RecursionError):
            self._whole()

    def of(self, *path: str | int) -> int:
        """Return the line of a key, or of the innermost thing around it that is there."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._found:
                return self._found[path[:length]]
        return 1

    def _whole(self) -> None:
        here: Path = ()
        while self._next(_BLANK):
            if self._text[self._at] == "[":
                here = self._header()
            else:
                self._pair(here)

    def _next(self, skipped: re.Pattern[str]) -> str:
        """Skip something; return the character after it, nothing at the end."""
        found = skipped.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._text[self._at : self._at + 1]

    def _note(self, path: Path, at: int) -> None:
        self._found.setdefault(path, bisect_right(self._ends, at - 1) + 1)

    def _header(self) -> Path:
        start, several = self._at, self._text.startswith("[[", self._at)
        self._at += 2 if several else 1
        keys = self._keys()
        path: Path = ()
        for number, key in enumerate(keys, start=1):
            path = (*path, key)
            self._note(path, start)
            if several and number == len(keys):
                self._last[path] = self._last.get(path, -1) + 1
            if path in self._last:
                path = (*path, self._last[path])
                self._note(path, start)
        self._at += 2 if several else 1
        return path

    def _pair(self, here: Path) -> None:
        start = self._at
        path = here
        for key in self._keys():
            path = (*path, key)
            self._note(path, start)
        self._at += 1
        self._next(_BLANK)
        self._value(path)

    def _keys(self) -> list[str]:
        """Read a dotted key; what ends it (a bracket, an equals sign) is next."""
        found = []
        while True:
            quoted = self._next(_BLANK) in {'"', "'"}
            start = self._at
            after = self._next(_STRING if quoted else _BARE)
            raw = self._text[start : self._at]
            found.append(str(tomllib.loads(f"key = {raw}")["key"]) if quoted else raw)
            if after not in {".", " ", "\t"} or self._next(_BLANK) != ".":
                return found
            self._at += 1

    def _value(self, path: Path) -> None:
        first = self._text[self._at]
        if first in {'"', "'"}:
            self._next(_STRING)
        elif first == "[":
            self._inside("]", path)
        elif first == "{":
            self._inside("}", path)
        else:
            self._next(_SCALAR)

    def _inside(self, end: str, path: Path) -> None:
        """Go through a list or an inline table."""
        self._at += 1
        index = 0
        while (char := self._next(_BLANK)) != end:
            if char == ",":
                self._at += 1
            elif end == "}":
                self._pair(path)
            else:
                self._note((*path, index), self._at)
                self._value((*path, index))
                index += 1
        self._at += 1
