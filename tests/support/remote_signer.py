"""A real remote signer on this machine that answers well or badly, as the path says."""

from __future__ import annotations

import json
import ssl
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from provenance.keys.algorithms import sign
from provenance.model.ports import Algorithm
from tests.support.certificates import key as make_key
from tests.support.https_server import self_signed

TOKEN = "t0ken-of-the-desk.4711"
BINARY = "application/octet-stream"
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Asked:
    """One question as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Signer:
    """Where the server is and what it was asked."""

    port: int
    scheme: str = "http"
    asked: list[Asked] = field(default_factory=list)

    def url(self, path, host="127.0.0.1"):
        return f"{self.scheme}://{host}:{self.port}/{path}"


class Server(ThreadingHTTPServer):
    daemon_threads = True
    asked: list[Asked]

    def handle_error(self, request, client_address):
        """Clients that hang up are what is tested here."""


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append(Asked(path=self.path, headers=headers, body=body))
        self.close_connection = True
        name, _, argument = self.path.strip("/").partition("/")
        getattr(self, f"_{name.replace('-', '_')}")(body, argument)

    def log_message(self, *_):
        pass

    def _reply(self, body, *, status=200, kind=BINARY, **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _problem(self, status, title, detail="", **headers):
        text = json.dumps({"type": "about:blank", "title": title, "detail": detail}).encode()
        self._reply(text, status=status, kind=f"{PROBLEM}; charset=utf-8", **headers)

    def _signature(self, body, role="leaf"):
        algorithm = Algorithm(self.headers["Signature-Algorithm"])
        return sign(make_key(algorithm.value, role), body, algorithm)

    def _good(self, body, _):
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._problem(401, "no such token")
        else:
            self._reply(self._signature(body))

    def _open(self, body, _):
        self._reply(self._signature(body))

    def _raw(self, body, _):
        numbers = decode_dss_signature(self._signature(body))
        self._reply(b"".join(number.to_bytes(32, "big") for number in numbers))

    def _another(self, body, _):
        self._reply(self._signature(body, "another"))

    def _other_message(self, body, _):
        self._reply(self._signature(body + b"!"))

    def _busy(self, body, argument):
        """Refuse the first questions with a status: `busy/503/2` answers the third."""
        status, times, *wait = argument.split("/")
        if len(self.server.asked) <= int(times):
            self._problem(int(status), "busy", **({"Retry_After": wait[0]} if wait else {}))
        else:
            self._reply(self._signature(body))

    def _hang_up(self, body, argument):
        """Close the connection of the first questions without a word."""
        if len(self.server.asked) > int(argument):
            self._reply(self._signature(body))

    def _status(self, _, argument):
        self._reply(b"", status=int(argument))

    def _told(self, _, argument):
        self._problem(int(argument), "The \x1b[31mkey\u202e is on strike", "until\nMonday " + "x" * 500)

    def _echo(self, _body, argument):
        self._problem(int(argument), "refused", f"what came was {self.headers['Authorization']}")

    def _odd_problem(self, _, argument):
        bodies = {"list": b"[1]", "cut": b'{"title": "cu', "number": b'{"title": 7}', "deep": b"[" * 60_000}
        self._reply(bodies[argument], status=500, kind=PROBLEM)

    def _page(self, *_):
        self._reply(b"<html>Log in to the network</html>", kind="text/html")

    def _empty(self, *_):
        self._reply(b"")

    def _large(self, *_):
        self._reply(b"x" * 100_000)

    def _elsewhere(self, *_):
        self._reply(b"", status=307, Location="/open")

    def _silent(self, *_):
        time.sleep(5)


@contextmanager
def running(*, tls=False):
    """Run the signer, over TLS for `localhost` if wanted; yield it and the server's certificate (PEM)."""
    server = Server(("127.0.0.1", 0), Answers)
    server.asked = []
    certificate, key = self_signed("localhost") if tls else (b"", b"")
    if tls:
        server.socket = _context(certificate, key).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Signer(port=server.server_port, scheme="https" if tls else "http", asked=server.asked), certificate
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _context(certificate, key):
    import tempfile
    from pathlib import Path

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_bytes(certificate + key)
        context.load_cert_chain(path)
    return context
