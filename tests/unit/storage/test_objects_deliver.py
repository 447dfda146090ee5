"""Files are delivered whole or not at all, and never over somebody else's object unasked."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from provenance.errors import OutputExists, StoreError, TooLarge, UnreadableMedia
from provenance.storage import clients, deliveries, objects

LARGE = 2 * clients.PIECE + 5
HASTY = objects.Patience(retries=1, within=2.0)


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.jpg"
    path.write_bytes(b"signed")
    return path


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "large.mp4"
    path.write_bytes(bytes(range(256)) * (LARGE // 256) + b"tails")
    return path


@pytest.fixture(params=["small", "large"])
def local(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("overwrite", [False, True], ids=["new", "over"])
def test_a_delivered_object_is_the_file(overwrite, local, store):
    if overwrite:
        store.put("a b/ü.bin", b"before")
    entry = objects.deliver(local, store.address("a b/ü.bin"), overwrite=overwrite, media_type="video/mp4")
    assert store.get("a b/ü.bin") == local.read_bytes()
    assert entry == objects.stat(store.address("a b/ü.bin"))
    assert entry.size == local.stat().st_size


@pytest.mark.parametrize("overwrite", [False, True], ids=["new", "over"])
def test_an_object_has_its_media_type(overwrite, local, bucket):
    objects.deliver(local, bucket.address("a"), overwrite=overwrite, media_type="video/mp4")
    assert bucket.head("a")["ContentType"] == "video/mp4"
    objects.deliver(local, bucket.address("b"), overwrite=overwrite)
    assert bucket.head("b")["ContentType"] == "application/octet-stream"


def test_an_empty_file_can_be_delivered(store, tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    assert objects.deliver(tmp_path / "empty", store.address("e"), overwrite=False).size == 0
    assert store.get("e") == b""


def test_an_object_that_is_there_is_not_overwritten_unasked(local, store):
    store.put("a", b"somebody else's")
    with pytest.raises(OutputExists) as caught:
        objects.deliver(local, store.address("a"), overwrite=False)
    assert store.get("a") == b"somebody else's"
    assert caught.value.path == store.address("a")


@pytest.mark.parametrize("size", [10, LARGE], ids=["small", "large"])
def test_of_several_who_deliver_at_once_exactly_one_wins(size, store, tmp_path):
    ready = threading.Barrier(4)
    for number in range(4):
        (tmp_path / str(number)).write_bytes(str(number).encode() * size)

    def deliver(number):
        ready.wait()
        try:
            return objects.deliver(tmp_path / str(number), store.address("a"), overwrite=False)
        except OutputExists:
            return None

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(deliver, range(4)))
    (winner,) = [number for number, item in enumerate(results) if item is not None]
    assert store.get("a") == str(winner).encode() * size
    assert results[winner] == objects.stat(store.address("a"))


FAILURES = {
    "the start of parts": lambda method, path, query: method == "POST" and query.startswith("uploads"),
    "a part": lambda method, path, query: method == "PUT" and "partNumber=2" in query,
    "the end of parts": lambda method, path, query: method == "POST" and "uploadId" in query,
}


@pytest.mark.parametrize("fails", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("before", [None, b"before"], ids=["new", "over"])
def test_a_failure_in_the_middle_leaves_everything_as_it_was(before, fails, large, bucket):
    if before:
        bucket.put("a", before)
    bucket.answer_with(lambda *asked: (500, b"") if fails(*asked) else None)
    with pytest.raises(StoreError, match=r"the store fails \(500\)"):
        objects.deliver(large, bucket.address("a"), overwrite=True, patience=HASTY)
    assert bucket.keys() == (["a"] if before else [])
    assert not before or bucket.get("a") == before
    assert bucket.uploads() == []


@pytest.mark.parametrize("status", [403, 500])
def test_a_refused_single_request_leaves_nothing(status, local, bucket):
    bucket.answer_with(lambda method, path, query: (status, b"") if method == "PUT" else None)
    with pytest.raises(StoreError, match=str(status)):
        objects.deliver(local, bucket.address("a"), overwrite=False, patience=HASTY)
    assert bucket.keys() == []


def lose_answers(inner):
    """Carry out what is asked, but answer as a server that fails afterwards."""

    def losing(environ, start):
        if environ["REQUEST_METHOD"] != "PUT":
            return inner(environ, start)
        list(inner(environ, lambda *_: None))
        start("500 Lost", [("Content-Length", "0")])
        return [b""]

    return losing


@pytest.mark.parametrize("overwrite", [False, True], ids=["new", "over"])
def test_an_upload_whose_answer_was_lost_is_known_as_ours(overwrite, small, bucket, monkeypatch):
    monkeypatch.setattr(bucket.server.app, "inner", lose_answers(bucket.server.app.inner))
    entry = objects.deliver(small, bucket.address("a"), overwrite=overwrite, patience=HASTY)
    assert bucket.get("a") == small.read_bytes()
    assert entry == objects.stat(bucket.address("a"))


def test_when_the_store_does_not_say_whether_it_arrived_that_is_said(small, bucket):
    bucket.answer_with(lambda *_: (500, b""))
    with pytest.raises(StoreError, match="whether it arrived is not known"):
        objects.deliver(small, bucket.address("a"), overwrite=False, patience=HASTY)


def test_an_object_that_came_and_went_meanwhile_is_no_existing_output(small, bucket):
    bucket.answer_with(lambda method, *_: (412, b"") if method == "PUT" else None)
    with pytest.raises(StoreError, match="at the same time"):
        objects.deliver(small, bucket.address("a"), overwrite=False)


def test_a_new_object_that_no_single_request_can_take_is_refused_before_it_is_sent(large, bucket, monkeypatch):
    monkeypatch.setattr(deliveries, "LARGEST_NEW", {"s3": LARGE - 1})
    with pytest.raises(TooLarge, match="has at most") as caught:
        objects.deliver(large, bucket.address("a"), overwrite=False)
    assert "--force" in caught.value.hint
    assert bucket.requests == []
    objects.deliver(large, bucket.address("a"), overwrite=True)
    assert bucket.get("a") == large.read_bytes()


def test_a_source_that_is_not_there_is_the_sources_fault(bucket, tmp_path):
    with pytest.raises(UnreadableMedia) as caught:
        objects.deliver(tmp_path / "gone", bucket.address("a"), overwrite=True)
    assert caught.value.path == str(tmp_path / "gone")


def test_an_upload_may_take_longer_than_silence_is_borne(large, bucket):
    """While something is sent, nothing is answered: that alone is no silence."""
    bucket.answer_with(lambda method, *_: time.sleep(1.2) if method == "PUT" else None)
    patience = objects.Patience(silence=0.5, slowest=1_000_000, retries=0)
    objects.deliver(large, bucket.address("a"), overwrite=False, patience=patience)
    assert bucket.get("a") == large.read_bytes()
