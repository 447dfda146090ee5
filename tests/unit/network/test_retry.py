"""Trying again: how often, after what waits, and what comes of it in the end."""

from __future__ import annotations

import pytest

from provenance.network.retry import FIRST_WAIT, LONGEST_WAIT, retry


class Busy(Exception):
    """Somebody asks to wait so many seconds, or says that waiting is no use."""

    def __init__(self, number, wait):
        super().__init__(f"attempt {number}")
        self.wait = wait


def run(*waits, attempts):
    """Try something that fails once for each of the waits asked for; return the outcome, the tries and the waits."""
    tries, slept = [], []

    def attempt():
        tries.append(len(tries))
        if len(tries) <= len(waits):
            raise Busy(len(tries), waits[len(tries) - 1])
        return "done"

    try:
        outcome = retry(attempt, again=lambda error: error.wait, attempts=attempts, sleep=slept.append)
    except Busy as error:
        outcome = str(error)
    return outcome, len(tries), slept


WAITS = {
    "at once": ((), 3, "done", 1, []),
    "the second time": ((0,), 3, "done", 2, [0.2]),
    "each wait is twice as long": ((0, 0, 0, 0), 5, "done", 5, [0.2, 0.4, 0.8, 1.6]),
    "a longer wait that is asked for": ((3, 0), 3, "done", 3, [3, 0.4]),
    "a shorter wait that is asked for": ((0.01, 0.1, 0.5), 4, "done", 4, [0.2, 0.4, 0.8]),
    "a wait that is too long": ((3600,), 2, "done", 2, [LONGEST_WAIT]),
    "a wait that is endless": ((float("inf"),), 2, "done", 2, [LONGEST_WAIT]),
    "a wait into the past": ((-5,), 2, "done", 2, [0.2]),
    "many waits": ((0,) * 8, 9, "done", 9, [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, LONGEST_WAIT, LONGEST_WAIT]),
    "too few attempts": ((0, 0, 0), 3, "attempt 3", 3, [0.2, 0.4]),
    "one attempt": ((0,), 1, "attempt 1", 1, []),
    "no use": ((None, 0), 3, "attempt 1", 1, []),
    "no use any more": ((0, None, 0), 3, "attempt 2", 2, [0.2]),
}


@pytest.mark.parametrize(("waits", "attempts", "outcome", "tries", "slept"), WAITS.values(), ids=WAITS)
def test_waits_and_tries_again(waits, attempts, outcome, tries, slept):
    found, tried, waited = run(*waits, attempts=attempts)

    assert (found, tried) == (outcome, tries)
    assert waited == pytest.approx(slept)


def test_the_first_wait_is_the_one_that_is_named():
    assert run(0, attempts=2)[2] == [FIRST_WAIT]


def test_the_last_error_is_raised_as_it_is():
    errors = [ValueError("first"), KeyError("last")]

    def attempt():
        raise errors[len(seen)]

    seen = []

    def again(error):
        seen.append(error)
        return 0

    with pytest.raises(KeyError) as caught:
        retry(attempt, again=again, attempts=2, sleep=lambda seconds: None)

    assert caught.value is errors[1]
    assert seen == errors


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_whoever_wants_to_stop_is_not_asked_again(stop):
    def attempt():
        raise stop

    def never(error):
        raise AssertionError("nothing to decide")

    with pytest.raises(stop):
        retry(attempt, again=never, attempts=3, sleep=never)


@pytest.mark.parametrize("attempts", [0, -1])
def test_no_attempt_at_all_is_a_mistake(attempts):
    with pytest.raises(ValueError, match="attempts must be at least 1"):
        retry(lambda: "done", again=lambda error: None, attempts=attempts)
