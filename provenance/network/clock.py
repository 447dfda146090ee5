"""One deadline for everything that belongs to one question.

Timeouts of a connection hold for single reads: a server that sends a header byte by byte never trips them. So the
connection is cut from outside when the time is over.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Resolve = Callable[[str, int], Sequence[str]]


class Refused(Exception):
    """A rule that an address or an answer breaks."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Clock:
    """The time that is left."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left; they may be negative."""
        return self._end - time.monotonic()

    def check(self) -> None:
        """Raise `Refused` when the time is over."""
        if self.left() <= 0:
            raise Refused(self.late())

    def late(self) -> str:
        """Say that the time is over."""
        return f"it took longer than {self._seconds:g} s"

    def limited(self, resolve: Resolve, host: str, port: int) -> Sequence[str]:
        """Wait for a resolver no longer than there is time: the system's own takes no timeout."""
        self.check()
        found: list[Sequence[str]] = []
        failed: list[Exception] = []

        def work() -> None:
            try:
                found.append(resolve(host, port))
            except (OSError, ValueError) as error:
                failed.append(error)

        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        worker.join(self.left())
        self.check()
        if failed or not found:
            raise Refused("its host has no address") from (failed[0] if failed else None)
        return found[0]

    def cutting(self, known: socket.socket | None = None) -> Cutter:
        """Return a guard that cuts a connection when the time is over; `known` is one that is open already."""
        self.check()
        return Cutter(self.left(), known)


class Cutter:
    """Shut the socket of a connection down when a time is over (httpcore's trace extension names the socket)."""

    def __init__(self, seconds: float, known: socket.socket | None = None) -> None:
        self._socket = known
        self._over = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def trace(self, event: str, info: Mapping[str, Any]) -> socket.socket | None:
        """Take the socket of a new connection; returns it."""
        if event not in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            return None
        self._socket = info["return_value"].get_extra_info("socket")
        if self._over:
            self._cut()
        return self._socket

    def _cut(self) -> None:
        self._over = True
        if self._socket is not None:
            with suppress(OSError):
                # Not the TLS socket's own method, which would pull the TLS state away under the reader.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
