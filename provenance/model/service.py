"""Who may ask a service for what: keys, what they open, how often; and the reports that a service keeps."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003 -- the codec looks types up when it reads
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from provenance.model.record import new_id
from provenance.model.verdict import Decision  # noqa: TC001 -- the same

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX: Final = "pk"
"""What every key begins with, so that those who look for leaked secrets know one."""
_SECRET: Final = 32
"""Bytes of chance in a key."""
_TOKEN: Final = re.compile(rf"{PREFIX}_([0-9A-Z]{{26}})_([A-Za-z0-9_-]{{43}})")
_RATE: Final = re.compile(r"\s*([1-9]\d{0,8})\s*/\s*([a-z]+)\s*")
_UNITS: Final = {1: ("s", "sec", "second"), 60: ("min", "minute"), 3600: ("h", "hour"), 86_400: ("d", "day")}
_SECONDS: Final = {name: seconds for seconds, names in _UNITS.items() for name in names}
_LONGEST_NAME: Final = 100


class Scope(StrEnum):
    """What a key opens; none of them holds another."""

    VERIFY = "verify"
    """Verify, inspect, compare, and fetch the reports of that."""
    SIGN = "sign"
    ASSETS = "assets"
    """Look at what the catalogue has."""
    ADMIN = "admin"
    """See how the service does: queue, failures, measurements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How many requests in any time of some seconds."""

    count: int
    seconds: int

    def __post_init__(self) -> None:
        if self.count < 1 or self.seconds < 1:
            raise ValueError("a rate is at least one request, in at least one second")

    def __str__(self) -> str:
        unit = _UNITS[self.seconds][0] if self.seconds in _UNITS else f"{self.seconds} s"
        return f"{self.count}/{unit}"


def parse_rate(text: str) -> Rate | None:
    """Read a rate such as `60/min`, `5/s` or `1000/day`; `0` is none, which means no limit.

    Raises `ValueError`.
    """
    if text.strip() == "0":
        return None
    found = _RATE.fullmatch(text)
    if found is None or found[2] not in _SECONDS:
        raise ValueError(f"{text!r} is no rate such as 60/min (s, min, h, d; 0: no limit)")
    return Rate(count=int(found[1]), seconds=_SECONDS[found[2]])


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it is known after it was handed over: all but the secret."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    identities: tuple[str, ...] = ()
    """Which identities it may sign as; none: only as the service's own."""
    rate: Rate | None = None
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    """To the minute."""

    def __post_init__(self) -> None:
        if not 0 < len(self.name.strip()) <= _LONGEST_NAME or not self.name.isprintable():
            raise ValueError(f"the name of a key has 1 to {_LONGEST_NAME} characters that can be printed")
        if not self.scopes:
            raise ValueError("a key that opens nothing is of no use")
        if self.identities and Scope.SIGN not in self.scopes:
            raise ValueError("a key that does not open signing signs as nobody")

    def why_void(self, at: datetime) -> str | None:
        """Say why it opens nothing any more at a time, if so."""
        if self.revoked_at is not None:
            return "this key was revoked"
        if self.expires_at is not None and self.expires_at <= at:
            return "this key has expired"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key in the one moment in which its secret is known here."""

    key: ApiKey
    token: str = field(repr=False)
    """What its holder sends."""

    @property
    def digest(self) -> str:
        """What is kept of the token."""
        return digest_of_token(self.token)


def new_token(at: datetime) -> tuple[str, str]:
    """Make the id of a key, and the token that holds it: 256 bits of chance."""
    name = new_id(at)
    return name, f"{PREFIX}_{name}_{secrets.token_urlsafe(_SECRET)}"


def id_in_token(token: str) -> str | None:
    """Return the id of the key that a token is of; `None` where it is no token at all."""
    found = _TOKEN.fullmatch(token)
    return None if found is None else found[1]


def digest_of_token(token: str) -> str:
    """Return what is kept of a token: its SHA-256.

    A slow hash protects secrets that people choose, because these can be guessed. Nobody goes through 2^256 keys, and a
    slow hash would only make every request slow.
    """
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whoever asks."""

    id: str | None
    """Of the key; `None` without one."""
    name: str
    scopes: frozenset[Scope] = frozenset()
    identities: tuple[str, ...] = ()


ANONYMOUS: Final = Caller(id=None, name="anonymous")
"""Somebody without a key."""


class ReportKind(StrEnum):
    """What a kept report is about."""

    VERDICT = "verdict"
    SIGNING = "signing"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReport:
    """A report that can be fetched again by its id, which nobody guesses (80 bits of chance)."""

    id: str
    kind: ReportKind
    at: datetime
    caller: str | None
    """Id of the key."""
    name: str
    """What the file was called, to be shown."""
    decision: Decision | None
    digest: str | None
    """Of the file (SHA-256)."""
    expires_at: datetime
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The report by its forms; empty where only the facts about it were asked for."""
