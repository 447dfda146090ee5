"""Connections that stay open between questions, where the rules keep them."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler

import pytest

from provenance.errors import FetchError
from provenance.network import Client, Rules
from tests.support.https_server import HOST, Server

OTHER = "other.example"


class Talks(BaseHTTPRequestHandler):
    """Answers on connections that it leaves open: with its number, or /bye (closes), /silent, /huge."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.ports.append(self.client_address[1])
        if self.path == "/silent":
            self.server.over.wait(10)
            return
        body = b"x" * (5000 if self.path == "/huge" else 3)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        # It hangs up without saying so before: the client learns of it at the next question.
        self.close_connection = self.path == "/bye"

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server(("127.0.0.1", 0), Talks) as found:
        found.ports = []
        found.over = threading.Event()
        found.base = f"http://{HOST}:{found.server_port}"
        thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield found
        found.over.set()
        found.shutdown()
        thread.join()


@pytest.fixture
def client():
    def make(**rules):
        given = {"http": True, "private": True, "keep": True} | rules
        return Client(Rules(**given), resolve=lambda host, port: ["127.0.0.1"])

    return make


def ask(client, url):
    return client.request("POST", url, body=b"question").status


def test_questions_share_a_connection(client, server):
    kept = client()
    assert [ask(kept, f"{server.base}/") for _ in range(4)] == [200] * 4
    assert len(set(server.ports)) == 1


def test_without_the_rule_each_has_its_own(client, server):
    alone = client(keep=False)
    assert [ask(alone, f"{server.base}/") for _ in range(3)] == [200] * 3
    assert len(set(server.ports)) == 3


def test_another_name_gets_another_connection(client, server):
    """The certificate was checked for one name: the same address under another name is another server."""
    kept = client()
    for host in (HOST, OTHER, HOST, OTHER):
        ask(kept, f"http://{host}:{server.server_port}/")
    first, second, *again = server.ports
    assert first != second
    assert again == [first, second]


def test_a_server_that_hung_up_is_asked_again(client, server):
    kept = client()
    assert [ask(kept, f"{server.base}/bye") for _ in range(3)] == [200] * 3


def test_a_deadline_cuts_a_kept_connection_too(client, server):
    kept = client(deadline=0.5)
    ask(kept, f"{server.base}/")
    begun = time.monotonic()
    with pytest.raises(FetchError, match=r"longer than 0\.5 s"):
        ask(kept, f"{server.base}/silent")
    assert time.monotonic() - begun < 5
    assert server.ports[0] == server.ports[1]


def test_one_that_was_refused_is_not_used_again(client, server):
    kept = client(limit=1000)
    ask(kept, f"{server.base}/")
    with pytest.raises(FetchError, match="larger than 1000 bytes"):
        ask(kept, f"{server.base}/huge")
    ask(kept, f"{server.base}/")
    assert server.ports[0] == server.ports[1] != server.ports[2]


def test_many_at_once_do_not_share_one(client, server):
    kept = client()
    workers = [threading.Thread(target=ask, args=(kept, f"{server.base}/")) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(server.ports) == 8
