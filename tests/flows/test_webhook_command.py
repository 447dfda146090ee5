"""`provenance webhook`: what was given up is seen, and sent again when somebody says so."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from provenance.catalogue import Catalogue
from provenance.model.jobs import Attempt, DeliveryState
from tests.support import media
from tests.support.command import run
from tests.support.jobs import RECEIVER, a_delivery
from tests.support.service import serving

NOW = datetime.now(UTC)


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def catalogue(place):
    with Catalogue.create(f"sqlite:///{place / 'catalogue.db'}") as found:
        yield found


@pytest.fixture
def kept(catalogue):
    """One delivery of each state."""
    deliveries = catalogue.deliveries
    names = ("msg_01JZ0000000000000000000001", "msg_01JZ0000000000000000000002", "msg_01JZ0000000000000000000003")
    deliveries.add([a_delivery(id=name) for name in names], at=NOW)
    deliveries.claim(RECEIVER, at=NOW, until=NOW, limit=3)
    deliveries.settle(
        [
            Attempt(id=names[0], state=DeliveryState.DEAD, problem="the receiver answers 500"),
            Attempt(id=names[1], state=DeliveryState.SENT),
            Attempt(
                id=names[2],
                state=DeliveryState.WAITING,
                due_at=NOW + timedelta(hours=1),
                problem="the connection failed",
            ),
        ],
        at=NOW,
    )
    return names


def webhook(place, *arguments):
    return run("webhook", *arguments, PROVENANCE_HOME=str(place))


def test_deliveries_are_listed(place, kept):
    done = webhook(place, "list")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines if line.startswith("msg_")] == [
        [kept[2], "waiting"], [kept[1], "sent"], [kept[0], "dead"],
    ]  # fmt: skip
    assert all(len(line) <= 80 for line in lines)
    assert "the receiver answers 500" in done.stdout
    assert "receiver.example" in done.stdout
    only = webhook(place, "list", "--state", "dead").stdout
    assert kept[0] in only
    assert kept[1] not in only
    assert "no such delivery" not in only


def test_deliveries_are_listed_for_programs(place, kept):
    found = json.loads(webhook(place, "list", "--json", "--limit", "1").stdout)["deliveries"]
    assert [(item["id"], item["state"], item["attempts"]) for item in found] == [(kept[2], "waiting", 1)]


def test_without_any_that_is_said(place, catalogue):
    assert webhook(place, "list").stdout == "no such delivery\n"


@pytest.mark.parametrize("which", ["one", "all"])
def test_what_is_dead_is_sent_again(which, place, kept, catalogue):
    done = webhook(place, "replay", *((kept[0],) if which == "one" else ("--all",)))
    assert done.stdout == "1 delivery will be sent again by the service\n"
    found = catalogue.deliveries.get(kept[0])
    assert (found.state, found.attempts) == (DeliveryState.WAITING, 0)
    assert webhook(place, "replay", "--all").stdout == "0 deliveries will be sent again by the service\n"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("replay",), 2, "give the ids of deliveries, or --all"),
        (("replay", "--all", "msg_1"), 2, "give the ids of deliveries, or --all"),
        (("replay", "msg_1"), 8, "there is no delivery 'msg_1'"),
    ],
)
def test_what_is_wrong_is_said(arguments, code, says, place, kept):
    done = webhook(place, *arguments)
    assert done.returncode == code
    assert says in done.stderr


def test_a_secret_is_one_that_others_accept(place):
    one, two = (webhook(place, "secret").stdout.strip() for _ in range(2))
    assert one != two
    assert Webhook(one).sign("msg_1", NOW, "{}").startswith("v1,")


def test_all_that_a_service_does_is_kept_for_its_receivers(place):
    """Nobody listens at the address, and what is kept says so."""
    pytest.importorskip("fastapi", reason="the service needs the extra `web`")
    secret = place / "webhook.secret"
    secret.touch(0o600)
    secret.write_text(webhook(place, "secret").stdout)
    settings = f"""
[service]
workers = 1
webhook_networks = ["127.0.0.0/8"]
[[service.webhooks]]
url = "https://127.0.0.1:1/t0ken"
secret_file = {json.dumps(str(secret))}
[[service.webhooks]]
url = "https://127.0.0.1:2/"
secret_file = {json.dumps(str(secret))}
events = ["job.finished"]
"""
    with serving(place, settings) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        report = client.post("/v1/verify", content=media.jpeg(), params={"name": "a.jpg"}).headers["provenance-report"]
        job = client.post("/v1/jobs", files={"file": ("b.jpg", media.jpeg())}).json()["id"]
        last = time.monotonic() + 300
        while len(found := listed(place)) < 4 or any(item["problem"] is None for item in found):
            assert time.monotonic() < last, found
            time.sleep(0.2)
    assert sorted(item["kind"] for item in found) == ["job.finished", "job.finished", "verdict.made", "verdict.made"]
    bodies = [json.loads(item["body"]) for item in found]
    assert report in [item["data"].get("report") for item in bodies]
    (told, _) = (item["data"] for item in bodies if item["type"] == "job.finished")
    assert told == {"job": job, "kind": "verify", "state": "done", "done": 1, "failed": 0, "cancelled": 0}
    assert all("connection failed" in item["problem"] for item in found)
    assert "t0ken" not in json.dumps(found) + "".join(server.lines)


def listed(place):
    return json.loads(webhook(place, "list", "--json").stdout)["deliveries"]
