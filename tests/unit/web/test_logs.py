"""One line for each request: what is in it, what never is, and what becomes of mistakes."""

from __future__ import annotations

import io
import json
import logging
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import PlainTextResponse, Response, StreamingResponse
from prometheus_client import generate_latest

from provenance.catalogue import Catalogue
from provenance.errors import SettingsError
from provenance.model.service import ApiKey, Caller, NewKey, Scope, new_token, parse_rate
from provenance.web import logs, problems
from provenance.web.callers.access import Access, caller
from provenance.web.logs import Lines, Log
from provenance.web.metrics import Metrics

AT = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
PROXY, CLIENT = "10.0.0.1", "203.0.113.9"
SECRET = "s3same"

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture
def keys(tmp_path):
    with Catalogue.create(f"sqlite:///{tmp_path / 'catalogue.db'}") as catalogue:
        yield catalogue.keys


@pytest.fixture
def lines():
    """All lines of the log up to now."""
    root, stream = logging.getLogger(), io.StringIO()
    level = root.level
    logs.configure(stream)
    (ours,) = root.handlers
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(ours)
    root.setLevel(level)


router = APIRouter(prefix="/v1")


@router.get("/files/{name}")
async def show(name: str, request: Request):
    told = {"address": request.client.host, "scheme": request.url.scheme, "id": request.state.request_id}
    headers = {"Provenance-Decision": "rejected", "Provenance-Report": "01R", "Provenance-Record": "x\x01y"}
    return Response(json.dumps(told), headers=headers)


@router.post("/files")
async def take(request: Request):
    size = 0
    async for piece in request.stream():
        size += len(piece)
    return StreamingResponse(iter([b"x" * size, b"y"]))


@router.get("/keyed")
async def keyed(_who: Annotated[Caller, Depends(caller(Scope.VERIFY))]):
    return "well"


@router.get("/mistake")
async def mistake():
    raise RuntimeError("something\x1b[2J is odd")


@router.get("/late")
async def late():
    def pieces():
        yield b"x"
        raise RuntimeError("too late")

    return StreamingResponse(pieces())


@router.get("/refused")
async def refused():
    raise problems.Problem(status=418, title="no")


@pytest.fixture
def metrics():
    return Metrics()


@pytest.fixture
def ask(keys, metrics):
    """Ask an application with the log around it."""
    app = FastAPI()
    access = Access(keys, parse_rate("100/min"), now=lambda: AT, clock=lambda: 0.0)
    app.state.service = SimpleNamespace(rules=SimpleNamespace(open_verification=True), access=access)
    problems.install(app)
    app.include_router(router)
    app.get("/healthz")(lambda: PlainTextResponse("ok"))
    app.add_middleware(Log, metrics=metrics, proxies=("10.0.0.0/8",))

    async def asking(path, *, peer=CLIENT, method="GET", raises=True, **more):
        transport = httpx.ASGITransport(app, client=(peer, 4711), raise_app_exceptions=raises)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.request(method, path, **more)

    return asking


async def test_a_request_is_one_line_that_says_who_did_what(ask, lines):
    answer = await ask(f"/v1/files/{SECRET}.jpg?token={SECRET}", headers={"Cookie": SECRET, "User-Agent": SECRET})
    (line,) = lines()
    assert datetime.fromisoformat(line.pop("time")).tzinfo is not None
    assert line.pop("ms") >= 0
    assert line == {
        "level": "info",
        "message": "request",
        "request": answer.headers["x-request-id"],
        "method": "GET",
        "route": "/v1/files/{name}",
        "status": 200,
        "received": 0,
        "sent": len(answer.content),
        "address": CLIENT,
        "caller": None,
        "caller_name": None,
        "decision": "rejected",
        "report": "01R",
        "record": "x⟨U+0001⟩y",
    }
    assert answer.json()["id"] == answer.headers["x-request-id"]


async def test_bodies_stream_and_are_only_counted(ask, lines):
    answer = await ask("/v1/files", method="POST", content=SECRET.encode() * 1000)
    (line,) = lines()
    assert (line["received"], line["sent"]) == (len(SECRET) * 1000, len(SECRET) * 1000 + 1)
    assert len(answer.content) == line["sent"]
    assert SECRET not in json.dumps(line)


async def test_the_caller_is_named_and_the_key_is_not(ask, lines, keys):
    name, token = new_token(AT)
    keys.add(NewKey(key=ApiKey(id=name, name="desk", scopes=(Scope.VERIFY,), created_at=AT), token=token))
    await ask("/v1/keyed", headers={"Authorization": f"Bearer {token}"})
    await ask("/v1/keyed", headers={"Authorization": f"Bearer {token[:-4]}AAAA"})
    good, bad = lines()
    assert (good["caller"], good["caller_name"]) == (name, "desk")
    assert (bad["caller"], bad["status"]) == (None, 401)
    assert token[-30:-4] not in json.dumps([good, bad])


async def test_how_often_one_may_ask_is_said_in_every_answer(ask):
    answer = await ask("/v1/keyed")
    assert answer.headers["ratelimit-policy"] == '"requests";q=100;w=60'
    assert answer.headers["ratelimit"].startswith('"requests";r=99;t=')
    for _ in range(100):
        answer = await ask("/v1/keyed")
    assert (answer.status_code, len(answer.headers.get_list("ratelimit"))) == (429, 1)
    assert int(answer.headers["retry-after"]) > 0


MISSED = {
    "nothing is there": ("/nowhere/1", "GET", None, 404),
    "refused": ("/v1/refused", "GET", "/v1/refused", 418),
    "in another way": ("/v1/files/nowhere", "PUT", "/v1/files/{name}", 405),
}


@pytest.mark.parametrize("case", MISSED.values(), ids=MISSED)
async def test_what_is_not_there_is_noted_without_its_path(case, ask, lines, metrics):
    path, method, route, status = case
    await ask(path, method=method)
    (line,) = lines()
    assert (line["status"], line["route"]) == (status, route)
    assert "nowhere" not in generate_latest(metrics._registry).decode()


async def test_probes_are_silent_as_long_as_all_is_well(ask, lines):
    assert (await ask("/healthz")).headers["x-request-id"]
    assert lines() == []


# ---- mistakes


async def test_a_mistake_is_answered_as_a_problem_and_noted_with_where_it_was_made(ask, lines):
    answer = await ask("/v1/mistake")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["instance"] == answer.headers["x-request-id"]
    assert "odd" not in answer.text
    noted, line = lines()
    assert (noted["level"], noted["request"]) == ("error", answer.headers["x-request-id"])
    assert (noted["error"]["type"], noted["error"]["said"]) == ("RuntimeError", "something⟨U+001B⟩[2J is odd")
    assert noted["error"]["where"][-1].endswith(" mistake")
    assert line["status"] == 500


async def test_a_mistake_in_the_middle_of_an_answer_ends_it(ask, lines):
    with pytest.raises(RuntimeError, match="too late"):
        await ask("/v1/late")
    noted, line = lines()
    assert noted["error"]["said"] == "too late"
    assert (line["status"], line["sent"]) == (200, 1)


def test_a_line_stays_one_line_of_ascii_whatever_is_said():
    record = logging.LogRecord("odd", logging.INFO, __file__, 1, "a\nb\u202e %s", ("é\x1b",), None)
    written = Lines().format(record)
    assert written.isascii()
    assert "\n" not in written
    assert json.loads(written)["message"] == "a\nb\u202e é\x1b"
    assert json.loads(written)["logger"] == "odd"


def test_libraries_do_not_write_addresses_down(lines):
    logging.getLogger("httpx").info("HTTP Request: GET https://example.com/?token=%s", SECRET)
    assert lines() == []


# ---- proxies

NAMED = {
    "by a proxy": (PROXY, ["abcDEF-_12345678"], True),
    "by a client": (CLIENT, ["abcDEF-_12345678"], False),
    "with what is no id": (PROXY, ["abc def\x1b[2J"], False),
    "too short": (PROXY, ["abc"], False),
    "too long": (PROXY, ["a" * 65], False),
    "twice": (PROXY, ["abcDEF-_12345678", "abcDEF-_87654321"], False),
}


@pytest.mark.parametrize(("peer", "names", "taken"), NAMED.values(), ids=NAMED)
async def test_an_id_is_taken_from_a_proxy_only_and_only_if_it_is_one(peer, names, taken, ask):
    answer = await ask("/v1/files/a", peer=peer, headers=[("X-Request-Id", name) for name in names])
    assert (answer.headers["x-request-id"] == names[0]) is taken
    assert len(answer.headers.get_list("x-request-id")) == 1


@pytest.mark.parametrize(("peer", "address", "scheme"), [(PROXY, "198.51.100.7", "https"), (CLIENT, CLIENT, "http")])
async def test_the_address_and_the_scheme_are_those_of_a_client_behind_a_proxy(peer, address, scheme, ask, lines):
    answer = await ask(
        "/v1/files/a", peer=peer, headers={"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}
    )
    assert (answer.json()["address"], answer.json()["scheme"]) == (address, scheme)
    assert lines()[0]["address"] == address


def test_a_proxy_that_is_no_network_is_refused_at_once():
    with pytest.raises(SettingsError, match="trusted_proxies"):
        Log(None, metrics=Metrics(), proxies=("everybody",))
