"""Read TOML, within bounds: a policy may come from anybody."""

from __future__ import annotations

import re
import tomllib
from typing import Any

LONGEST = 1 << 16
"""Characters of a file."""
WIDEST = 2500
"""Characters of a line: the standard library's reader takes the square of a key's length, and no endless number."""

_PLACE = r"\(at line (\d+), column \d+\)|\(at end of document\)"


class NotToml(ValueError):
    """A text that cannot be read as TOML: the line (from 1) and what is wrong there."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


def read(text: str) -> dict[str, Any]:
    """Read a TOML text; a byte-order mark before it is no mistake.

    Raises `NotToml`, for one that is too long or too deep as well.
    """
    if len(text) > LONGEST:
        raise NotToml(1, f"it is longer than {LONGEST:,} characters")
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > WIDEST:
            raise NotToml(number, f"the line is longer than {WIDEST:,} characters")
    try:
        return tomllib.loads(plain(text))
    except tomllib.TOMLDecodeError as error:
        raise _located(error, text) from error
    except RecursionError as error:
        raise NotToml(1, "it is nested too deeply") from error


def plain(text: str) -> str:
    """Return a text without the byte-order mark that some editors put before it."""
    return text.removeprefix("\ufeff")


def _located(error: tomllib.TOMLDecodeError, text: str) -> NotToml:
    """Take the line out of what the standard library's reader says."""
    said = str(error)
    place = re.search(_PLACE, said)
    line = int(place[1]) if place and place[1] else len(text.splitlines())
    return NotToml(max(line, 1), re.sub(_PLACE, "", said).strip())
