"""Two real servers on this machine, one plain and one with TLS, that say what they were asked."""

from __future__ import annotations

import json
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from urllib.parse import unquote, urlsplit

import pytest

from tests.support.https_server import HOST, Server, self_signed

OTHER = "other.example"


class Asked(BaseHTTPRequestHandler):
    """Answers by the path: /echo, /status/418, /to/307?ADDRESS, /silent, /drip, /endless, /unmeasured."""

    def do_GET(self):
        self._deal()

    def do_POST(self):
        self._deal()

    def log_message(self, *_):
        pass

    def _deal(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, {key.lower(): value for key, value in self.headers.items()}))
        path = urlsplit(self.path)
        name, _, detail = path.path.strip("/").partition("/")
        with suppress(OSError):
            getattr(self, f"_{name}")(body=body, detail=detail, query=unquote(path.query))

    def _reply(self, body, status=200, **headers):
        self.send_response(status)
        for key, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _echo(self, *, body, **_):
        said = {"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body.decode()}
        self._reply(json.dumps(said).encode())

    def _status(self, *, detail, **_):
        self._reply(b"a reason", int(detail), X_Reason="Because", Retry_After="7")

    def _to(self, *, detail, query, **_):
        self._reply(b"", int(detail), Location=query)

    def _silent(self, **_):
        time.sleep(5)

    def _drip(self, **_):
        self._slowly(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")

    def _unmeasured(self, **_):
        self._slowly(b"HTTP/1.0 200 OK\r\n\r\n")

    def _slowly(self, head):
        self.wfile.write(head)
        for _ in range(100):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.1)

    def _endless(self, **_):
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(b"x" * 65536)


@contextmanager
def running(context=None):
    with Server(("127.0.0.1", 0), Asked) as server:
        server.seen = []
        scheme = "http"
        if context is not None:
            scheme = "https"
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.base = f"{scheme}://{HOST}:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def credentials(tmp_path_factory):
    """A server's context and the context that trusts it."""
    path = tmp_path_factory.mktemp("server") / "both.pem"
    certificate, key = self_signed(HOST)
    path.write_bytes(key + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context, ssl.create_default_context(cadata=certificate.decode())


@pytest.fixture(scope="module")
def _servers(credentials):
    with running() as plain, running(credentials[0]) as secure:
        yield plain, secure


@pytest.fixture
def plain(_servers):
    """A server without TLS; `base` is its address and `seen` what it was asked."""
    _servers[0].seen.clear()
    return _servers[0]


@pytest.fixture
def secure(_servers):
    """A server with TLS."""
    _servers[1].seen.clear()
    return _servers[1]
