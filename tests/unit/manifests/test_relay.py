"""The relay answers the engine alone: on this machine, under its own path, while it is open."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx
import pytest

from provenance.errors import FetchError, TimestampError
from provenance.manifests.relay import Relay


@dataclass
class Authority:
    fails: Exception | None = None
    asked: list[bytes] = field(default_factory=list)

    def answer(self, request):
        self.asked.append(request)
        if self.fails:
            raise self.fails

        @dataclass
        class Answer:
            response: bytes = b"the answer"

        return Answer()


def post(url, body=b"a request"):
    return httpx.post(url, content=body, trust_env=False, timeout=5)


def test_it_hands_on_what_the_authority_says():
    authority = Authority()
    with Relay(authority) as relay:
        answer = post(relay.url)

    assert (answer.status_code, answer.content) == (200, b"the answer")
    # The engine takes nothing else.
    assert answer.headers["content-type"] == "application/timestamp-reply"
    assert authority.asked == [b"a request"]
    assert relay.cause is None


@pytest.mark.parametrize("path", ["", "/", "/guess", "/../x"])
def test_nobody_gets_in_by_another_path(path):
    authority = Authority()
    with Relay(authority) as relay:
        answer = post(f"http://{relay.host}{path}")

    assert answer.status_code == 404
    assert authority.asked == []


def test_two_relays_have_two_paths():
    with Relay(Authority()) as one, Relay(Authority()) as other:
        assert one.url.rpartition("/")[2] != other.url.rpartition("/")[2]
        assert len(one.url.rpartition("/")[2]) >= 20


def test_a_large_request_is_refused():
    authority = Authority()
    with Relay(authority) as relay:
        assert post(relay.url, bytes(5000)).status_code == 404
    assert authority.asked == []


FAILURES = {
    "what it says": (TimestampError("none answers"), TimestampError, "none answers"),
    "another of ours": (FetchError("no way"), FetchError, "no way"),
    "anything else": (ValueError("secret detail"), TimestampError, "the time-stamp authority failed: ValueError"),
}


@pytest.mark.parametrize(("raised", "kind", "words"), FAILURES.values(), ids=FAILURES)
def test_what_goes_wrong_is_kept_as_the_cause(raised, kind, words):
    with Relay(Authority(fails=raised)) as relay:
        assert post(relay.url).status_code == 503

    assert type(relay.cause) is kind
    assert relay.cause.message == words


def test_it_is_gone_afterwards():
    with Relay(Authority()) as relay:
        url = relay.url
    with pytest.raises(httpx.ConnectError):
        post(url)
