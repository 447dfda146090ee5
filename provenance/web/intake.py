"""Bodies under rules: how many bytes, and how long one waits for the next of them (pure ASGI: bodies stream)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from python_multipart.multipart import parse_options_header
from starlette.requests import Request

from provenance.web.problems import Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SPARE: Final = 1 << 20
"""Bytes of a body beyond the largest file: what a form puts around it."""
IDLE: Final = 20.0
"""Seconds without a byte after which an upload is given up."""
LARGEST_WRITTEN: Final = 4 << 20
"""Bytes of a body that is read as a whole, since it is no file."""
SLOWEST: Final = 20_000
"""Bytes a second that an upload must reach in the mean, after the first `IDLE` seconds."""

_FORMS: Final = frozenset({b"multipart/form-data", b"application/x-www-form-urlencoded"})
_WRITTEN: Final = frozenset({b"application/json", b"application/x-www-form-urlencoded"})
_READABLE: Final = frozenset({b"utf-8", b"utf8", b"us-ascii"})


class Intake:
    """Refuses bodies that are too large, and those that come too slowly."""

    def __init__(self, app: ASGIApp, *, largest: int, idle: float = IDLE) -> None:
        self._app = app
        self._largest = largest + SPARE
        self._idle = idle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Watch one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        kind, options = parse_options_header(_field(scope, b"content-type"))
        if kind in _FORMS and options.get(b"charset", b"utf-8").lower() not in _READABLE:
            # Names in it would be read by whatever Python knows by that name.
            await _unreadable().answer(Request(scope))(scope, receive, send)
            return
        largest = min(self._largest, LARGEST_WRITTEN) if kind in _WRITTEN else self._largest
        stated = int(_field(scope, b"content-length") or 0)  # a server refuses what is no number
        await self._app(scope, _Watched(receive, largest, self._idle, stated), send)


class _Watched:
    """What a request is received through."""

    def __init__(self, receive: Receive, largest: int, idle: float, stated: int) -> None:
        self._receive = receive
        self._largest = largest
        self._idle = idle
        self._stated = stated
        self._size = 0
        self._begun: float | None = None
        self._whole = False

    async def __call__(self) -> Message:
        if self._whole:  # what comes now only says that the client has gone
            return await self._receive()
        if self._stated > self._largest:
            raise _too_large(self._largest)
        loop = asyncio.get_running_loop()
        begun = self._begun = self._begun or loop.time()
        try:
            async with asyncio.timeout(self._idle):
                message = await self._receive()
        except TimeoutError as error:
            raise _too_slow() from error
        self._size += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._size > self._largest:
            raise _too_large(self._largest)
        if not self._whole and loop.time() - begun > self._idle + self._size / SLOWEST:
            raise _too_slow()
        return message


def _field(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")


def _unreadable() -> Problem:
    return Problem(status=415, title="forms are read as UTF-8 only", headers={"Connection": "close"})


def _too_large(largest: int) -> Problem:
    return Problem(
        status=413,
        title=f"more than {largest / 1e6:,.0f} MB were sent",
        hint="an administrator sets the limit: service.largest",
        headers={"Connection": "close"},
    )


def _too_slow() -> Problem:
    return Problem(status=408, title="the body comes too slowly", headers={"Connection": "close"})
