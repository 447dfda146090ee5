"""What no client library would send: bytes at a socket, and what comes back before it is closed."""

from __future__ import annotations

import re
import socket
import time
from urllib.parse import urlsplit


def connected(url: str) -> socket.socket:
    """Return a connection to a server."""
    where = urlsplit(url)
    return socket.create_connection((where.hostname, where.port), timeout=10)


def request(first: str, *fields: str, body: bytes = b"", host: str = "service.example") -> bytes:
    """Write a request, after which the connection is to be closed."""
    head = "\r\n".join((f"{first} HTTP/1.1", f"Host: {host}", "Connection: close", *fields, "", ""))
    return head.encode("latin-1") + body


def statuses(url: str, *pieces: bytes, leave: bool = False) -> list[int]:
    """Send pieces; return the status of every answer. With `leave`, nothing more is sent after that."""
    answer = bytearray()
    with connected(url) as opened:
        try:
            for piece in pieces:
                opened.sendall(piece)
            if leave:
                opened.shutdown(socket.SHUT_WR)
            while got := opened.recv(1 << 16):
                answer += got
        except ConnectionError:  # closed before all was sent or read
            pass
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


def drip(opened: socket.socket, data: bytes, *, every: float, seconds: float) -> float:
    """Send data byte by byte, again and again, until the other side closes; return how many seconds that took."""
    begun = time.monotonic()
    opened.settimeout(every)
    while (taken := time.monotonic() - begun) < seconds:
        try:
            opened.sendall(data[:1])
            data = data[1:] + data[:1]
            if opened.recv(1 << 16) == b"":
                return taken
        except TimeoutError:
            continue
        except ConnectionError:
            return taken
    raise AssertionError(f"still open after {seconds} s")
