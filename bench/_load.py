"""Ask a server from many connections at once, from a process that does little besides: files go from the kernel."""

from __future__ import annotations

import argparse
import json
import queue
import socket
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

TIMEOUT: Final = 120.0
_END: Final = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    begun: float
    """By `time.monotonic`, which all processes of a machine share."""
    seconds: float
    status: int
    """0: there was no answer."""


class Connection:
    """One connection that stays open, and is opened again when it broke."""

    def __init__(self, port: int, path: str) -> None:
        self._port = port
        self._path = path
        self._socket: socket.socket | None = None

    def ask(self, file: Path) -> Asked:
        """Send one file, and wait for the answer."""
        begun = time.monotonic()
        try:
            status = self._ask(file)
        except (OSError, ValueError):
            self.close()
            status = 0
        return Asked(begun, time.monotonic() - begun, status)

    def _ask(self, file: Path) -> int:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), TIMEOUT)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with file.open("rb") as body:
            head = (
                f"POST {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/jpeg\r\n"
                f"Content-Length: {file.stat().st_size}\r\n\r\n"
            )
            self._socket.sendall(head.encode())
            self._socket.sendfile(body)
        return self._answer(self._socket)

    def _answer(self, connection: socket.socket) -> int:
        got = b""
        while _END not in got:
            got += _piece(connection)
        head, _, body = got.partition(_END)
        status, *lines = head.decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        missing = int(fields["content-length"]) - len(body)
        while missing > 0:
            missing -= len(_piece(connection))
        if fields.get("connection") == "close":
            self.close()
        return int(status.split()[1])

    def close(self) -> None:
        """Close it."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _piece(connection: socket.socket) -> bytes:
    data = connection.recv(1 << 16)
    if not data:
        raise ConnectionResetError
    return data


def load(port: int, path: str, files: list[Path], clients: int) -> list[Asked]:
    """Send every file once, so many at a time."""
    waiting: queue.SimpleQueue[Path] = queue.SimpleQueue()
    for file in files:
        waiting.put(file)
    done: list[Asked] = []

    def work() -> None:
        connection = Connection(port, path)
        while True:
            try:
                file = waiting.get_nowait()
            except queue.Empty:
                connection.close()
                return
            done.append(connection.ask(file))

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("folder", type=Path, help="of the files that are sent")
    parser.add_argument("--times", type=int, default=1, help="how often each is sent")
    parser.add_argument("--clients", type=int, default=16)
    chosen = parser.parse_args()
    files = sorted(chosen.folder.glob("[0-9]*")) * chosen.times
    json.dump([asdict(item) for item in load(chosen.port, chosen.path, files, chosen.clients)], sys.stdout)


if __name__ == "__main__":
    main()
