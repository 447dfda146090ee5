import asyncio

import pytest

from provenance.web.intake import SPARE, Intake
from provenance.web.problems import Problem


async def _read(messages, *, headers=(), largest=100, idle=5.0, delay=0.0):
    """Have an application read a whole body through the rules; returns how many bytes it got."""
    waiting = list(messages)
    got = 0

    async def receive():
        await asyncio.sleep(delay)
        return waiting.pop(0)

    async def app(scope, receive, send):
        nonlocal got
        while True:
            message = await receive()
            got += len(message.get("body", b""))
            if not message.get("more_body"):
                return

    await Intake(app, largest=largest, idle=idle)({"type": "http", "headers": list(headers)}, receive, None)
    return got


def _body(*sizes):
    more = len(sizes)
    return [
        {"type": "http.request", "body": b"x" * size, "more_body": number < more}
        for number, size in enumerate(sizes, 1)
    ]


def test_a_body_within_the_limit_passes():
    assert asyncio.run(_read(_body(60, 40))) == 100


@pytest.mark.parametrize(
    ("messages", "headers"),
    [
        (_body(SPARE, 101), ()),
        (_body(10), ((b"content-length", str(SPARE + 101).encode()),)),
    ],
    ids=["counted", "stated"],
)
def test_a_body_beyond_the_limit_is_refused(messages, headers):
    with pytest.raises(Problem) as raised:
        asyncio.run(_read(messages, headers=headers))
    assert raised.value.status == 413


def test_a_body_that_does_not_come_is_given_up():
    with pytest.raises(Problem) as raised:
        asyncio.run(_read(_body(10, 10), idle=0.01, delay=10))
    assert raised.value.status == 408
