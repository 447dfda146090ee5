"""What the service did for whom: one line of JSON for each request, without contents, queries and secrets.

Every request has an id: one that a trusted proxy gave it, or a new one. The answer names it, and so does a problem.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TextIO

from starlette.requests import Request

from provenance.model.record import new_id
from provenance.reports.escape import visible
from provenance.web.callers.forwarded import client_of, is_trusted, networks, scheme_of
from provenance.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from provenance.model.service import Caller
    from provenance.web.callers.rates import Standing
    from provenance.web.metrics import Metrics

LOGGER: Final = logging.getLogger("provenance.web")
_ID: Final = re.compile(rb"[A-Za-z0-9_-]{8,64}")
_FIELDS: Final = "fields"
"""Attribute of a record of the log with what it says beside its message."""
_QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""What is asked all the time, and told only where it goes wrong."""
_TALKATIVE: Final = ("httpx", "httpcore", "alembic", "urllib3")
"""Libraries that write down the addresses they ask, with whatever is in them."""
_TOLD: Final = {
    "provenance-decision": "decision",
    "provenance-report": "report",
    "provenance-record": "record",
}
"""Fields of answers that are noted."""


class Lines(logging.Formatter):
    """Writes a record as one line of JSON, in ASCII: nothing in it moves a cursor or ends the line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told: dict[str, Any] = {"time": at, "level": record.levelname.lower(), "message": record.getMessage()}
        told |= getattr(record, _FIELDS, {"logger": record.name})
        if record.exc_info is not None and record.exc_info[1] is not None:
            told["error"] = _error(record.exc_info[1])
        return json.dumps(told, default=str)


def configure(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Have everything that is logged in this process written to a stream (standard error), line by line."""
    handler = logging.StreamHandler(sys.stderr if stream is None else stream)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


@dataclass(slots=True, kw_only=True)
class _Seen:
    """What is known of a request in the end."""

    id: str
    received: int = 0
    sent: int = 0
    status: int | None = None
    """`None` where nobody waited for the answer."""


class Log:
    """Names each request, says who asked, and notes what became of it (pure ASGI: bodies stream).

    To be put around all but what adds fields to every answer: mistakes are answered here.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        metrics: Metrics,
        proxies: Iterable[str] = (),
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Take the networks of the proxies that are believed; `clock` gives seconds. Raises `SettingsError`."""
        self._app = app
        self._metrics = metrics
        self._proxies = networks(proxies)
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, seen = self._clock(), self._begin(scope)

        async def receiving() -> Message:
            message = await receive()
            seen.received += len(message.get("body", b""))
            return message

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.status = message["status"]
                scope["state"]["answer"] = {name.lower(): value for name, value in message["headers"]}
                message = {**message, "headers": [*message["headers"], *_headers(scope, seen)]}
            seen.sent += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receiving, sending)
        except Exception:
            LOGGER.exception("mistake", extra={_FIELDS: {"request": seen.id}})
            if seen.status is not None:
                raise
            await _mistaken(scope, receive, sending)
        finally:
            self._end(scope, seen, self._clock() - begun)

    def _begin(self, scope: Scope) -> _Seen:
        """Find out who asks, and how; and name the request."""
        peer = scope["client"][0] if scope.get("client") else ""
        stated = _fields(scope, b"x-forwarded-for"), _fields(scope, b"x-forwarded-proto")
        named = _fields(scope, b"x-request-id", raw=True)
        trusted = is_trusted(peer, self._proxies) and len(named) == 1 and _ID.fullmatch(named[0]) is not None
        name = named[0].decode("ascii") if trusted else new_id(datetime.now(UTC))
        if scope.get("client"):
            scope["client"] = (client_of(peer, stated[0], self._proxies), scope["client"][1])
        scope["scheme"] = scheme_of(peer, scope["scheme"], stated[1], self._proxies)
        scope["state"] = {**scope.get("state", {}), "request_id": name}
        return _Seen(id=name)

    def _end(self, scope: Scope, seen: _Seen, seconds: float) -> None:
        route = _route(scope)
        self._metrics.request(
            method=scope["method"], route=route, status=seen.status, seconds=seconds, received=seen.received
        )
        level = logging.DEBUG if route in _QUIET and seen.status == 200 else logging.INFO
        if LOGGER.isEnabledFor(level):
            LOGGER.log(level, "request", extra={_FIELDS: _line(scope, seen, route, seconds)})


def _fields(scope: Scope, name: bytes, *, raw: bool = False) -> list[Any]:
    return [value if raw else value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _headers(scope: Scope, seen: _Seen) -> list[tuple[bytes, bytes]]:
    """Return what every answer is given: the request's id, and how whoever asked stands."""
    standing: Standing | None = scope["state"].get("standing")
    told = {} if standing is None else standing.headers()
    told["X-Request-Id"] = seen.id
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in told.items()]


def _route(scope: Scope) -> str | None:
    """Return the route as it was declared: what stands in an address may be of any number."""
    path: str | None = getattr(scope.get("route"), "path", None)
    return path


def _line(scope: Scope, seen: _Seen, route: str | None, seconds: float) -> dict[str, Any]:
    caller: Caller | None = scope["state"].get("caller")
    answer = scope["state"].get("answer", {})
    told = {
        "request": seen.id,
        "method": scope["method"],
        "route": route,
        "status": seen.status,
        "ms": round(seconds * 1000, 1),
        "received": seen.received,
        "sent": seen.sent,
        "address": scope["client"][0] if scope.get("client") else None,
        "caller": None if caller is None else caller.id,
        "caller_name": None if caller is None else visible(caller.name),
    }
    noted = ((key, answer.get(name.encode())) for name, key in _TOLD.items())
    return told | {key: visible(value.decode("latin-1")) for key, value in noted if value is not None}


async def _mistaken(scope: Scope, receive: Receive, send: Send) -> None:
    problem = Problem(status=500, title="something went wrong here, and was noted")
    await problem.answer(Request(scope))(scope, receive, send)


def _error(error: BaseException) -> dict[str, Any]:
    """Say what went wrong and where in the program, in which nothing that was sent stands."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return {"type": type(error).__qualname__, "said": visible(error), "where": where}
