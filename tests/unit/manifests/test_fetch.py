"""A server that is asked for a manifest decides what it answers; this program decides whom it asks, and how long."""

from __future__ import annotations

import ipaddress
import ssl
import threading
import time

import pytest

from provenance.errors import FetchError
from provenance.manifests.fetch import HttpsSource
from provenance.network import Client, Rules
from tests.support.https_server import HOST, SEEN, STORE, Answers, Server, self_signed

PRIVATE = {
    "loopback": "127.0.0.1",
    "this host": "0.0.0.0",
    "private": "10.1.2.3",
    "private 172": "172.16.0.1",
    "private 192": "192.168.1.1",
    "carrier": "100.64.0.1",
    "link-local": "169.254.1.1",
    "cloud metadata": "169.254.169.254",
    "cloud host": "168.63.129.16",
    "multicast": "224.0.0.251",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "loopback 6": "::1",
    "unspecified 6": "::",
    "link-local 6": "fe80::1",
    "link-local 6 with a zone": "fe80::1%eth0",
    "unique local 6": "fd00::1",
    "multicast 6": "ff02::1",
    "mapped": "::ffff:127.0.0.1",
    "mapped public": "::ffff:93.184.216.34",
    "nat64": "64:ff9b::7f00:1",
    "local nat64": "64:ff9b:1::7f00:1",
    "6to4": "2002:7f00:1::1",
    "teredo": "2001:0:7f00:1::1",
}


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
def source(server):
    """A source for which every name is this machine."""
    return _source(server)


def _source(server, **options):
    resolve = options.pop("resolve", lambda host, port: [_address(host)])
    rules = Rules(**{"unsafe_allow": ("127.0.0.1/32",)} | options)
    return HttpsSource(Client(rules, resolve=resolve, context=server[1]))


def _address(host):
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return "127.0.0.1"


def _url(server, path, host=HOST):
    return f"https://{host}:{server[0]}/{path}"


@pytest.mark.parametrize("path", ["good", "to-good", "good/%C3%A9?a=b#part"])
def test_fetches_a_manifest_store(server, source, path):
    assert source.fetch(_url(server, path)) == STORE


def test_says_what_it_wants_and_nothing_about_who_asks(server, source):
    SEEN.clear()

    source.fetch(_url(server, "to-good"))

    (_, first), (path, second) = SEEN
    assert path == "/good"
    assert first["Host"] == f"{HOST}:{server[0]}"
    assert first["Accept"] == "application/c2pa"
    assert {"Cookie", "Authorization", "Referer"}.isdisjoint(second)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("to-http", "only https addresses are fetched (redirected to http://"),
        ("to-file", "only https addresses are fetched (redirected to file:/"),
        ("to-private", "an address that is not public (redirected to https://10.0.0.1/good)"),
        ("to-userinfo", "a user name or a password (redirected to https://***@"),
        ("to-itself", "redirects more than 3 times"),
        ("to-nowhere", "the server answers 302"),
        ("missing", "the server answers 404"),
        ("part", "the server answers 206"),
        ("page", "is not a manifest store"),
        ("empty", "is not a manifest store"),
        ("cut", "is cut short"),
        ("packed", "compressed"),
    ],
)
def test_refuses_an_answer(server, source, path, reason):
    url = _url(server, path)

    with pytest.raises(FetchError) as caught:
        source.fetch(url)

    assert reason in caught.value.message
    assert caught.value.path == url
    assert caught.value.hint


@pytest.mark.parametrize("path", ["large", "large-chunked"])
def test_stops_at_the_size_limit(server, path):
    with pytest.raises(FetchError, match="larger than 1000 bytes"):
        _source(server, limit=1000).fetch(_url(server, path))


@pytest.mark.parametrize("path", ["silent", "drip-head", "drip-body"])
def test_stops_at_the_deadline(server, path):
    started = time.monotonic()

    with pytest.raises(FetchError, match=r"it took longer than 0\.6 s"):
        _source(server, deadline=0.6).fetch(_url(server, path))

    assert time.monotonic() - started < 2


def test_stops_at_the_deadline_while_resolving(server):
    def slow(host, port):
        time.sleep(1)
        return ["127.0.0.1"]

    with pytest.raises(FetchError, match=r"it took longer than 0\.2 s"):
        _source(server, deadline=0.2, resolve=slow).fetch(_url(server, "good"))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (f"http://{HOST}/good", "only https"),
        ("ftp://example.org/good", "only https"),
        ("file:///etc/passwd", "only https"),
        ("/good", "only https"),
        ("", "only https"),
        ("https:///good", "only https"),
        (f"https://me@{HOST}/good", "a user name or a password"),
        (f"https://me:secret@{HOST}/good", "a user name or a password"),
        (f"https://{HOST}:port/good", "not a valid URL"),
        (f"https://{HOST}/\x1b[31mred\u202e", "not a valid URL"),
    ],
)
def test_refuses_an_address_by_its_looks(url, reason):
    def never(host, port):
        raise AssertionError("nothing may be resolved")

    with pytest.raises(FetchError) as caught:
        HttpsSource(Client(resolve=never)).fetch(url)

    assert reason in caught.value.message
    assert str(caught.value).isprintable()
    assert "secret" not in str(caught.value)


def test_shows_a_long_address_cut():
    with pytest.raises(FetchError) as caught:
        HttpsSource(Client()).fetch("http://example.org/" + "x" * 5000)

    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("address", PRIVATE.values(), ids=PRIVATE)
def test_refuses_hosts_that_are_not_public(address):
    asked = HttpsSource(Client(resolve=lambda host, port: ["93.184.216.34", address]))

    with pytest.raises(FetchError, match="an address that is not public"):
        asked.fetch(f"https://{HOST}/good")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1", "localhost"]
)
def test_refuses_literal_hosts_that_are_not_public(host):
    with pytest.raises(FetchError, match="an address that is not public"):
        HttpsSource(Client()).fetch(f"https://{host}/good")


@pytest.mark.parametrize(
    "resolve",
    [lambda host, port: [], lambda host, port: (_ for _ in ()).throw(OSError("no such host"))],
    ids=["none", "error"],
)
def test_says_when_a_host_has_no_address(resolve):
    with pytest.raises(FetchError, match="its host has no address"):
        HttpsSource(Client(resolve=resolve)).fetch(f"https://{HOST}/good")


def test_asks_the_address_that_was_checked(server):
    asked = []

    def first_good(host, port):
        asked.append(host)
        return ["127.0.0.1" if len(asked) == 1 else "10.0.0.1"]

    assert _source(server, resolve=first_good).fetch(_url(server, "good")) == STORE
    assert asked == [HOST]


def test_tries_the_next_address_of_a_host(server):
    tried = _source(server, resolve=lambda host, port: ["127.0.0.2", "127.0.0.1"], unsafe_allow=("127.0.0.0/8",))

    assert tried.fetch(_url(server, "good")) == STORE


def test_refuses_a_certificate_for_another_name(server, source):
    with pytest.raises(FetchError, match=r"the connection failed: .*[Hh]ostname mismatch"):
        source.fetch(_url(server, "good", host="other.example"))


def test_refuses_a_certificate_of_nobody_known(server):
    stranger = ssl.create_default_context(cadata=self_signed(HOST)[0].decode())

    with pytest.raises(FetchError, match=r"the connection failed: .*certificate verify failed"):
        _source((server[0], stranger)).fetch(_url(server, "good"))


def test_says_when_nobody_listens(source):
    with pytest.raises(FetchError, match="the connection failed"):
        source.fetch(f"https://{HOST}:1/good")
