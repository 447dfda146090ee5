"""A real time-stamp authority on this machine, which answers well or badly, as the path says.

    with Authority() as tsa:
        TimestampClient([tsa.url], anchors=[tsa.root_pem], client=tsa.client())

Paths are the names of `tsa_tokens.RECIPES`, those of `CARRIERS`, and `certomancer`, where another implementation
answers. `dead` is an address where nobody listens.
"""

from __future__ import annotations

import socket
import threading
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from asn1crypto import keys, tsp, x509
from certomancer.services import TimeStamper

from provenance.network import Client, Rules
from tests.support.tsa_certificates import FORMS, make_chain, pem
from tests.support.tsa_tokens import RECIPES, write

CARRIERS = (
    "busy", "limited", "patient", "overloaded", "missing", "page", "mislabelled", "garbage", "empty", "cut", "bare",
    "huge", "slow", "drip", "hang-up", "elsewhere",
)  # fmt: skip
"""Answers that are wrong outside the time-stamp. `busy` and `limited` answer well when asked again; `mislabelled` is a
good time-stamp under another content type."""
REPLY = "application/timestamp-reply"
LARGE = 2_000_000
SLOW = 30.0
"""Seconds; the end of the authority ends the wait."""


class Authority:
    """A time-stamp authority with its own root.

    `kind` is one of `certificates.KEY_KINDS`; `at` is the time that it stamps and around which its certificates are
    valid, now if it is None.
    """

    def __init__(self, *, kind: str = "es256", at: datetime | None = None) -> None:
        self.kind = kind
        self.at = at
        self.asked: list[str] = []
        """Paths, in the order in which they were asked for."""
        self.requests: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.retry_after = "3600"
        """What `patient` asks to wait: seconds or a date."""
        self.over = threading.Event()
        self._made = at or datetime.now(UTC)
        self._chains: dict[str, object] = {}
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        chain = make_chain(kind=kind, at=self._made)
        self.root_pem, self.intermediate_pem, self.leaf_pem = (
            pem(item) for item in (chain.root, chain.intermediate, chain.leaf)
        )

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.authority = self
        self._deaf = socket.socket()
        self._deaf.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.end()
        self._deaf.close()

    @property
    def url(self) -> str:
        """The address that answers well."""
        return self.to("good")

    @property
    def dead(self) -> str:
        """An address where nobody listens, and nobody else can begin to."""
        return f"http://127.0.0.1:{self._deaf.getsockname()[1]}/good"

    def to(self, path: str) -> str:
        """Return the address of a path."""
        assert path == "certomancer" or path in RECIPES or path in CARRIERS, path
        return f"http://127.0.0.1:{self._server.server_port}/{path}"

    def client(self, *, deadline: float = 10.0, limit: int = 1_000_000) -> Client:
        """Return a client that may reach it."""
        return Client(Rules(http=True, private=True, deadline=deadline, limit=limit))

    def time(self) -> datetime:
        """Return the time that it stamps now."""
        return self.at or datetime.now(UTC)

    def stamp(self, request: bytes, path: str = "good") -> bytes:
        """Return what it answers, without asking over the network."""
        if path == "certomancer":
            return self._by_certomancer(request)
        recipe = RECIPES[path]
        with self._lock:
            chain = self._chains.get(path) or make_chain(recipe.form, kind=self.kind, at=self._made)
            self._chains[path] = chain
        return write(request, recipe, chain, self.time())

    def _by_certomancer(self, request: bytes) -> bytes:
        chain = make_chain(FORMS["good"], kind=self.kind, at=self._made)
        stamper = TimeStamper(
            x509.Certificate.load(chain.leaf),
            keys.PrivateKeyInfo.load(chain.key_der),
            certs_to_embed=[x509.Certificate.load(chain.intermediate)],
            fixed_dt=self.time().replace(microsecond=0),
        )
        return stamper.request_tsa_response(tsp.TimeStampReq.load(request)).dump()

    def count(self, path: str) -> int:
        """Count that a path was asked for, and say how often it was."""
        with self._lock:
            self._counts[path] += 1
            return self._counts[path]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    authority: Authority

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self._working: list[threading.Thread] = []

    def process_request(self, request, client_address):
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        self._working.append(thread)
        thread.start()

    def end(self):
        """Close, and wait for those who still answer."""
        self.server_close()
        for thread in self._working:
            thread.join(10)
        assert not any(thread.is_alive() for thread in self._working)

    def handle_error(self, request, client_address):
        """Clients that hang up are what is tested here."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self):
        authority = self.server.authority
        path = self.path.partition("?")[0].strip("/")
        request = self.rfile.read(int(self.headers["Content-Length"]))
        authority.asked.append(path)
        authority.requests.append(request)
        authority.headers.append({name.lower(): value for name, value in self.headers.items()})
        if path in CARRIERS:
            with suppress(OSError):
                getattr(self, f"_{path.replace('-', '_')}")(request)
        else:
            self._reply(authority.stamp(request, path))

    def log_message(self, *_):
        pass

    def _reply(self, body=b"", *, status=200, kind=REPLY, **headers):
        self.send_response(status)
        for name, value in ({"Content-Type": kind, "Content-Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _good(self, request, **options):
        self._reply(self.server.authority.stamp(request), **options)

    def _busy(self, request):
        first = self.server.authority.count("busy") % 2
        self._reply(status=503) if first else self._good(request)

    def _limited(self, request):
        first = self.server.authority.count("limited") % 2
        self._reply(status=429, Retry_After="3") if first else self._good(request)

    def _patient(self, request):
        self._reply(status=429, Retry_After=self.server.authority.retry_after)

    def _overloaded(self, request):
        self._reply(status=503)

    def _missing(self, request):
        self._reply(b"no such page", status=404, kind="text/plain")

    def _page(self, request):
        self._reply(b"<!DOCTYPE html><title>Log in</title>", kind="text/html\x1b[31m; charset=utf-8")

    def _mislabelled(self, request):
        self._good(request, kind="application/octet-stream")

    def _garbage(self, request):
        self._reply(bytes(range(256)) * 8)

    def _empty(self, request):
        self._reply()

    def _cut(self, request):
        self._reply(self.server.authority.stamp(request)[:-20])

    def _bare(self, request):
        self._reply(tsp.TimeStampResp.load(self.server.authority.stamp(request))["time_stamp_token"].dump())

    def _huge(self, request):
        self._reply(self.server.authority.stamp(request).ljust(LARGE, b"\x00"))

    def _slow(self, request):
        self.server.authority.over.wait(SLOW)

    def _drip(self, request):
        body = self.server.authority.stamp(request)
        head = f"HTTP/1.0 200 OK\r\nContent-Type: {REPLY}\r\nContent-Length: {len(body)}\r\n\r\n"
        for byte in head.encode("ascii") + body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server.authority.over.wait(0.05):
                return

    def _hang_up(self, request):
        """Answer nothing."""

    def _elsewhere(self, request):
        self._reply(status=307, Location="/good")
