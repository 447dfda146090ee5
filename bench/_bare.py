"""A server that takes bodies in and does nothing with them: what the way through HTTP costs whoever is at its end."""

from __future__ import annotations

import socket
import sys
from typing import Any

import uvicorn

from provenance.workspace.process import keep_buffers


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Take in one body, and say that it came."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def main() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    # As our own: else half of the time is spent on memory that goes back to the kernel and is asked for again.
    keep_buffers()
    uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="error")).run(sockets=[listening])


if __name__ == "__main__":
    main()
