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


def _asked(kind):
    """Have a body of some kind refused or read; returns the status of a refusal, or how many bytes were read."""
    answered = []

    async def ask():
        messages = _body(3_000_000, 3_000_000)
        got = 0

        async def receive():
            return messages.pop(0)

        async def send(message):
            answered.append(message)

        async def app(scope, receive, send):
            nonlocal got
            while (message := await receive()).get("more_body"):
                got += len(message["body"])
            got += len(message["body"])

        scope = {"type": "http", "headers": [(b"content-type", kind)]}
        await Intake(app, largest=100_000_000)(scope, receive, send)
        return got

    got = asyncio.run(ask())
    return answered[0]["status"] if answered else got


@pytest.mark.parametrize(
    "kind", [b"application/json", b"Application/JSON; charset=x", b"application/x-www-form-urlencoded"]
)
def test_what_is_read_as_a_whole_is_not_as_large_as_a_file(kind):
    with pytest.raises(Problem) as raised:
        _asked(kind)
    assert raised.value.status == 413


@pytest.mark.parametrize(
    "kind", [b"image/jpeg", b"", b"multipart/form-data; boundary=x", b"multipart/form-data; charset=UTF-8"]
)
def test_what_goes_to_a_file_may_be_as_large_as_one(kind):
    assert _asked(kind) == 6_000_000


@pytest.mark.parametrize("letters", [b"undefined", b"utf-7", b"idna", b"unicode_escape", b"utf-16", b'"utf-32"'])
def test_forms_are_read_as_utf_8_only(letters):
    assert _asked(b"multipart/form-data; boundary=x; charset=" + letters) == 415
