"""Remote manifests: fetched when allowed, from a real server over https, and checked against the file."""

from __future__ import annotations

import ssl
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from provenance import Carrier, Decision, SigningOptions
from provenance.manifests.fetch import HttpsSource
from provenance.model.facets import Content, Credential
from provenance.network import Client, Rules
from provenance.storage import open_source
from provenance.verification import Questions, inspect, verify
from tests.support import media
from tests.support.https_server import HOST, self_signed
from tests.unit.stores import STANDARD

NOW = datetime(2026, 11, 1, tzinfo=UTC)


class _Repository(BaseHTTPRequestHandler):
    """Serve what was put into `manifests` under its path."""

    manifests: dict[str, bytes]

    def do_GET(self):
        body = self.manifests.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


@pytest.fixture
def repository(tmp_path_factory):
    """Give a dictionary of manifests, their base address, and a source that may ask for them."""
    folder = tmp_path_factory.mktemp("repository")
    certificate, key = self_signed(HOST)
    (folder / "both.pem").write_bytes(key + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    handler = type("Repository", (_Repository,), {"manifests": {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        client = Client(
            Rules(unsafe_allow=("127.0.0.0/8",)),
            resolve=lambda host, port: ["127.0.0.1"],
            context=ssl.create_default_context(cadata=certificate.decode()),
        )
        source = HttpsSource(client)
        yield handler.manifests, f"https://{HOST}:{server.server_port}", source
        server.shutdown()
        thread.join()


@pytest.fixture
def remote_photo(workspace, photo, repository):
    """A photo whose manifest is in the repository and nowhere else."""
    manifests, base, _ = repository
    options = SigningOptions(carrier=Carrier.REMOTE, remote_url=f"{base}/1")
    signed = workspace.sign(photo, options=options)
    manifests["/1"] = signed.sidecar.read_bytes()
    signed.sidecar.unlink()
    return signed.path


def test_a_remote_manifest_is_fetched_when_allowed(workspace, remote_photo, repository):
    _, base, source = repository
    found = inspect(open_source(remote_photo), trust=workspace.trust, at=NOW, questions=Questions(remote=source))
    assert found.carrier is Carrier.REMOTE
    assert found.found_in == f"{base}/1"
    assert verify(found, STANDARD).decision is Decision.ACCEPTED


def test_it_is_not_asked_for_otherwise(workspace, remote_photo, repository):
    found = workspace.inspect(remote_photo)
    assert found.credential is Credential.NOT_FETCHED
    assert "allow it with --online" in found.facets.credential.reason


def test_a_manifest_of_another_file_does_not_pass(workspace, remote_photo, repository):
    manifests, _, source = repository
    manifests["/1"] = workspace.sign(media.jpeg(3), options=SigningOptions(carrier=Carrier.SIDECAR)).store.data
    found = inspect(open_source(remote_photo), trust=workspace.trust, at=NOW, questions=Questions(remote=source))
    verdict = verify(found, STANDARD)
    assert verdict.facets.content.state is Content.CHANGED
    assert verdict.decision is Decision.REJECTED


@pytest.mark.parametrize(
    ("body", "state", "words"),
    [
        (b"", Credential.NOT_FETCHED, "404"),
        (b"<html>no</html>", Credential.NOT_FETCHED, "not fetched"),
        ((40).to_bytes(4, "big") + b"jumb" + bytes(32), Credential.UNREADABLE, "cannot be read"),
    ],
    ids=["missing", "html", "garbage"],
)
def test_what_the_repository_answers_badly(workspace, remote_photo, repository, body, state, words):
    manifests, _, source = repository
    manifests["/1"] = body
    found = inspect(open_source(remote_photo), trust=workspace.trust, at=NOW, questions=Questions(remote=source))
    assert found.credential is state
    assert words in found.facets.credential.reason
    assert verify(found, STANDARD).decision is not Decision.ACCEPTED


def test_the_real_source_refuses_this_machine(workspace, remote_photo):
    verdict = workspace.verify(remote_photo, online=True)
    assert verdict.facets.credential.state is Credential.NOT_FETCHED
    assert verdict.decision is Decision.REVIEW
