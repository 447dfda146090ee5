"""The end of a pipe that leads to a process of ours: nothing at its other end can make anybody wait for longer.

Messages are framed as `multiprocessing.connection.Connection` does, which the other end is.
"""

from __future__ import annotations

import socket
import struct
import time

_LARGEST = 256 << 20
"""Bytes of a message."""
_PIECE = 1 << 20
_HEAD = struct.Struct("!i")


class Channel:
    """One end; the other one is given away."""

    def __init__(self) -> None:
        self._ours, self.theirs = socket.socketpair()

    def close(self) -> None:
        """Close both ends."""
        self._ours.close()
        self.theirs.close()

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing to read, neither a message nor the end."""
        self._ours.settimeout(0)
        try:
            self._ours.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def send(self, message: bytes, *, until: float | None) -> None:
        """Send a message, until a time of `time.monotonic`. Raises `TimeoutError`, and `OSError` for its end."""
        self._allow(until)
        self._ours.sendall(_HEAD.pack(len(message)))
        self._allow(until)
        self._ours.sendall(message)

    def receive(self, *, until: float | None) -> bytes:
        """Receive a message, until a time of `time.monotonic`.

        Raises `TimeoutError`, `EOFError` at its end, and `OSError` for what is none.
        """
        size = _HEAD.unpack(self._read(_HEAD.size, until))[0]
        if not 0 <= size <= _LARGEST:
            raise OSError("a message without end")
        return self._read(size, until)

    def _read(self, size: int, until: float | None) -> bytes:
        found = bytearray()
        while len(found) < size:
            self._allow(until)
            piece = self._ours.recv(min(size - len(found), _PIECE))
            if not piece:
                raise EOFError
            found += piece
        return bytes(found)

    def _allow(self, until: float | None) -> None:
        left = None if until is None else until - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        self._ours.settimeout(left)
