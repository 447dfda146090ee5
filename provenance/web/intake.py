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
        # Asked for once: Python makes sure each time that it is still the same process, by a call of the system.
        self._loop = asyncio.get_running_loop()
        self._watch = _Watch(idle, self._loop)

    async def __call__(self) -> Message:
        if self._whole:  # what comes now only says that the client has gone
            return await self._receive()
        if self._stated > self._largest:
            raise _too_large(self._largest)
        begun = self._begun = self._begun or self._loop.time()
        with self._watch:
            message = await self._receive()
        self._size += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._size > self._largest:
            raise _too_large(self._largest)
        if self._whole:
            self._watch.end()
        elif self._loop.time() - begun > self._idle + self._size / SLOWEST:
            raise _too_slow()
        return message


class _Watch:
    """Cancels a task that waits too long within a block, as `asyncio.timeout` does, with one timer for many blocks.

    A body comes in many pieces, and a timer for each of them would cost as much as all else that is done with it.
    """

    def __init__(self, seconds: float, loop: asyncio.AbstractEventLoop) -> None:
        self._seconds = seconds
        self._loop = loop
        self._task: asyncio.Task[object] | None = None
        self._until = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._late = False

    def __enter__(self) -> None:
        self._task = asyncio.current_task(self._loop)
        self._until = self._loop.time() + self._seconds
        if self._timer is None:
            self._timer = self._loop.call_at(self._until, self._look)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        task, self._task = self._task, None
        if kind is not None:
            self.end()
        if self._late and task is not None and kind is asyncio.CancelledError and not task.uncancel():
            raise _too_slow() from error

    def end(self) -> None:
        """Watch no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._task is None:
            return
        if self._loop.time() < self._until:
            self._timer = self._loop.call_at(self._until, self._look)
        else:
            self._late = True
            self._task.cancel()


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
