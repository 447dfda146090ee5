"""Deliveries: kept before they are sent, tried again when they are due, and never lost silently."""

from __future__ import annotations

import pytest

from provenance.catalogue import Catalogue
from provenance.errors import CatalogueError
from provenance.model.jobs import Attempt, DeliveryState
from tests.support.catalogue import AT, digest
from tests.support.jobs import RECEIVER, a_delivery, later

OTHER = digest("another receiver")
WAITING, SENT, DEAD = DeliveryState


@pytest.fixture
def deliveries(catalogue):
    return catalogue.deliveries


def claim(deliveries, at=AT, receiver=RECEIVER, limit=10):
    return [item.id for item in deliveries.claim(receiver, at=at, until=later(3600), limit=limit)]


def test_a_delivery_comes_back_as_it_was_kept(deliveries):
    new = a_delivery(body='{"name":"café – 写真"}')
    deliveries.add([new], at=AT)
    (found,) = deliveries.claim(RECEIVER, at=AT, until=later(30), limit=1)
    assert (found.id, found.receiver, found.place, found.kind, found.at, found.body) == (
        new.id, new.receiver, new.place, new.kind, new.at, new.body,
    )  # fmt: skip
    assert (found.state, found.attempts, found.due_at, found.problem) == (WAITING, 1, later(30), None)
    assert deliveries.get(new.id) == found
    assert deliveries.get("another") is None


def test_what_somebody_sends_is_due_for_others_only_when_that_one_never_tells(deliveries):
    deliveries.add([a_delivery(1), a_delivery(2), a_delivery(3, receiver=OTHER)], at=AT)
    assert claim(deliveries, limit=1) == ["msg_0001"]
    assert claim(deliveries) == ["msg_0002"]
    assert claim(deliveries) == []
    assert claim(deliveries, later(3601)) == ["msg_0001", "msg_0002"]


def test_what_failed_waits_until_it_is_due(deliveries):
    deliveries.add([a_delivery()], at=AT)
    claim(deliveries)
    again = Attempt(id="msg_0001", state=WAITING, due_at=later(5), problem="the server answers 503")
    deliveries.settle([again], at=later(1))
    assert claim(deliveries, later(4)) == []
    found = deliveries.get("msg_0001")
    assert (found.problem, found.ended_at) == ("the server answers 503", None)
    assert claim(deliveries, later(5)) == ["msg_0001"]
    deliveries.settle([Attempt(id="msg_0001", state=SENT)], at=later(6))
    found = deliveries.get("msg_0001")
    assert (found.state, found.attempts, found.due_at, found.ended_at, found.problem) == (SENT, 2, None, later(6), None)
    assert claim(deliveries, later(9999)) == []
    assert deliveries.counts() == {WAITING: 0, SENT: 1, DEAD: 0}


def test_a_receiver_that_wants_no_more_is_sent_no_more_until_somebody_says_so(deliveries):
    deliveries.add([a_delivery(1), a_delivery(2), a_delivery(3, receiver=OTHER)], at=AT)
    claim(deliveries, limit=1)
    deliveries.settle([Attempt(id="msg_0001", state=DEAD, problem="410", gone=True)], at=AT)
    deliveries.add([a_delivery(4)], at=AT)
    assert claim(deliveries, later(9999)) == []
    assert claim(deliveries, receiver=OTHER) == ["msg_0003"]
    assert [item.id for item in deliveries.find(DEAD)] == ["msg_0004", "msg_0002", "msg_0001"]
    assert "wants no more" in deliveries.get("msg_0004").problem
    assert deliveries.replay(["msg_0004"], at=later(10)) == 1
    deliveries.add([a_delivery(5)], at=later(10))
    assert claim(deliveries, later(10)) == ["msg_0004", "msg_0005"]


def test_all_that_is_dead_is_sent_again_from_its_first_attempt_on(deliveries):
    deliveries.add([a_delivery(number) for number in (1, 2, 3)], at=AT)
    claim(deliveries)
    done = [Attempt(id="msg_0001", state=DEAD), Attempt(id="msg_0002", state=SENT), Attempt(id="msg_0003", state=DEAD)]
    deliveries.settle(done, at=AT)
    assert deliveries.replay(None, at=later(60)) == 2
    assert [(item.id, item.attempts) for item in deliveries.find(WAITING)] == [("msg_0003", 0), ("msg_0001", 0)]
    assert deliveries.replay(None, at=later(60)) == 0
    assert deliveries.replay(["msg_0002"], at=later(60)) == 1


def test_nothing_is_sent_again_where_one_of_them_is_not_there(deliveries):
    deliveries.add([a_delivery(1)], at=AT)
    claim(deliveries)
    deliveries.settle([Attempt(id="msg_0001", state=DEAD)], at=AT)
    with pytest.raises(CatalogueError, match="there is no delivery 'msg_9999'"):
        deliveries.replay(["msg_0001", "msg_9999"], at=AT)
    assert deliveries.get("msg_0001").state is DEAD


def test_what_was_sent_again_in_the_meantime_is_not_declared_dead(deliveries):
    deliveries.add([a_delivery(1)], at=AT)
    claim(deliveries)
    deliveries.settle([Attempt(id="msg_0001", state=SENT)], at=AT)
    deliveries.settle([Attempt(id="msg_0001", state=DEAD, problem="late")], at=later(1))
    assert deliveries.get("msg_0001").state is SENT


def test_old_deliveries_are_forgotten_and_those_that_wait_are_not(deliveries):
    deliveries.add([a_delivery(number) for number in range(4)], at=AT)
    claim(deliveries)
    deliveries.settle([Attempt(id="msg_0001", state=SENT), Attempt(id="msg_0002", state=DEAD)], at=AT)
    deliveries.settle([Attempt(id="msg_0003", state=SENT)], at=later(100))
    assert deliveries.prune(sent_before=later(50), dead_before=AT) == 1
    assert [item.id for item in deliveries.find()] == ["msg_0003", "msg_0002", "msg_0000"]
    assert deliveries.prune(sent_before=later(50), dead_before=later(50)) == 1


def test_what_waits_for_a_receiver_that_is_not_known_any_more_is_given_up(deliveries):
    deliveries.add([a_delivery(1), a_delivery(2, receiver=OTHER), a_delivery(3, receiver=OTHER, at=later(60))], at=AT)
    assert deliveries.give_up({RECEIVER}, before=later(60), at=later(90)) == 1
    found = deliveries.get("msg_0002")
    assert (found.state, found.ended_at, found.due_at) == (DEAD, later(90), None)
    assert "in the settings any more" in found.problem
    assert deliveries.give_up(set(), before=later(61), at=later(90)) == 2


def test_what_was_kept_is_there_when_the_catalogue_is_opened_again(url):
    with Catalogue.open(url) as catalogue:
        catalogue.deliveries.add([a_delivery()], at=AT)
        assert claim(catalogue.deliveries) == ["msg_0001"]
    with Catalogue.open(url) as catalogue:
        assert claim(catalogue.deliveries, later(3600)) == ["msg_0001"]
