"""A time-stamp authority on this machine, for the engine alone: it hands on what the real ones answer to us.

The engine fetches time-stamps itself, from one address, without retry or check. So it is given the address of this
relay, which lives for one signature, on loopback, under a path that nobody can guess.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from secrets import compare_digest, token_urlsafe
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.request import getproxies_environment, proxy_bypass

from provenance.errors import ProvenanceError, TimestampError

if TYPE_CHECKING:
    from provenance.model.ports import TimeAuthority

_LOOPBACK = "127.0.0.1"
_LARGEST_REQUEST = 4096
_POLL = 0.01
"""Seconds; closing waits that long."""


class Relay:
    """Answer the engine's requests for time-stamps through an authority; use it with `with`."""

    def __init__(self, authority: TimeAuthority) -> None:
        if getproxies_environment() and not proxy_bypass(_LOOPBACK):
            raise TimestampError(
                "a proxy is set for this machine itself, and the engine would ask it for the time-stamp",
                hint=f"add {_LOOPBACK} to the environment variable NO_PROXY",
            )
        self._authority = authority
        self._path = f"/{token_urlsafe(16)}"
        self.cause: Exception | None = None
        """Why the last request was not answered."""

    def __enter__(self) -> Self:
        relay = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                relay._serve(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = TCPServer((_LOOPBACK, 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_POLL,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def host(self) -> str:
        """Host and port, as the engine's list of allowed hosts takes them."""
        return f"{_LOOPBACK}:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """The address to ask."""
        return f"http://{self.host}{self._path}"

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        length = request.headers.get("Content-Length", "")
        known = compare_digest(request.path, self._path) and length.isdecimal() and int(length) <= _LARGEST_REQUEST
        if not known:
            request.send_error(404)
            return
        try:
            answer = self._authority.answer(request.rfile.read(int(length))).response
        except ProvenanceError as error:
            self.cause = error
        except Exception as error:  # noqa: BLE001 -- whatever it is, it must not get lost
            self.cause = TimestampError(f"the time-stamp authority failed: {type(error).__name__}")
            self.cause.__cause__ = error
        else:
            self._reply(request, answer)
            return
        with suppress(OSError):
            request.send_error(503)

    def _reply(self, request: BaseHTTPRequestHandler, answer: bytes) -> None:
        try:
            request.send_response(200)
            request.send_header("Content-Type", "application/timestamp-reply")
            request.send_header("Content-Length", str(len(answer)))
            request.end_headers()
            request.wfile.write(answer)
        except OSError as error:
            self.cause = TimestampError("the answer came when the engine no longer waited for it")
            self.cause.__cause__ = error
