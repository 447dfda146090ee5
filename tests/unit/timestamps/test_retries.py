"""An authority is asked again only where that is some use, and nobody waits for long."""

from __future__ import annotations

import pytest

from tests.support.tsa_tokens import ask
from tests.unit.timestamps.asking import SOON, Waits, client, refusal

RETRIES = {
    "a server that is busy": ("busy", ["busy", "busy"], [0.2]),
    "a server that names a time to wait": ("limited", ["limited", "limited"], [3.0]),
    "a server that stays busy": ("overloaded", ["overloaded"] * 2 + ["good"], [0.2]),
    "a server that names a time beyond patience": ("patient", ["patient", "good"], []),
    "nobody listening": ("dead", ["good"], [0.2]),
    "a time that ran out": ("slow", ["slow", "good"], []),
    "a page that is not there": ("missing", ["missing", "good"], []),
    "an answer that is wrong": ("tampered", ["tampered", "good"], []),
}


@pytest.mark.parametrize(("path", "asked", "waited"), RETRIES.values(), ids=RETRIES)
def test_an_authority_is_asked_again_only_where_that_is_some_use(path, asked, waited, tsa):
    waits = Waits()
    first = tsa.dead if path == "dead" else path
    deadline = SOON if path == "slow" else 10.0
    client(tsa, first, "good", sleep=waits, deadline=deadline).answer(ask())
    assert (tsa.asked, waits) == (asked, waited)


def test_attempts_can_be_chosen(tsa):
    waits = Waits()
    refusal(client(tsa, "overloaded", attempts=4, sleep=waits))
    assert (len(tsa.asked), waits) == (4, [0.2, 0.4, 0.8])


DATES = {
    "in five seconds": ("Sun, 01 Mar 2026 12:00:05 GMT", 5.0),
    "without a zone": ("Sun, 01 Mar 2026 12:00:05 -0000", 5.0),
    "long ago": ("Sun, 01 Mar 2020 12:00:00 GMT", 0.2),
    "in two hours": ("Sun, 01 Mar 2026 14:00:00 GMT", None),
    "seconds": ("7", 7.0),
    "too many seconds": ("9" * 400, None),
    "nonsense": ("soon", 0.2),
    "other digits": ("²", 0.2),
    "nothing": ("", 0.2),
}


@pytest.mark.parametrize(("asked", "waited"), DATES.values(), ids=DATES)
def test_the_time_to_wait_may_be_a_number_or_a_date(asked, waited, tsa, monkeypatch):
    monkeypatch.setattr(tsa, "retry_after", asked)
    waits = Waits()
    refusal(client(tsa, "patient", sleep=waits))
    assert waits == ([] if waited is None else [waited])
