"""The service behind nginx, as it is deployed: who is believed about whom, and what goes through."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from provenance import Decision
from provenance.client import Client
from provenance.errors import ServiceError
from tests.support import media
from tests.support.https_server import self_signed
from tests.support.service import new_key, serving

pytest.importorskip("fastapi", reason="the service needs the extra `web`")
GIVEN = Path(__file__).parents[2] / "examples" / "deploy" / "nginx.conf"
ME, SPOOFED = "127.0.0.2", "203.0.113.9"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("behind")


@pytest.fixture(scope="module")
def server(place):
    (place / "home").mkdir()
    with serving(place / "home", '[service]\nworkers = 1\nrate = "0"\ntrusted_proxies = ["127.0.0.1/32"]\n') as running:
        yield running


@pytest.fixture(scope="module")
def proxy(server, place):
    """nginx with the deployed configuration: other names, ports and files, and no other change."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("nginx is not installed")
    certificate, key = self_signed("localhost")
    (place / "certificate.pem").write_bytes(certificate)
    (place / "key.pem").write_bytes(key)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    given = GIVEN.read_text(encoding="utf-8")
    changes = {
        "127.0.0.1:8780": server.url.removeprefix("http://"),
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "provenance.example.org": "localhost",
        "/etc/ssl/provenance.pem": str(place / "certificate.pem"),
        "/etc/ssl/private/provenance.key": str(place / "key.pem"),
    }
    for old, new in changes.items():
        assert old in given
        given = given.replace(old, new)
    kept = "".join(
        f"{name}_temp_path {place / name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (place / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\npid {place}/nginx.pid;\nevents {{}}\nerror_log {place}/error.log;\n"
        f"http {{\naccess_log off;\n{kept}{given}\n}}\n"
    )
    with subprocess.Popen([program, "-c", str(place / "nginx.conf"), "-e", str(place / "error.log")]) as process:
        try:
            _await(port, process)
            yield f"https://localhost:{port}"
        finally:
            process.terminate()


def _await(port, process):
    for _ in range(100):
        assert process.poll() is None, "nginx has refused its configuration"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("nginx does not listen")


@pytest.fixture(scope="module")
def trusting(place):
    return ssl.create_default_context(cafile=str(place / "certificate.pem"))


def ask(url, context, path="/v1/services/status", **headers):
    """Ask from an address that is not the proxy's own."""
    transport = httpx.HTTPTransport(verify=context or True, local_address=ME)
    with httpx.Client(transport=transport, timeout=30) as client:
        return client.get(f"{url}{path}", headers={name.replace("_", "-"): value for name, value in headers.items()})


def logged(server, answer):
    name = answer.headers["x-request-id"]
    for _ in range(100):
        found = [item for item in server.logged() if name in item.values()]
        if found:
            return found[-1]
        time.sleep(0.05)
    raise AssertionError("nothing was logged")


def test_who_asked_is_known_and_cannot_be_made_up(server, proxy, trusting):
    answer = ask(proxy, trusting, X_Forwarded_For=SPOOFED, Forwarded=f"for={SPOOFED}", X_Request_Id="0" * 32)
    assert answer.status_code == 200
    told = logged(server, answer)
    assert told["address"] == ME
    assert answer.headers["x-request-id"] != "0" * 32


def test_without_the_proxy_nobody_is_believed(server):
    answer = ask(server.url, None, X_Forwarded_For=SPOOFED)
    assert logged(server, answer)["address"] == ME


def test_files_go_through_both_ways(server, proxy, trusting, place):
    key = new_key(place / "home", "--scope", "verify")
    with Client(proxy, key, context=trusting) as client:
        assert client.verify(media.jpeg()).decision is Decision.REVIEW
        with pytest.raises(ServiceError) as caught:
            client.sign(media.jpeg())
        assert caught.value.status == 403


def test_numbers_are_for_the_inside(server, proxy, trusting):
    assert ask(proxy, trusting, "/metrics").status_code == 404
    assert ask(server.url, None, "/metrics").status_code != 404
