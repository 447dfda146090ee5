"""Ask time-stamp authorities, one after the other, until one gives a time-stamp that can be relied on.

An answer counts only when it is the answer to the question: everything that was asked for is compared, its signature
is checked, and its time must be about now. Otherwise the next authority is asked, and if none is left, the error names
them all with their reasons.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ssl import SSLError
from typing import TYPE_CHECKING, Final

from provenance.errors import FetchError, TimestampError
from provenance.network import retry, shown
from provenance.network.retry import LONGEST_WAIT
from provenance.timestamps.messages import parse_request, token_in
from provenance.timestamps.signature import DIGESTS
from provenance.timestamps.token import check_token

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from provenance.network import Answer, Client
    from provenance.timestamps.messages import Request
    from provenance.timestamps.token import Token

TOLERANCE: Final = timedelta(minutes=10)
"""By how much the clock of an authority may differ from ours."""
PATIENCE: Final = 25.0
"""Seconds for all authorities together: the engine, which waits for the answer, gives up after 30."""
LARGEST_ANSWER: Final = 1_000_000
"""Bytes; the engine reads no more. Answers have about 6000."""

_HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A time-stamp that passed every check, and where it came from."""

    response: bytes = field(repr=False)
    """The answer as it came: TimeStampResp, DER."""
    url: str
    """The authority's address, printable, without what may be secret in it."""
    token: Token
    listed: bool
    """False when there was no list of authorities to look at: whether anybody trusts this one is not known."""


class _Refusal(Exception):
    """An answer that is no time-stamp: the reason, and in how many seconds to ask again if that is any use."""

    def __init__(self, reason: str, *, again: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again


class TimestampClient:
    """A list of authorities, tried in their order."""

    def __init__(
        self,
        urls: Sequence[str],
        *,
        anchors: Sequence[str],
        client: Client,
        attempts: int = 2,
        clock: Callable[[], datetime] = now,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take addresses, the certificates (PEM) of the trusted lists of authorities, and the way to the web.

        `attempts` is how often one authority is asked before the next.
        """
        self._urls = tuple(urls)
        self._anchors = tuple(anchors)
        self._client = client
        self._attempts = attempts
        self._clock = clock
        self._sleep = sleep

    def answer(self, request: bytes) -> Stamp:
        """Return the first time-stamp for a request (TimeStampReq, DER) that passes every check.

        Raises `TimestampError` with all authorities and their reasons when there is none, and `TrustError` for
        anchors that cannot be read.
        """
        try:
            asked = parse_request(request)
        except ValueError as error:
            raise TimestampError(f"the request for a time-stamp cannot be read: {error}") from error
        reasons = []
        end = time.monotonic() + PATIENCE
        for url in self._urls:
            if time.monotonic() > end:
                reasons.append(f"{_place(url)}: not asked any more, {PATIENCE:g} s were over")
                continue
            try:
                return self._stamp(url, request, asked)
            except FetchError as error:
                reason = error.message
            except _Refusal as error:
                reason = error.reason
            reasons.append(f"{_place(url)}: {reason}")
        named = "; ".join(reasons) or "none is named"
        raise TimestampError(
            f"no time-stamp authority gave a usable time-stamp: {named}",
            hint="name other authorities in the settings ([timestamps] urls), or sign without a trusted time",
        )

    def _stamp(self, url: str, request: bytes, asked: Request) -> Stamp:
        answer = retry(lambda: self._ask(url, request), again=_again, attempts=self._attempts, sleep=self._sleep)
        if len(answer.body) > LARGEST_ANSWER:
            raise _Refusal(f"it is larger than {LARGEST_ANSWER} bytes")
        try:
            token = check_token(answer.body, imprint_of=None, anchors=self._anchors or None)
        except TimestampError as error:
            kind = answer.headers.get("content-type", "nothing")
            called = "" if kind == _HEADERS["Accept"] else f" (the server calls it {shown(kind)})"
            raise _Refusal(f"{error.message}{called}") from error
        if token_in(answer.body).whole == answer.body:
            raise _Refusal("it sends a time-stamp without the response around it")
        self._compare(token, asked)
        return Stamp(response=answer.body, url=_place(url), token=token, listed=bool(self._anchors))

    def _ask(self, url: str, request: bytes) -> Answer:
        answer = self._client.request("POST", url, body=request, headers=_HEADERS)
        if answer.status == 429 or answer.status >= 500:
            raise _Refusal(f"it answers {answer.status}", again=self._wait(answer.headers.get("retry-after", "")))
        if answer.status != 200:
            raise _Refusal(f"it answers {answer.status}")
        return answer

    def _wait(self, asked: str) -> float | None:
        """Return the seconds of a Retry-After, a number or a date, or None when the next authority is nearer."""
        seconds = 0.0
        if asked.isdecimal():
            seconds = float(asked)
        elif asked:
            with suppress(ValueError):
                until = parsedate_to_datetime(asked)
                seconds = (until.replace(tzinfo=until.tzinfo or UTC) - self._clock()).total_seconds()
        return seconds if seconds <= LONGEST_WAIT else None

    def _compare(self, token: Token, asked: Request) -> None:
        """Make sure that this is the answer to the question, and that its time is now."""
        if (token.algorithm, token.imprint) != (DIGESTS.get(asked.algorithm, asked.algorithm), asked.imprint):
            raise _Refusal("it stamped something else (its imprint is not the one that was asked for)")
        if token.nonce != asked.nonce:
            raise _Refusal("it is the answer to another question (its nonce is not the one that was sent)")
        if asked.policy is not None and token.policy != asked.policy:
            raise _Refusal(f"it works under another policy, {token.policy}, than the one that was asked for")
        here = self._clock()
        if abs(token.time - here) > TOLERANCE:
            raise _Refusal(
                f"its clock says {token.time:%Y-%m-%d %H:%M:%S} UTC and the one of this machine "
                f"{here.astimezone(UTC):%Y-%m-%d %H:%M:%S}: one of them is wrong"
            )


def _again(error: Exception) -> float | None:
    """Say in how many seconds to ask again: where the server asks for it, or the connection failed.

    Not where the time ran out: the next authority may be faster.
    """
    if isinstance(error, _Refusal):
        return error.again
    cause = error.__cause__ if isinstance(error, FetchError) else None
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    return None if cause is None or isinstance(cause, TimeoutError | SSLError) else 0.0


def _place(url: str) -> str:
    """Return an address without its query, where accounts have their keys."""
    return shown(url.partition("?")[0].partition("#")[0])
