"""Receivers of events: signed so that the specification's own library accepts it, sent until taken or given up."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from provenance.catalogue import Catalogue
from provenance.errors import SettingsError
from provenance.model.jobs import Delivery, DeliveryState, Event
from provenance.web.hooks.receivers import Pace, Receiver, require_usable, send, signature
from provenance.web.hooks.webhooks import Manner, Webhooks
from tests.support.webhook_receiver import receiving

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    """Have receivers take it that it is then: they refuse what was signed more than five minutes before."""

    class Then(datetime):
        @classmethod
        def now(cls, tz=None):
            return NOW

    monkeypatch.setattr("standardwebhooks.webhooks.datetime", Then)


EVENT = Event(kind="verdict.made", at=NOW, data={"name": "Straße – 写真.jpg", "decision": "accepted", "report": None})
OTHER = "whsec_" + base64.b64encode(b"another secret of 32 bytes, yes!").decode()
WAITING, SENT, DEAD = DeliveryState


class Clock:
    def __init__(self):
        self.at = NOW

    def __call__(self):
        return self.at

    def advance(self, seconds):
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def receiver(tmp_path):
    with receiving(tmp_path, deadline=1.0) as told:
        yield told


@pytest.fixture
def catalogue(tmp_path):
    with Catalogue.create(f"sqlite:///{tmp_path / 'catalogue.db'}") as found:
        yield found


@pytest.fixture
def clock():
    return Clock()


def webhooks(catalogue, receiver, clock, *receivers, **more):
    manner = Manner(**{"poll": 0.02, "chance": lambda: 0.5, "pace": Pace(waits=(5, 300)), **more})
    found = receivers or (receiver.receiver(),)
    return Webhooks(catalogue.deliveries, found, client=receiver.client, now=clock, manner=manner)


async def until(done, what="it never came"):
    async with asyncio.timeout(120):
        while not done():
            await asyncio.sleep(0.01)


def due(catalogue, clock, seconds):
    """Say whether an attempt has failed, and the next one is so far away."""
    return only(catalogue).due_at == clock() + timedelta(seconds=seconds)


def only(catalogue):
    (found,) = catalogue.deliveries.find()
    return found


# ---- one message


def test_a_message_is_what_the_specification_says(receiver, catalogue, clock):
    async def work():
        hooks = webhooks(catalogue, receiver, clock)
        async with hooks.running():
            await asyncio.to_thread(hooks.tell, EVENT)
            await until(lambda: catalogue.deliveries.counts()[SENT])

    asyncio.run(work())
    (message,) = receiver.messages
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    told = Webhook(secret).verify(message.body, message.headers)
    assert told == {"type": "verdict.made", "timestamp": told["timestamp"], "data": dict(EVENT.data)}
    assert datetime.fromisoformat(told["timestamp"]) == NOW
    assert told["timestamp"].endswith("Z")
    assert message.headers["content-type"] == "application/json"
    assert message.headers["webhook-id"] == only(catalogue).id
    for altered in (message.body.replace(b"accepted", b"rejected"), message.body + b" "):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(altered, message.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(message.body, message.headers)


def test_the_signature_is_that_of_the_specifications_example():
    # https://github.com/standard-webhooks/standard-webhooks, the tests of its libraries
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    found = signature([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_is_replaced_both_sign(receiver, catalogue, clock, tmp_path):
    (tmp_path / "webhook.secret").write_text(f"{OTHER}\n\nwhsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
    delivery = a_delivery(receiver)
    assert attempt(receiver, delivery).state is SENT
    (message,) = receiver.messages
    for secret in (OTHER, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"):
        Webhook(secret).verify(message.body, message.headers)


def a_delivery(receiver, attempts=1, **more):
    its = receiver.receiver()
    told = {"id": "msg_1", "receiver": its.id, "place": its.place, "kind": "verdict.made", "at": NOW, "body": "{}"}
    state = {"state": WAITING, "attempts": attempts, "due_at": None, "ended_at": None, "problem": None}
    return Delivery(**told | state | more)


def attempt(receiver, delivery, client=None):
    client = client or receiver.client
    return send(receiver.receiver(), delivery, client=client, now=lambda: NOW, pace=Pace(), chance=0.5)


@pytest.mark.parametrize(
    ("answer", "state", "wait", "problem"),
    [
        (200, SENT, None, None),
        (202, SENT, None, None),
        (204, SENT, None, None),
        (400, WAITING, 5, "the receiver answers 400"),
        (404, WAITING, 5, "the receiver answers 404"),
        (500, WAITING, 5, "the receiver answers 500"),
        ("503 Retry-After: 60", WAITING, 60, "the receiver answers 503"),
        ("429 Retry-After: 1", WAITING, 5, "the receiver answers 429"),
        ("429 Retry-After: 99999999999", WAITING, 86_400, "the receiver answers 429"),
        ("503 Retry-After: soon", WAITING, 5, "the receiver answers 503"),
        ("302 Location: https://elsewhere.example/", WAITING, 5, "it redirects, and what is posted is not sent"),
        (410, DEAD, None, "the receiver answers 410"),
        ("silent", WAITING, 5, "it took longer than 1 s"),
    ],
)  # fmt: skip
def test_what_an_answer_means(answer, state, wait, problem, receiver):
    receiver.answers[:] = [answer]
    found = attempt(receiver, a_delivery(receiver))
    due = None if wait is None else NOW + timedelta(seconds=wait)
    assert (found.state, found.due_at, found.gone) == (state, due, answer == 410)
    assert found.problem == problem or found.problem.startswith(problem)
    assert len(receiver.messages) == 1


@pytest.mark.parametrize("reason", ["its network is not allowed", "nobody listens", "another certificate"])
def test_a_receiver_that_is_not_reached_is_tried_again(reason, receiver, tmp_path):
    if reason == "its network is not allowed":
        (tmp_path / "other").mkdir()
        with receiving(tmp_path / "other", networks=()) as other:
            found = attempt(other, a_delivery(other))
        assert found.problem == "its host has an address that is not public"
        assert other.messages == []
    elif reason == "nobody listens":
        receiver.port = 1
        found = attempt(receiver, a_delivery(receiver))
        assert "connection failed" in found.problem
    else:
        (tmp_path / "other").mkdir()
        with receiving(tmp_path / "other") as other:
            found = attempt(receiver, a_delivery(receiver), client=other.client)
        assert "certificate" in found.problem.lower()
        assert receiver.messages == []
    assert found.state is WAITING


def test_a_secret_that_is_gone_is_no_reason_to_lose_a_message(receiver, tmp_path):
    (tmp_path / "webhook.secret").unlink()
    found = attempt(receiver, a_delivery(receiver))
    assert (found.state, found.problem) == (WAITING, "the file of a webhook's secrets is not there")
    assert receiver.messages == []


@pytest.mark.parametrize(
    ("attempts", "chance", "seconds"),
    [(1, 0.5, 10), (1, 0, 8), (1, 1, 12), (2, 0.5, 100), (3, 0.5, None), (9, 0.5, None)],
)
def test_waits_grow_and_differ_until_it_is_given_up(attempts, chance, seconds):
    found = Pace(waits=(10, 100)).wait(attempts, chance)
    assert found == (None if seconds is None else timedelta(seconds=seconds))


# ---- until it is taken


@asynccontextmanager
async def telling(catalogue, receiver, clock, **more):
    hooks = webhooks(catalogue, receiver, clock, **more)
    async with hooks.running():
        await asyncio.to_thread(hooks.tell, EVENT)
        yield hooks


def test_a_message_is_sent_again_when_it_is_due_under_the_same_id(receiver, catalogue, clock):
    receiver.answers[:] = [500, 503]

    async def work():
        async with telling(catalogue, receiver, clock):
            for count, seconds in ((1, 5), (2, 300)):
                await until(partial(due, catalogue, clock, seconds))
                clock.advance(seconds - 1)
                await asyncio.sleep(0.1)
                assert len(receiver.messages) == count
                clock.advance(1)
            await until(lambda: only(catalogue).state is SENT)

    asyncio.run(work())
    assert len({item.headers["webhook-id"] for item in receiver.messages}) == 1
    assert len({item.body for item in receiver.messages}) == 1
    stamps = [int(item.headers["webhook-timestamp"]) for item in receiver.messages]
    assert [later - earlier for earlier, later in pairwise(stamps)] == [5, 300]


def test_a_message_that_nobody_takes_is_given_up_and_can_be_sent_again_later(receiver, catalogue, clock):
    receiver.answers[:] = [500, 500, 500]

    async def work():
        async with telling(catalogue, receiver, clock):
            for seconds in (5, 300):
                await until(partial(due, catalogue, clock, seconds))
                clock.advance(seconds)
            await until(lambda: only(catalogue).state is DEAD)
            assert (only(catalogue).attempts, only(catalogue).problem) == (3, "the receiver answers 500")
            clock.advance(86_400)
            await asyncio.sleep(0.1)
            assert len(receiver.messages) == 3
            # As the command line does, beside the server.
            catalogue.deliveries.replay(None, at=clock())
            await until(lambda: only(catalogue).state is SENT)

    asyncio.run(work())
    assert len({item.headers["webhook-id"] for item in receiver.messages}) == 1


def test_a_receiver_that_has_gone_is_left_alone(receiver, catalogue, clock):
    receiver.answers[:] = [410]

    async def work():
        async with telling(catalogue, receiver, clock) as hooks:
            await until(lambda: only(catalogue).state is DEAD)
            await asyncio.to_thread(hooks.tell, EVENT)
            await asyncio.sleep(0.1)

    asyncio.run(work())
    assert len(receiver.messages) == 1
    assert catalogue.deliveries.counts()[DEAD] == 2


def test_what_was_not_sent_when_a_server_ended_is_sent_by_the_next_one(receiver, catalogue, clock):
    hooks = webhooks(catalogue, receiver, clock)
    hooks.tell(EVENT)
    # Another server took it, and was killed before it told what became of it.
    at = clock()
    catalogue.deliveries.claim(receiver.receiver().id, at=at, until=at + timedelta(seconds=60), limit=1)

    async def work():
        async with webhooks(catalogue, receiver, clock).running():
            await asyncio.sleep(0.1)
            assert receiver.messages == []
            clock.advance(61)
            await until(lambda: only(catalogue).state is SENT)

    asyncio.run(work())
    assert only(catalogue).attempts == 2


def test_a_server_that_ends_sees_to_the_end_of_what_it_is_sending(receiver, catalogue, clock):
    receiver.answers[:] = ["silent"]
    receiver.silence = 0.3

    async def work():
        async with telling(catalogue, receiver, clock):
            await until(lambda: receiver.messages)

    asyncio.run(work())
    assert only(catalogue).problem is not None


def test_a_receiver_that_does_not_answer_holds_up_no_other(receiver, catalogue, clock):
    slow, quick = receiver.receiver("slow"), receiver.receiver("quick")
    receiver.answers[:] = ["silent"] * 2

    async def work():
        hooks = webhooks(catalogue, receiver, clock, slow, lanes=2)
        both = webhooks(catalogue, receiver, clock, slow, quick, lanes=2)
        for _ in range(2):
            hooks.tell(EVENT)
        async with both.running():
            await until(lambda: len(receiver.messages) == 2)
            await asyncio.to_thread(both.tell, EVENT)
            await until(lambda: [item.path for item in receiver.messages].count("/quick"))
            assert catalogue.deliveries.counts()[WAITING] >= 2

    asyncio.run(work())


def test_many_messages_are_all_sent_once(receiver, catalogue, clock):
    async def work():
        hooks = webhooks(catalogue, receiver, clock)
        async with hooks.running():
            for _ in range(30):
                await asyncio.to_thread(hooks.tell, EVENT)
            await until(lambda: catalogue.deliveries.counts()[SENT] == 30)

    asyncio.run(work())
    assert len({item.headers["webhook-id"] for item in receiver.messages}) == len(receiver.messages) == 30


def test_who_wants_only_some_events_is_told_only_of_those(receiver, catalogue, clock):
    some, every = receiver.receiver("some", events=("asset.signed",)), receiver.receiver("all")
    hooks = webhooks(catalogue, receiver, clock, some, every)
    assert [item.receiver for item in hooks.messages(EVENT)] == [every.id]
    signed = Event(kind="asset.signed", at=NOW, data={})
    assert [item.receiver for item in hooks.messages(signed)] == [some.id, every.id]
    assert len({item.id for item in hooks.messages(signed)}) == 2


def test_without_receivers_nothing_is_kept(catalogue, receiver, clock):
    hooks = Webhooks(catalogue.deliveries, (), client=receiver.client, now=clock)
    hooks.tell(EVENT)
    assert not hooks
    assert catalogue.deliveries.find() == []
    assert webhooks(catalogue, receiver, clock)

    async def work():
        async with hooks.running():
            pass

    asyncio.run(work())


# ---- settings


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds no secret"),
        ("\n\n", "holds no secret"),
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "is no secret of a webhook"),
        ("whsec_", "is no secret of a webhook"),
        ("whsec_c2hvcnQ=", "is no secret of a webhook"),
        ("whsec_not base64 at all, it is a sentence", "is no secret of a webhook"),
        ("whsec_" + "A" * 120, "is no secret of a webhook"),
        ("whsec_é", "is no secret of a webhook"),
    ],
)
def test_a_secret_that_is_none_is_refused_and_not_shown(text, says, receiver, tmp_path):
    (tmp_path / "webhook.secret").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=says) as caught:
        require_usable([receiver.receiver()])
    assert caught.value.path == receiver.secret_file
    assert text.strip() in {"", "whsec_"} or text.strip() not in str(caught.value)


def test_a_secret_that_others_can_read_is_refused(receiver, tmp_path):
    (tmp_path / "webhook.secret").chmod(0o644)
    with pytest.raises(SettingsError):
        require_usable([receiver.receiver()])


@pytest.mark.parametrize(
    "url", ["http://receiver.example/", "receiver.example", "https://", "https://me:pw@a.example/"]
)
def test_an_address_that_is_none_is_refused_and_not_shown(url, receiver):
    with pytest.raises(SettingsError, match=r"number 2 of service\.webhooks has no address of a receiver") as caught:
        require_usable([receiver.receiver(), Receiver(url=url, secret_file=receiver.secret_file)])
    assert "pw" not in str(caught.value)
    require_usable([receiver.receiver()])


def test_neither_address_nor_secret_stand_in_what_is_kept(receiver, catalogue, clock, tmp_path):
    hooks = webhooks(catalogue, receiver, clock, receiver.receiver("hook/t0ken-in-the-path"))
    hooks.tell(EVENT)
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("catalogue.db*"))
    assert b"t0ken-in-the-path" not in kept
    assert b"MfKQ9r8" not in kept
    assert json.loads(only(catalogue).body)["type"] == "verdict.made"
    assert only(catalogue).place == "receiver.example"
    assert "t0ken" not in repr(receiver.receiver("t0ken"))


def test_what_is_old_is_forgotten_and_what_waits_for_nobody_is_given_up(receiver, catalogue, clock):
    webhooks(catalogue, receiver, clock, receiver.receiver("removed from the settings")).tell(EVENT)
    webhooks(catalogue, receiver, clock).tell(EVENT)
    clock.advance(86_401)
    hooks = webhooks(catalogue, receiver, clock)
    hooks.forget(sent_before=clock(), dead_before=clock())
    assert catalogue.deliveries.counts() == {WAITING: 1, SENT: 0, DEAD: 1}
    clock.advance(1)
    hooks.forget(sent_before=clock(), dead_before=clock())
    assert catalogue.deliveries.counts() == {WAITING: 1, SENT: 0, DEAD: 0}
