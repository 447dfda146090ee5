"""A real HTTP server on this machine that answers as it is told, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """One answer; `cut` breaks off after so many bytes of the body."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


def problem(status, name="about:blank", title="no", **more):
    """Make an answer that is a problem (RFC 9457)."""
    headers = {"Content-Type": "application/problem+json", **more.pop("headers", {})}
    told = {"type": name, "title": title, "status": status, **more}
    return Answer(status, json.dumps(told).encode(), headers)


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Canned:
    """What the server will answer, the last answer again and again; and what it was asked."""

    def __init__(self, url):
        self.url = url
        self.answers: list[Answer] = [Answer()]
        self.asked: list[Asked] = []

    def will(self, *answers):
        self.answers = list(answers)

    def next(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def serving():
    """Give a server for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            canned.asked.append(Asked(self.command, self.path, dict(self.headers), body))
            answer = canned.next()
            self.send_response(answer.status)
            for name, value in ({"Content-Length": str(len(answer.body))} | answer.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body[: answer.cut])
            self.close_connection = answer.cut is not None

        def do_POST(self):
            self.do_GET()

        def do_DELETE(self):
            self.do_GET()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    canned = Canned(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield canned
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
