"""Who is signed in at a page, and for how long."""

from __future__ import annotations

import pytest

pytest.importorskip("fastapi", reason="the service needs the extra `web`")

from provenance.web.pages.sessions import LASTS, Sessions


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_a_session_lasts_for_a_working_day_and_no_longer():
    clock = Clock()
    kept = Sessions(clock=clock)
    word = kept.begin("key")
    clock.now = LASTS - 1
    assert kept.key(word) == "key"
    clock.now = LASTS
    assert kept.key(word) is None


def test_a_session_that_was_ended_is_over():
    kept = Sessions()
    one, other = kept.begin("one"), kept.begin("other")
    kept.end(one)
    assert (kept.key(one), kept.key(other)) == (None, "other")


@pytest.mark.parametrize("word", [None, "", "x", "key"])
def test_a_word_that_nobody_was_given_opens_nothing(word):
    kept = Sessions()
    kept.begin("key")
    assert kept.key(word) is None


def test_of_very_many_the_oldest_end():
    kept = Sessions()
    words = [kept.begin(str(number)) for number in range(1001)]
    assert kept.key(words[0]) is None
    assert kept.key(words[1]) == "1"
    assert len(set(words)) == len(words)
