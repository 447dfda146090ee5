"""Who calls a running service: behind a proxy, with right keys and wrong ones, too often; and what the log says."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from provenance.catalogue import Catalogue, url_of
from provenance.model.record import new_id
from provenance.model.service import ReportKind, StoredReport, id_in_token, new_token
from provenance.web.callers.access import KNOWN_FOR, MISSES
from tests.support.catalogue import AT
from tests.support.service import new_key, serving

pytest.importorskip("fastapi", reason="the service needs the extra `web`")

SETTINGS = """
[service]
workers = 1
rate = "3/h"
trusted_proxies = ["127.0.0.0/8"]
open_resolution = false
"""
ANYTHING = f"/v1/reports/{'0' * 26}"
"""Takes the right to verify, and costs a look into the catalogue."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    home = tmp_path_factory.mktemp("access") / "home"
    home.mkdir()
    return home


@pytest.fixture(scope="module")
def server(place):
    with serving(place, SETTINGS) as running:
        yield running


@pytest.fixture
def ask(server):
    """Ask as if from an address, through a proxy on this machine."""
    with httpx.Client(base_url=server.url, timeout=60) as client:

        def asking(path=ANYTHING, *, address, token=None, **headers):
            headers["X-Forwarded-For"] = address
            if token is not None:
                headers["Authorization"] = f"Bearer {token}"
            return client.get(path, headers=headers)

        yield asking


def logged(server, name):
    """Return the line of the log about a request; it is written just after the answer."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if found := [line for line in server.logged() if line.get("request") == name]:
            return found[-1]
        time.sleep(0.02)
    raise AssertionError(f"no line about {name}")


def test_each_address_behind_the_proxy_has_its_own_rate(ask):
    answers = [ask(address="203.0.113.1") for _ in range(4)]
    assert [item.status_code for item in answers] == [404, 404, 404, 429]
    assert [item.headers["ratelimit"].split(";")[1] for item in answers] == ["r=2", "r=1", "r=0", "r=0"]
    refused = answers[-1]
    assert 0 < int(refused.headers["retry-after"]) <= 2 * 3600
    assert refused.json()["title"] == "more than 3/h requests"
    assert ask(address="203.0.113.2, 127.0.0.9").status_code == 404


def test_a_key_is_not_held_to_the_rate_of_an_address(ask, place, server):
    token = new_key(place)
    assert {ask(address="203.0.113.3", token=token).status_code for _ in range(10)} == {404}


def test_wrong_keys_are_refused_then_held_off_and_right_ones_go_on(ask, place, server):
    token = new_key(place)
    assert ask(address="203.0.113.4", token=token).status_code == 404
    codes = [ask(address="203.0.113.4", token=new_token(AT)[1]).status_code for _ in range(4 * MISSES.count)]
    assert codes[: MISSES.count] == [401] * MISSES.count
    assert codes.count(429) >= MISSES.count
    assert ask(address="203.0.113.4", token=token).status_code == 404
    assert ask(address="203.0.113.5", token=token).status_code == 404


def test_a_key_that_is_revoked_beside_a_running_server_soon_opens_nothing(ask, place, server):
    token = new_key(place, "--scope", "assets")
    assert ask("/v1/assets", address="203.0.113.6", token=token).status_code == 200
    command = [sys.executable, "-m", "provenance", "serve", "key", "revoke", id_in_token(token)]
    subprocess.run(command, env={"PROVENANCE_HOME": str(place), "PATH": ""}, check=True, capture_output=True)
    until = time.monotonic() + KNOWN_FOR + 10
    while (answer := ask("/v1/assets", address="203.0.113.6", token=token)).status_code == 200:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert (answer.status_code, answer.json()["title"]) == (401, "this key was revoked")


def test_the_log_says_who_asked_for_what_and_nothing_that_is_secret(ask, place, server):
    token = new_key(place, "--scope", "assets", name="picture desk")
    secret = {"Cookie": "s3same", "X-Request-Id": "proxy-4711-a"}
    answer = ask("/v1/assets?text=s3same", address="203.0.113.7", token=token, **secret)
    assert answer.headers["x-request-id"] == "proxy-4711-a"
    line = logged(server, "proxy-4711-a")
    told = ("method", "route", "status", "address", "caller", "caller_name")
    assert [line[name] for name in told] == [
        "GET", "/v1/assets", 200, "203.0.113.7", id_in_token(token), "picture desk",
    ]  # fmt: skip
    written = "".join(server.lines)
    assert "s3same" not in written
    assert token not in written
    assert token.rpartition("_")[2] not in written


def test_what_is_closed_by_a_setting_takes_a_key(ask, place):
    assert ask("/v1/services/supportedAlgorithms", address="203.0.113.8").status_code == 401
    token = new_key(place, "--scope", "assets")
    assert ask("/v1/services/supportedAlgorithms", address="203.0.113.8", token=token).status_code == 200


def test_a_report_whose_time_has_come_is_not_there_any_more(ask, place, server):
    token, now = new_key(place), datetime.now(UTC)
    with Catalogue.open(url_of("", place)) as catalogue:
        for days, status in ((1, 200), (-1, 404)):
            report = StoredReport(
                id=new_id(now), kind=ReportKind.VERDICT, at=now, caller=None, name="a.jpg", decision=None, digest=None,
                expires_at=now + timedelta(days=days), texts={"json": "{}"},
            )  # fmt: skip
            catalogue.reports.put(report)
            assert ask(f"/v1/reports/{report.id}", address="203.0.113.9", token=token).status_code == status
