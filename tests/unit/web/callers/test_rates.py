"""How often somebody may ask. Time is a number here."""

from __future__ import annotations

import pytest

from provenance.model.service import Rate
from provenance.web.callers import rates
from provenance.web.callers.rates import Window

RATE = Rate(count=6, seconds=60)


class Clock:
    def __init__(self, at=600.0):
        self.at = at

    def __call__(self):
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def window(clock):
    return Window(RATE, clock=clock)


def took(window, who="a", times=1):
    return [window.take(who).allowed for _ in range(times)]


def test_so_many_requests_are_allowed_and_no_more(window):
    assert took(window, times=8) == [True] * 6 + [False] * 2


def test_each_party_counts_alone(window):
    took(window, "a", 7)
    assert took(window, "b") == [True]


def test_what_is_left_goes_down_and_is_told(window, clock):
    clock.at += 15
    assert window.take("a").headers() == {"RateLimit-Policy": '"requests";q=6;w=60', "RateLimit": '"requests";r=5;t=45'}
    assert [window.take("a").left for _ in range(5)] == [4, 3, 2, 1, 0]
    refused = window.take("a")
    assert (refused.left, refused.allowed) == (0, False)
    assert refused.wait == 45 + 10


@pytest.mark.parametrize("begun", [0, 1, 29.5, 59, 59.99])
@pytest.mark.parametrize("further", [0, 7.3, 30, 59])
def test_whoever_waits_as_told_is_allowed_and_not_much_sooner(begun, further, window, clock):
    clock.at += begun
    took(window, times=6)
    clock.at += further
    while window.take("a").allowed:
        pass
    wait = window.look("a").wait
    assert 1 <= wait <= 60 + 60 / 6 + 1
    if wait > 1:
        clock.at += wait - 1.001
        assert not window.look("a").allowed
        clock.at += 1.001
    else:
        clock.at += 1
    assert window.take("a").allowed


@pytest.mark.parametrize("every", [0.1, 1, 3, 9, 10, 11])
def test_in_no_time_of_that_length_twice_as_many_are_allowed_and_on_the_mean_no_more(every, window, clock):
    allowed = []
    while clock.at < 600 + 20 * 60:
        if window.take("a").allowed:
            allowed.append(clock.at)
        clock.at += every
    for at in allowed:
        assert sum(at <= other < at + 60 for other in allowed) < 2 * 6
    assert len(allowed) <= 6 * 21


def test_after_two_windows_nothing_counts_any_more(window, clock):
    took(window, times=6)
    clock.at += 120
    assert took(window, times=7) == [True] * 6 + [False]


def test_looking_counts_nothing(window):
    for _ in range(20):
        assert window.look("a").left == 6
    assert window.look("a").wait == 0


def test_a_rate_of_one_is_kept(clock):
    window = Window(Rate(count=1, seconds=1), clock=clock)
    assert took(window, times=2) == [True, False]
    clock.at += window.look("a").wait
    assert took(window) == [True]


def test_no_more_parties_are_kept_than_said(clock):
    window = Window(RATE, clock=clock, most=100)
    for number in range(1000):
        window.take(str(number))
    assert len(window._counted) == 100
    assert window.take("999").left == 4


def test_parties_of_whom_nothing_counts_are_forgotten(window, clock):
    for number in range(100):
        window.take(str(number))
    clock.at += 180
    later = [f"later {number}" for number in range(100 // rates._SWEPT)]
    for who in later:
        window.take(who)
    assert list(window._counted) == later
