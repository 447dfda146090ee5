"""A file that is named by its address: the server there decides what it answers, ours whom it asks, and how long."""

from __future__ import annotations

import asyncio
import ssl
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from provenance.errors import FetchError
from provenance.network import Client
from provenance.settings import ServiceSettings
from provenance.web import uploads
from tests.support.https_server import HOST, SEEN, STORE, Answers, Server, self_signed


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A real https server on this machine; its port and the context that trusts it."""
    folder = tmp_path_factory.mktemp("server")
    certificate, key = self_signed(HOST)
    (folder / "both.pem").write_bytes(key + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    with Server(("127.0.0.1", 0), Answers) as running:
        running.socket = context.wrap_socket(running.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield running.server_port, ssl.create_default_context(cadata=certificate.decode())
        running.shutdown()
        thread.join()


@pytest.fixture
def fetch(server, tmp_path, monkeypatch):
    """Fetch from that server as if it were public: only it is, and only under its name."""
    port, trusted = server

    def reaching(rules):
        def resolve(host, _port):
            return ["127.0.0.1" if host == HOST else host]

        return Client(replace(rules, unsafe_allow=("127.0.0.1/32",)), resolve=resolve, context=trusted)

    monkeypatch.setattr(uploads, "Client", reaching)
    service = SimpleNamespace(rules=ServiceSettings(), largest=100_000, spool=tmp_path)
    kept = []

    def fetched(path):
        return asyncio.run(uploads.fetched(service, f"https://{HOST}:{port}/{path}", kept))

    yield fetched
    assert set(tmp_path.iterdir()) == set(kept)


@pytest.mark.parametrize("path", ["good", "good/a%2Fb/photo.jpg?token=secret", "to-good"])
def test_what_is_there_is_kept_under_a_name_of_its_own(fetch, path):
    found = fetch(path)
    assert Path(found.path).read_bytes() == STORE
    assert "secret" not in found.name
    assert "/" not in found.name


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("to-private", "not public"),
        ("to-http", "only https"),
        ("to-file", "only https"),
        ("to-userinfo", "user name or a password"),
        ("to-itself", "redirects more than"),
        ("large", "larger than 100000 bytes"),
        ("large-chunked", "larger than 100000 bytes"),
        ("packed", "compressed"),
        ("missing", "answers 404"),
        ("part", "answers 206"),
    ],
)
def test_no_answer_leads_elsewhere_or_on_without_end(fetch, path, reason):
    with pytest.raises(FetchError, match=reason) as refused:
        fetch(path)
    assert "secret@" not in str(refused.value)


def test_nothing_that_identifies_anybody_goes_along(fetch):
    SEEN.clear()
    fetch("to-good")
    assert len(SEEN) == 2
    for _, fields in SEEN:
        assert {name.lower() for name in fields} <= {"host", "accept", "accept-encoding", "connection", "user-agent"}
