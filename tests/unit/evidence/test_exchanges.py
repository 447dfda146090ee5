"""What was asked is kept to the byte, and a replay is told the same; it never asks anybody."""

from __future__ import annotations

import pytest

from provenance.errors import FetchError
from provenance.evidence.exchanges import Answering, FetchedThen, FetchRecorder, Recorder
from provenance.evidence.form import Fetched
from provenance.network import Answer, Client

URL = "http://ocsp.example/"


class Script(Client):
    """Answers from a list: an answer's status, headers and body, or an error."""

    def __init__(self, *told):
        super().__init__()
        self.told = list(told)

    def request(self, method, url, *, body=None, headers=None):
        found = self.told.pop(0)
        if isinstance(found, FetchError):
            raise found
        status, answered, data = found
        return Answer(url=url, status=status, headers=answered, body=data)


SCRIPT = (
    (503, {"retry-after": "3", "server": "x"}, b"busy"),
    FetchError("the time was over", path=URL),
    (200, {}, b"answer"),
)


def asked(client):
    """Ask the same question three times and another once; return what came of it."""
    found = []
    for _ in range(3):
        try:
            answer = client.request("POST", URL, body=b"question", headers={"Accept": "x"})
        except FetchError as error:
            found.append(error.message)
        else:
            found.append((answer.status, answer.headers.get("retry-after"), answer.body))
    return found


def test_a_replay_is_told_what_was_answered_in_the_same_order():
    recorder = Recorder(Script(*SCRIPT))
    first = asked(recorder)

    again = asked(Answering(recorder.exchanges, recorder.parts))

    assert first == again == [(503, "3", b"busy"), "the time was over", (200, None, b"answer")]
    assert recorder.parts == {"revocation/asked-1.der": b"busy", "revocation/asked-2.der": b"answer"}


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [("GET", URL, b"question"), ("POST", f"{URL}x", b"question"), ("POST", URL, b"other"), ("POST", URL, None)],
)
def test_a_replay_answers_nothing_that_was_not_asked(method, url, body):
    recorder = Recorder(Script(*SCRIPT))
    asked(recorder)

    with pytest.raises(FetchError, match="asks nobody"):
        Answering(recorder.exchanges, recorder.parts).request(method, url, body=body)


def test_a_replay_answers_no_more_often_than_was_asked():
    recorder = Recorder(Script(*SCRIPT))
    asked(recorder)
    client = Answering(recorder.exchanges, recorder.parts)
    asked(client)

    assert asked(client) == ["this was not asked when the pack was made, and a replay asks nobody"] * 3


class Source:
    def __init__(self, data):
        self.data = data

    def fetch(self, url):
        if self.data is None:
            raise FetchError("the server answers 404", path=url)
        return self.data


@pytest.mark.parametrize("data", [b"store", None])
def test_a_remote_manifest_is_kept_and_given_again(data):
    recorder = FetchRecorder(Source(data))
    then = fetched(recorder)

    assert fetched(FetchedThen(recorder.fetched, recorder.data)) == then == (data or "the server answers 404")


def fetched(source):
    try:
        return source.fetch(URL)
    except FetchError as error:
        return error.message


@pytest.mark.parametrize("told", [None, Fetched(url="https://other/", failure=None)])
def test_a_replay_fetches_nothing_else(told):
    assert "asks nobody" in fetched(FetchedThen(told, b"store"))
