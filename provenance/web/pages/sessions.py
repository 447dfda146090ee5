"""Who is signed in at a page: known by a word of chance in a cookie; the key itself is not kept."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

COOKIE: Final = "session"
LASTS: Final = 8 * 3600
"""Seconds after which one signs in anew."""
_MOST: Final = 1000
"""At once; of more, the oldest end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    key: str
    until: float


class Sessions:
    """Those of one server; they end with it. For the event loop's thread alone."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin without any; `clock` gives seconds."""
        self._clock = clock
        self._open: OrderedDict[str, _Session] = OrderedDict()

    def begin(self, key: str) -> str:
        """Sign in the holder of the key with this id; return what the browser keeps."""
        word = secrets.token_urlsafe(32)
        self._open[_digest(word)] = _Session(key=key, until=self._clock() + LASTS)
        if len(self._open) > _MOST:
            self._open.popitem(last=False)
        return word

    def key(self, word: str | None) -> str | None:
        """Return the id of the key of whoever is signed in."""
        found = self._open.get(_digest(word)) if word else None
        return found.key if found is not None and self._clock() < found.until else None

    def end(self, word: str | None) -> None:
        """Sign out."""
        if word:
            self._open.pop(_digest(word), None)


def _digest(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()
