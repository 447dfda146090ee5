"""A real server on this machine that resolves soft bindings: by the routes of the standard, or as a test wants it."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, unquote, urlsplit

from provenance.network import Client, Rules
from tests.support.https_server import Server


@dataclass(frozen=True)
class Reply:
    body: bytes = b""
    status: int = 200
    media_type: str = "application/json"
    headers: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A question as it arrived; the path stands as it was sent."""

    method: str
    path: str
    query: dict
    media_type: str | None
    body: bytes


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self._answer()

    def do_POST(self):
        self._answer()

    def log_message(self, *_):
        pass

    def _answer(self):
        parts = urlsplit(self.path)
        asked = Asked(
            method=self.command,
            path=parts.path,
            query={name: values[0] for name, values in parse_qs(parts.query).items()},
            media_type=self.headers["Content-Type"],
            body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
        )
        self.server.asked.append(asked)
        reply = self.server.answer(asked)
        self.send_response(reply.status)
        for name, value in ({"Content-Type": reply.media_type, "Content-Length": str(len(reply.body))}).items():
            self.send_header(name, value)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(reply.body)


class ResolutionServer(Server):
    """Answers as its function says, and notes what it was asked."""

    def __init__(self, answer):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.asked = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"


def client(**rules):
    """Return the program's own client, for which this machine alone is no forbidden place."""
    return Client(Rules(**{"http": True, "unsafe_allow": ("127.0.0.1/32",)} | rules))


@contextmanager
def serving(answer):
    """Run a server that answers by a function."""
    with ResolutionServer(answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def answering(space):
    """Return the routes of the standard over the catalogue of a workspace."""
    from provenance.errors import MediaError
    from provenance.workspace import resolving
    from provenance.workspace.resolution_json import read_binding, read_query, write_algorithms, write_matches

    def matches(asked):
        most = int(asked.query.get("maxResults", resolving.USUAL))
        if asked.path.endswith("/byContent"):
            return resolving.by_content(space, asked.body, most=most)
        posted = asked.method == "POST"
        binding = read_query(asked.body) if posted else read_binding(asked.query["alg"], asked.query["value"])
        return resolving.by_binding(space, binding, most=most)

    def answer(asked):
        route = unquote(asked.path.removeprefix("/v1/"))
        try:
            if route.startswith("matches/"):
                return Reply(write_matches(matches(asked)))
            if route == "services/supportedAlgorithms":
                return Reply(write_algorithms(resolving.ALGORITHMS))
            alone = asked.query.get("returnActiveManifest") == "true"
            store = resolving.manifest(space, route.removeprefix("manifests/"), active_only=alone)
            return Reply(status=404) if store is None else Reply(store, media_type="application/c2pa")
        except MediaError:
            return Reply(status=415)
        except (ValueError, KeyError):
            return Reply(status=400)

    return answer
