"""Connections that stay open between questions, each used by one question at a time."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Hashable, Mapping

    import httpx

    Trace = Callable[[str, Mapping[str, Any]], "socket.socket | None"]

_MOST = 16
"""Idle connections to one server that are kept."""


class Connection:
    """A client that talks to one server, one question after the other; so its socket is known."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.socket: socket.socket | None = None
        """Of the connection that is open; whoever watches the time may cut it."""
        self.used = False
        """Whether a question was answered on it."""

    def traced(self, trace: Trace) -> Callable[[str, Mapping[str, Any]], None]:
        """Return a trace (httpcore) that notes new sockets, also for the questions to come."""

        def note(event: str, info: Mapping[str, Any]) -> None:
            self.socket = trace(event, info) or self.socket

        return note

    def close(self) -> None:
        """Close it."""
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Idle:
    """Connections that nobody uses just now, by the server that they lead to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[Hashable, list[Connection]] = {}
        # Nobody closes a client: what it keeps goes with it.
        weakref.finalize(self, _close, self._kept)

    def take(self, place: Hashable) -> Connection | None:
        """Take one out, the last that was used first."""
        with self._lock:
            kept = self._kept.get(place)
            return kept.pop() if kept else None

    def put(self, place: Hashable, connection: Connection) -> None:
        """Keep one for the next question."""
        connection.used = True
        with self._lock:
            kept = self._kept.setdefault(place, [])
            if len(kept) < _MOST:
                kept.append(connection)
                return
        connection.close()


def _close(kept: Mapping[Hashable, list[Connection]]) -> None:
    for connections in kept.values():
        for connection in connections:
            connection.close()
