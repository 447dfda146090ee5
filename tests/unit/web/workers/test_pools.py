"""A queue that has an end: who is refused, and when to come again."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from provenance.web.workers import pools
from provenance.web.workers.pools import Busy, Queued


class Slow:
    """Takes calls, and answers none by itself."""

    count, lost, lacking = 2, 0, ()

    def __init__(self):
        self.asked = []

    def submit_within(self, _seconds, _function, *_args):
        self.asked.append(Future())
        return self.asked[-1]


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(pools.time, "monotonic", lambda: now[0])
    return now


def fill(queued, count):
    for _ in range(count):
        queued.submit(1.0, print, ())


def test_as_many_as_work_and_wait_are_taken(clock):
    queued = Queued(processes=Slow(), most=3)
    fill(queued, 5)
    assert (queued.state().at_work, queued.state().waiting) == (2, 3)
    with pytest.raises(Busy) as caught:
        fill(queued, 1)
    assert caught.value.retry_after == 5
    queued.processes.asked[0].set_result(None)
    fill(queued, 1)
    assert queued.state().done == 1


@pytest.mark.parametrize(("each", "wanted"), [(0.001, 1), (2.0, 20), (100.0, 60)])
def test_when_to_come_again_follows_from_how_fast_it_is(clock, each, wanted):
    slow = Slow()
    queued = Queued(processes=slow, most=20)
    for _ in range(40):
        fill(queued, 1)
        clock[0] += each
        slow.asked[-1].set_result(None)
    fill(queued, 22)
    with pytest.raises(Busy) as caught:
        fill(queued, 1)
    assert caught.value.retry_after == pytest.approx(wanted, abs=1)


def test_what_could_not_be_asked_for_is_not_waited_for(clock):
    slow = Slow()
    queued = Queued(processes=slow, most=1)
    slow.submit_within = lambda *_: (_ for _ in ()).throw(RuntimeError("shut down"))
    with pytest.raises(RuntimeError):
        fill(queued, 1)
    assert queued.state().at_work == 0
