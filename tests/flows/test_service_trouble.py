"""When things go wrong around a service: workers die or hang, disks fill, databases go away, callers push or dawdle."""

from __future__ import annotations

import asyncio
import resource
import secrets
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from provenance.catalogue import Catalogue
from tests.support import media
from tests.support.campaign import cases
from tests.support.catalogue import SERVER, in_schema, on_server, why_no_server
from tests.support.proxy import Proxy
from tests.support.service import new_home, new_key, serving
from tests.support.wire import connected, drip, request
from tests.support.workers import eventually, send, stopped, workers

pytest.importorskip("fastapi", reason="the service needs the extra `web`")

PICTURE = media.jpeg(exif=True)


@pytest.fixture(scope="module")
def place(_session_home, tmp_path_factory):
    return new_home(tmp_path_factory.mktemp("trouble"), _session_home)


@pytest.fixture(scope="module")
def server(place):
    with serving(place, '[service]\nworkers = 1\nqueue = 2\nrate = "0"\ndeadline = 4.0\n') as running:
        yield running


@pytest.fixture(scope="module")
def key(server, place):
    return new_key(place, "--scope", "verify,sign,assets,admin", "--rate", "100000/min")


@pytest.fixture
def client(server, key):
    with httpx.Client(base_url=server.url, timeout=60, headers={"Authorization": f"Bearer {key}"}) as opened:
        yield opened


def busy(client):
    """Return how many calls are worked on or wait, by pool."""
    lines = client.get("/metrics").text.splitlines()
    found = [
        line.rpartition(" ") for line in lines if line.startswith(("provenance_workers_busy", "provenance_queue_w"))
    ]
    return int(sum(float(value) for _, _, value in found))


def all_there(client):
    """Have both pools work: who was killed is replaced at the next call."""
    for route in ("verify", "sign"):
        assert client.post(f"/v1/{route}", content=PICTURE).status_code == 200


def ask(server, route="verify", **more):
    return httpx.post(f"{server.url}/v1/{route}", content=PICTURE, timeout=60, **more)


# ---- workers


@pytest.mark.parametrize("route", ["verify", "sign"])
def test_a_worker_that_is_killed_costs_one_request(server, client, key, route):
    all_there(client)
    with ThreadPoolExecutor(1) as asking, stopped(server.process.pid) as found:
        lost = asking.submit(ask, server, route, headers={"Authorization": f"Bearer {key}"})
        eventually(lambda: busy(client) == 1)
        send(signal.SIGKILL, found)
        answer = lost.result()
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/WorkerLost"
    assert answer.json()["hint"] == "nothing else was affected by it"
    assert client.post(f"/v1/{route}", content=PICTURE).status_code == 200


def test_a_file_over_which_a_worker_hangs_is_given_up(server, client):
    all_there(client)
    before = workers(server.process.pid)
    with stopped(server.process.pid):
        answer = ask(server)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/WorkerLost"
    assert ask(server).status_code == 200
    assert set(workers(server.process.pid)) != set(before)


def test_who_finds_the_queue_full_is_told_when_to_come_again(server, client):
    all_there(client)
    with ThreadPoolExecutor(3) as asking:
        with stopped(server.process.pid):
            waiting = [asking.submit(ask, server) for _ in range(3)]
            eventually(lambda: busy(client) == 3)
            refused = ask(server)
            ready = client.get("/readyz")
        answers = [item.result() for item in waiting]
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.headers["content-type"] == "application/problem+json"
    assert ready.status_code == 503
    assert [answer.status_code for answer in answers] == [200] * 3
    assert client.get("/readyz").status_code == 200


def test_nothing_is_left_of_what_went_wrong(place, client):
    assert [path for path in (place / "service" / "uploads").rglob("*") if path.is_file()] == []


# ---- room


@contextmanager
def no_room(server, size):
    """Let a server write no file beyond so many bytes, as on a disk that is full."""
    before = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    "sent",
    [
        {"content": bytes(3_000_000)},
        {"files": {"file": ("a.jpg", bytes(3_000_000))}},
        {"files": {"file": ("a.jpg", bytes(900_000))}},
    ],
    ids=["body", "form", "form in memory"],
)
def test_who_sends_what_there_is_no_room_for_is_told_so(server, client, place, sent):
    with no_room(server, 100_000):
        answer = client.post("/v1/verify", params={"keep": False}, **sent)
    assert answer.status_code == 507
    assert answer.json()["type"] == "/problems/OutputError"
    assert str(place) not in answer.text
    assert client.post("/v1/verify", content=PICTURE).status_code == 200
    test_nothing_is_left_of_what_went_wrong(place, client)


# ---- the catalogue


@pytest.fixture(scope="module")
def far_catalogue():
    """A PostgreSQL that can be cut off, and the address of it."""
    if why := why_no_server():
        pytest.skip(why)
    schema = f"provenance_{secrets.token_hex(6)}"
    on_server(f"CREATE SCHEMA {schema}")
    with Proxy("127.0.0.1", 5432) as proxy:
        address = in_schema(schema).replace(":5432", f":{proxy.port}")
        assert address != in_schema(schema), SERVER
        Catalogue.create(address).close()
        yield proxy, address
    on_server(f"DROP SCHEMA {schema} CASCADE")


def test_what_needs_no_catalogue_is_answered_without_one(far_catalogue, own_home):
    proxy, address = far_catalogue
    settings = f'[service]\nworkers = 1\nrate = "0"\n[catalogue]\nurl = "{address}"\n'
    with serving(own_home, settings) as server:
        secret = new_key(own_home, "--scope", "verify,sign,assets", settings=own_home / "service.toml")
        with httpx.Client(base_url=server.url, timeout=60, headers={"Authorization": f"Bearer {secret}"}) as client:
            signed = client.post("/v1/sign", content=PICTURE)
            assert signed.status_code == 200, signed.text
            for text in ("a\x00b", "\ufffe", "' or 1=1; --", "%", "\\"):
                assert client.get("/v1/assets", params={"text": text, "signer": text}).status_code in {200, 422}
            proxy.down()
            away(server, client, signed)
            proxy.up()
            eventually(lambda: client.get("/readyz").status_code == 200)
            assert client.post("/v1/verify", content=signed.content).status_code == 200


def away(server, client, signed):
    """See what is answered without a catalogue, and how the rest is refused."""
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    answer = httpx.post(f"{server.url}/v1/verify", content=signed.content, params={"keep": False}, timeout=60)
    assert answer.headers["provenance-decision"] == "accepted"
    time.sleep(6)  # keys are believed for some seconds
    asked = [
        ("POST", "/v1/verify", {}),
        ("POST", "/v1/sign", {"Authorization": client.headers["authorization"]}),
        ("GET", "/v1/assets", {"Authorization": client.headers["authorization"]}),
        ("GET", "/v1/reports/01M8P1RH059FW38Q0KJNTPN6AD", {}),
        ("GET", f"/v1/manifests/{signed.headers['provenance-manifest']}", {}),
    ]
    for method, path, headers in asked:
        content = PICTURE if method == "POST" else None
        answer = httpx.request(method, f"{server.url}{path}", content=content, headers=headers, timeout=60)
        assert answer.status_code == 503, (path, answer.text)
        assert int(answer.headers["retry-after"]) >= 1
        assert "127.0.0.1" not in answer.text


# ---- who calls


def test_who_tries_keys_is_stopped_and_nobody_else(server, key):
    with ExitStack() as stack:
        near, far = (
            stack.enter_context(
                httpx.Client(base_url=server.url, transport=httpx.HTTPTransport(local_address=address), timeout=60)
            )
            for address in ("127.0.0.1", "127.0.0.2")
        )
        right = {"Authorization": f"Bearer {key}"}
        assert near.get("/v1/assets", headers=right).status_code == 200
        tries = [
            near.get("/v1/assets", headers={"Authorization": f"Bearer pk_{number:026d}_{'x' * 43}"}).status_code
            for number in range(1000)
        ]
        assert tries[0] == 401
        assert tries[-1] == 429
        assert set(tries) == {401, 429}
        assert tries.count(401) < 100
        assert near.get("/v1/assets", headers=right).status_code == 200
        assert far.get("/v1/assets", headers=right).status_code == 200
        assert far.get("/v1/assets", headers={"Authorization": "Bearer pk_wrong"}).status_code == 401


@pytest.mark.parametrize(
    "value",
    [
        "Basic cGs6eA==",
        "Bearer",
        "bearer  x",
        "Bearer " + "x" * 10_000,
        "Bearer \xff\xfe",
        "pk_x",
        "Negotiate",
    ],
)
def test_what_is_no_key_opens_nothing(server, value):
    transport = httpx.HTTPTransport(local_address="127.0.0.3")
    with httpx.Client(base_url=server.url, transport=transport) as client:
        answer = client.get("/v1/assets", headers={"Authorization": value.encode("latin-1")})
    assert answer.status_code in {401, 429}


# ---- who dawdles


def test_five_hundred_who_dawdle_keep_nobody_waiting(server, client):
    with ExitStack() as stack:
        for number in range(500):
            opened = stack.enter_context(connected(server.url))
            if number % 3 == 1:
                opened.sendall(b"POST /v1/verify HTTP/1.1\r\nHost: a\r\nX-Slow: ")
            if number % 3 == 2:
                opened.sendall(request("POST /v1/verify", "Content-Length: 1000000", body=PICTURE[:100]))
        for _ in range(5):
            assert client.post("/v1/verify", content=PICTURE).status_code == 200


@contextmanager
def guarded(app, *, patience, most=2048):
    """Serve an application with our rules for connections, and less patience; gives its address."""
    from provenance.web.connections import Guarded

    class Hasty(Guarded):
        pass

    Hasty.patience = patience
    Hasty.most = most
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, http=Hasty, lifespan="off", log_config=None, access_log=False, timeout_keep_alive=60)
    running = uvicorn.Server(config)
    running.install_signal_handlers = lambda: None
    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(running.run, sockets=[listening])
        eventually(lambda: running.started)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            running.should_exit = True
            done.result(30)


async def slow_app(scope, receive, send):
    """Read the body where the address says so; answer after a while."""
    if scope["path"] == "/read":
        while (await receive()).get("more_body"):
            pass
    await asyncio.sleep(0.5)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


SLOW_HEAD = b"GET / HTTP/1.1\r\nX-Slow: " + b"x" * 1000
FOLLOWING = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
REFUSED = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"


@pytest.mark.parametrize(
    ("first", "dripped"),
    [
        (b"", b""),
        (b"", SLOW_HEAD),
        (FOLLOWING, SLOW_HEAD),
        (REFUSED, b"x"),
    ],
    ids=["nothing", "a head", "a second head", "a body that nobody reads"],
)
def test_a_connection_on_which_no_request_comes_about_is_closed(first, dripped):
    with guarded(slow_app, patience=0.4) as url, connected(url) as opened:
        if first:
            opened.sendall(first)
            assert opened.recv(1 << 16).startswith(b"HTTP/1.1 200")
        if not dripped:
            assert opened.recv(1) == b""
        else:
            assert drip(opened, dripped, every=0.05, seconds=20) < 15


def test_who_asks_nothing_gives_way_to_who_does():
    with guarded(slow_app, patience=60, most=20) as url, ExitStack() as stack:
        with connected(url) as asking:
            asking.sendall(FOLLOWING)
            idle = [stack.enter_context(connected(url)) for _ in range(100)]
            assert asking.recv(1 << 16).startswith(b"HTTP/1.1 200")
        assert httpx.get(url).status_code == 200
        for opened in idle:
            opened.settimeout(0.01)
        assert sum(is_open(opened) for opened in idle) <= 20


def is_open(opened):
    try:
        return opened.recv(1) != b""
    except TimeoutError:
        return True
    except ConnectionError:
        return False


def test_who_waits_for_an_answer_is_not_closed_upon():
    with guarded(slow_app, patience=0.1) as url, connected(url) as opened:
        opened.sendall(FOLLOWING + FOLLOWING[:10])
        assert opened.recv(1 << 16).startswith(b"HTTP/1.1 200")
    with guarded(slow_app, patience=0.2) as url, connected(url) as opened:
        opened.sendall(b"POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n")
        for _ in range(20):
            time.sleep(0.05)
            opened.sendall(b"x")
        assert opened.recv(1 << 16).startswith(b"HTTP/1.1 200")


def test_a_head_is_never_large():
    def send_without_end(opened):
        opened.sendall(b"GET / HTTP/1.1\r\nX-A: ")
        for _ in range(2000):
            opened.sendall(b"a" * 10_000)

    with guarded(slow_app, patience=20) as url:
        with connected(url) as opened, pytest.raises(ConnectionError):
            send_without_end(opened)
        assert httpx.get(url, headers={"X-A": "a" * 30_000}).status_code == 200


def test_who_takes_no_answer_is_not_waited_for_without_end():
    from provenance.settings import ServiceSettings
    from provenance.web.serving import listen

    with listen(ServiceSettings(port=0)) as listening, socket.create_connection(listening.getsockname()) as _one:
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000


@cases("fields", {"chunks": ["Transfer-Encoding: chunked"]}, more={"length": ["Content-Length: 1000000"]})
def test_a_body_that_comes_too_slowly_is_given_up(server, client, fields):
    with connected(server.url) as opened:
        opened.sendall(request("POST /v1/verify", "Content-Type: image/jpeg", *fields))
        assert drip(opened, b"1\r\nx\r\n", every=0.5, seconds=60) > 10
        assert client.get("/healthz").status_code == 200


def test_it_ends_at_once_however_many_dawdle(place):
    with serving(place, "[service]\nworkers = 1\n") as running, ExitStack() as stack:
        for _ in range(20):
            opened = stack.enter_context(connected(running.url))
            opened.sendall(SLOW_HEAD)
        assert running.stop() == 0
        assert Path(place / "service").is_dir()
