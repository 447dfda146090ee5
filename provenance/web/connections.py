"""Connections before there is a request: how long its head may take, and how large it may be.

uvicorn waits for ever for the rest of a head, of whatever size; so does it for a body that nobody reads any more.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

_REFUSALS: Final = {400: "Bad Request", 431: "Request Header Fields Too Large"}


class Guarded(HttpToolsProtocol):
    """Closes connections on which no request comes about, and those that send on after they were answered."""

    patience: ClassVar[float] = 20.0
    """Seconds for a head, or for the rest of a body that is of no use."""
    largest_head: ClassVar[int] = 1 << 16
    """Bytes."""
    most: ClassVar[int] = 2048
    """Connections; for more, those give way on which nothing is asked."""

    _reading_head = True
    _size = 0
    """Bytes of a head that is not whole yet."""
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > self.most:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._wait_no_longer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what was sent."""
        if self._reading_head:
            self._size += len(data)
        super().data_received(data)
        if not self._reading_head or not self._size or self.transport.is_closing():
            return
        if self._size > self.largest_head:
            self._wait_no_longer()
            self._refuse(431, f"the head of the request is larger than {self.largest_head:,} bytes")
        elif self._timer is None:
            self._wait()

    def on_headers_complete(self) -> None:
        """Have the request answered."""
        self._reading_head, self._size = False, 0
        self._wait_no_longer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Be ready for the next one."""
        self._reading_head = True
        self._wait_no_longer()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for what is left of the request, which nobody reads."""
        super().on_response_complete()
        if not self._reading_head and self._timer is None and not self.transport.is_closing():
            self._wait()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 -- what uvicorn would say
        """Refuse what is no request."""
        self._refuse(400, "that is no HTTP request")

    def _refuse(self, status: int, title: str) -> None:
        """Answer with a problem, where no application was reached."""
        body = json.dumps({"type": "about:blank", "title": title, "status": status}).encode()
        head = (
            f"HTTP/1.1 {status} {_REFUSALS[status]}",
            "Content-Type: application/problem+json",
            f"Content-Length: {len(body)}",
            "X-Content-Type-Options: nosniff",
            "Connection: close",
        )
        self.transport.write("\r\n".join((*head, "", "")).encode() + body)
        self.transport.close()

    def _wait(self) -> None:
        self._timer = self.loop.call_later(self.patience, self._give_up)

    def _wait_no_longer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _make_room(self) -> None:
        """Close a connection that waits; where all are at work, uvicorn answers 503 (`limit_concurrency`)."""
        others = (item for item in self.connections if isinstance(item, Guarded) and item is not self)
        waiting = next((item for item in others if item.waits()), None)
        if waiting is not None:
            # It leaves the set of connections only when it was really closed, and must not be found again.
            self.connections.discard(waiting)
            waiting.transport.abort()

    def waits(self) -> bool:
        """Say whether nothing is asked on it just now."""
        return self.cycle is None or self.cycle.response_complete

    def _give_up(self) -> None:
        self._timer = None
        if self.waits():
            self.transport.close()
        else:
            # The head is one that was sent ahead of an answer.
            self._wait()
