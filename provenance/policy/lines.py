"""Where in a TOML text something stands: the standard library's reader does not say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tomllib import TOMLDecodeError

_HEADER = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*=")
_PLACE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")


class Lines:
    """Lines (from 1) of the keys and tables of a text."""

    def __init__(self, text: str) -> None:
        self._top: dict[str, int] = {}
        self._tables: dict[str, list[dict[str, int]]] = {}
        here = self._top
        for number, line in enumerate(text.splitlines(), start=1):
            header, key = _HEADER.match(line), _KEY.match(line)
            if header:
                here = {"": number}
                self._tables.setdefault(header[1], []).append(here)
            elif key:
                here.setdefault(key[1], number)

    def top(self, key: str) -> int:
        """Return the line of a key before the first table, or of the first table of that name."""
        tables = self._tables.get(key)
        return self._top.get(key) or (tables[0][""] if tables else 1)

    def at(self, table: str, index: int, key: str) -> int:
        """Return the line of a key in one of several tables, or that of the table's beginning."""
        found = self._tables.get(table, [])
        if index >= len(found):
            return self.top(table)
        return found[index].get(key, found[index][""])

    @staticmethod
    def of_error(error: TOMLDecodeError, text: str) -> tuple[int, str]:
        """Take the line out of what the standard library's reader says."""
        said = str(error)
        place = _PLACE.search(said)
        line = int(place[1]) if place and place[1] else len(text.splitlines())
        return line, _PLACE.sub("", said).strip()
