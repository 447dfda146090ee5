"""Who is told of events, and how one message is sent (Standard Webhooks, https://www.standardwebhooks.com).

A receiver's address is checked as any other that this program goes to: https, public unless its network is allowed, no
redirects, a deadline, an answer that is not endless.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from provenance import __version__
from provenance.errors import FetchError, KeyUnavailable, SettingsError
from provenance.keys.reading import read
from provenance.model.jobs import Attempt, DeliveryState
from provenance.network import Rules
from provenance.network.client import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from provenance.model.jobs import Delivery
    from provenance.network import Client
    from provenance.network.client import Answer

_PREFIX: Final = "whsec_"
_SHORTEST, _LONGEST, _USUAL = 24, 64, 32
"""Bytes of a secret, as the specification wants them."""
_DEADLINE: Final = 10.0
_ANSWER: Final = 1 << 20
_GONE: Final = 410
_LONGEST_WAIT: Final = timedelta(days=1)
"""That a receiver may ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """When an attempt that failed is made again."""

    waits: tuple[float, ...] = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
    """Seconds after each attempt; after one more, it is given up (the schedule that the specification proposes)."""
    jitter: float = 0.2
    """Part of a wait by which it is longer or shorter, so that not all come back at the same moment."""

    def wait(self, attempts: int, chance: float) -> timedelta | None:
        """Return how long to wait after so many attempts, by a number from 0 to 1; `None`: it is given up."""
        if attempts > len(self.waits):
            return None
        return timedelta(seconds=self.waits[attempts - 1] * (1 + self.jitter * (2 * chance - 1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Somebody who is told of events."""

    url: str = field(repr=False)
    """It may hold a secret of its own."""
    secret_file: str = field(repr=False)
    """File with one secret a line (`whsec_…`)."""
    events: tuple[str, ...] = ()
    """Kinds of events; empty: all."""

    @property
    def id(self) -> str:
        """What it is known by in the catalogue: the SHA-256 of its address."""
        return hashlib.sha256(self.url.encode()).hexdigest()

    @property
    def place(self) -> str:
        """The host of its address."""
        return shown(urlsplit(self.url).hostname or "")

    def wants(self, kind: str) -> bool:
        """Whether it is told of such events."""
        return not self.events or kind in self.events

    def secrets(self) -> list[bytes]:
        """Read its secrets as they are now; whoever replaces one has both sign for a while.

        Raises `SettingsError`, which shows nothing of them.
        """
        try:
            text = read(Path(self.secret_file), "file of a webhook's secrets", private=True).decode("utf-8")
        except KeyUnavailable as error:
            raise SettingsError(error.message, path=error.path, hint=error.hint) from error
        except UnicodeDecodeError:
            text = ""
        found = [_secret(line.strip(), self.secret_file) for line in text.splitlines() if line.strip()]
        if not found:
            raise SettingsError("holds no secret", path=self.secret_file, hint=_HINT)
        return found


_HINT: Final = "write one secret a line: provenance webhook secret makes one"


def new_secret() -> str:
    """Make a secret, as it is written down on both sides."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_USUAL)).decode()


def require_usable(receivers: Sequence[Receiver]) -> None:
    """See that all can be told of something. Raises `SettingsError`."""
    for number, item in enumerate(receivers, 1):
        parts = urlsplit(item.url)
        if parts.scheme != "https" or not parts.hostname or parts.username is not None:
            hint = "an address begins with https://, and holds no user name or password"
            raise SettingsError(f"number {number} of service.webhooks has no address of a receiver", hint=hint)
        item.secrets()


def rules(networks: Sequence[str]) -> Rules:
    """Return what a receiver's address must keep to; in these networks (CIDR) it need not be public."""
    return Rules(deadline=_DEADLINE, limit=_ANSWER, redirects=0, keep=True, unsafe_allow=tuple(networks))


def signature(keys: Sequence[bytes], name: str, at: int, body: bytes) -> str:
    """Sign a message with every secret; `at` is in seconds of the epoch, `name` is the id of the message."""
    signed = f"{name}.{at}.".encode() + body
    made = (hmac.new(secret, signed, hashlib.sha256).digest() for secret in keys)
    return " ".join(f"v1,{base64.b64encode(item).decode()}" for item in made)


def send(
    receiver: Receiver, delivery: Delivery, *, client: Client, now: Callable[[], datetime], pace: Pace, chance: float
) -> Attempt:
    """Tell a receiver of an event, and say what became of it; `chance` is a number from 0 to 1."""
    body, at = delivery.body.encode(), int(now().timestamp())
    try:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"provenance/{__version__}",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(at),
            "webhook-signature": signature(receiver.secrets(), delivery.id, at, body),
        }
        answer = client.request("POST", receiver.url, body=body, headers=headers)
    except (FetchError, SettingsError) as error:
        return _failed(delivery, error.message, pace.wait(delivery.attempts, chance), now())
    if 200 <= answer.status < 300:
        return Attempt(id=delivery.id, state=DeliveryState.SENT)
    problem = f"the receiver answers {answer.status}"
    if answer.status == _GONE:
        return Attempt(id=delivery.id, state=DeliveryState.DEAD, problem=problem, gone=True)
    wait = pace.wait(delivery.attempts, chance)
    return _failed(delivery, problem, None if wait is None else max(wait, _asked(answer)), now())


def _failed(delivery: Delivery, problem: str, wait: timedelta | None, at: datetime) -> Attempt:
    if wait is None:
        return Attempt(id=delivery.id, state=DeliveryState.DEAD, problem=problem)
    return Attempt(id=delivery.id, state=DeliveryState.WAITING, due_at=at + wait, problem=problem)


def _asked(answer: Answer) -> timedelta:
    """Return how long a receiver that has too much to do asks to be left alone."""
    found = answer.headers.get("retry-after", "")
    if answer.status not in {429, 503} or not found.isdecimal():
        return timedelta()
    return min(timedelta(seconds=int(found[:9])), _LONGEST_WAIT)


def _secret(line: str, path: str) -> bytes:
    with suppress(ValueError):
        found = base64.b64decode(line.removeprefix(_PREFIX), validate=True)
        if line.startswith(_PREFIX) and _SHORTEST <= len(found) <= _LONGEST:
            return found
    raise SettingsError("a line of it is no secret of a webhook", path=path, hint=_HINT)
