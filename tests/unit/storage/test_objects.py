"""Objects are found, looked at and fetched: exactly one version of them, whole or not at all."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from provenance.errors import OutputError, SettingsError, StoreError, TooLarge, UnreadableMedia
from provenance.storage import clients, is_object, objects

ODD_KEYS = ["a b.jpg", "ü/é ñ.jpg", "100%.jpg", "x%20y.jpg", "h#a.jpg", "q?m=1&n.jpg", "p+.jpg", "~*[1]'\"<&>.jpg", "…"]


def found(*args, **more):
    return sorted(item.relative for item in objects.walk(*args, **more))


@pytest.mark.parametrize("key", ODD_KEYS)
def test_a_key_means_itself(key, store, tmp_path):
    store.put(key, key.encode())
    (entry,) = objects.walk(store.address())
    assert (entry.name, entry.relative, entry.size) == (store.address(key), key, len(key.encode()))
    assert objects.fetch(entry.name, tmp_path / "got").version == entry.version
    assert (tmp_path / "got").read_bytes() == key.encode()
    delivered = objects.deliver(tmp_path / "got", entry.name, overwrite=True)
    assert store.get(key) == key.encode()
    assert delivered == objects.stat(entry.name)
    objects.remove(entry.name)
    assert objects.stat(entry.name) is None


def test_walking_finds_what_is_below_a_prefix_and_nothing_else(store):
    for key in ("photos/a.jpg", "photos/deep/b.jpg", "photos-old/c.jpg", "photos.jpg", "top.jpg"):
        store.put(key)
    for address in (store.address("photos"), store.address("photos/")):
        assert found(address) == ["a.jpg", "deep/b.jpg"]
        assert found(address, recursive=False) == ["a.jpg"]
    assert len(found(store.address())) == 5
    assert found(store.address(), recursive=False) == ["photos.jpg", "top.jpg"]
    assert found(store.address("photos/deep/b.jpg")) == ["b.jpg"]


def test_every_way_of_looking_gives_the_same_version_until_the_content_changes(store, tmp_path):
    store.put("a/b.jpg", b"one")
    address = store.address("a/b.jpg")
    (walked,) = objects.walk(store.address("a"))
    versions = {walked.version, objects.stat(address).version, objects.fetch(address, tmp_path / "b").version}
    assert len(versions) == 1
    store.put("a/b.jpg", b"two")
    assert objects.stat(address).version not in versions


def test_more_objects_than_a_page_holds_are_all_found_page_by_page(bucket):
    bucket.fill(f"many/{number:05}.jpg" for number in range(1203))
    walk = objects.walk(bucket.address("many"))
    assert next(walk).relative == "00000.jpg"
    pages = [item for item in bucket.requests if "list-type" in item[2]]
    assert len(pages) == 1
    assert [item.relative for item in walk] == [f"{number:05}.jpg" for number in range(1, 1203)]


def test_markers_of_folders_are_no_objects_but_empty_objects_are(bucket):
    for key, data in {"f/": b"", "f/deep/": b"", "f/deep/a.jpg": b"x", "f/empty.jpg": b""}.items():
        bucket.put(key, data)
    assert found(bucket.address("f")) == ["deep/a.jpg", "empty.jpg"]


@pytest.mark.parametrize("key", ["a//b.jpg", "up/../../b.jpg", "./b.jpg", "a/..", "c\x01d.jpg"])
def test_a_key_that_cannot_be_worked_with_is_named_and_never_passed_over(key, bucket):
    bucket.put(key)
    with pytest.raises(StoreError, match="whose key cannot be worked with") as caught:
        list(objects.walk(bucket.address()))
    assert key.replace("\x01", "\\x01") in caught.value.message


def test_a_key_with_a_leading_slash_is_not_taken_for_another(bucket, tmp_path):
    bucket.put("/a.jpg")
    (entry,) = objects.walk(bucket.address())
    with pytest.raises(UnreadableMedia, match="no such object"):
        objects.fetch(entry.name, tmp_path / "a")


def test_nothing_at_all_is_an_error_when_walking_and_none_when_looking(store):
    with pytest.raises(UnreadableMedia, match="no objects here"):
        list(objects.walk(store.address()))
    store.put("a.jpg")
    with pytest.raises(UnreadableMedia, match="no objects here"):
        list(objects.walk(store.address("b")))
    assert objects.stat(store.address("b")) is None
    objects.remove(store.address("b"))


WITHOUT_BUCKET = {
    "walk": lambda address, path: list(objects.walk(address)),
    "stat": lambda address, path: objects.stat(address),
    "fetch": lambda address, path: objects.fetch(address, path / "got"),
    "deliver": lambda address, path: objects.deliver(path / "local", address, overwrite=True),
    "deliver a new one": lambda address, path: objects.deliver(path / "local", address, overwrite=False),
    "deliver in parts": lambda address, path: objects.deliver(path / "large", address, overwrite=True),
    "remove": lambda address, path: objects.remove(address),
}


@pytest.fixture
def local(tmp_path):
    (tmp_path / "local").write_bytes(b"data")
    (tmp_path / "large").write_bytes(b"x" * (2 * clients.PIECE))
    return tmp_path


@pytest.mark.parametrize("ask", WITHOUT_BUCKET.values(), ids=WITHOUT_BUCKET)
def test_a_missing_bucket_is_not_a_missing_object(ask, store, local):
    with pytest.raises(StoreError, match="there is no such bucket") as caught:
        ask(f"{store.scheme}://nobody-has-this-{store.bucket}/a.jpg", local)
    assert "check its name" in caught.value.hint


def test_what_cannot_be_fetched_says_why_and_leaves_nothing(store, tmp_path):
    store.put("empty.jpg", b"")
    store.put("large.jpg", b"x" * 11)
    for key, kind, words in (
        ("gone.jpg", UnreadableMedia, "no such object"),
        ("empty.jpg", UnreadableMedia, "is empty"),
        ("large.jpg", TooLarge, "has 11 bytes, and 10 are allowed"),
    ):
        with pytest.raises(kind, match=words) as caught:
            objects.fetch(store.address(key), tmp_path / "got", largest=10)
        assert caught.value.path == store.address(key)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OutputError):
        objects.fetch(store.address("large.jpg"), tmp_path / "no" / "folder")


def test_a_large_object_comes_in_pieces_of_one_version(store, tmp_path):
    data = bytes(range(256)) * (1 + 2 * clients.PIECE // 256)
    store.put("a.mp4", data)
    entry = objects.fetch(store.address("a.mp4"), tmp_path / "a", largest=len(data))
    assert (tmp_path / "a").read_bytes() == data
    assert entry == objects.stat(store.address("a.mp4"))


def test_an_object_that_changes_while_it_is_read_is_refused(bucket, tmp_path):
    bucket.put("a.mp4", b"a" * (3 * clients.PIECE))
    seen = []

    def change(method, path, query):
        seen.append(path)
        if len(seen) == 2:
            bucket.put("a.mp4", b"b" * (3 * clients.PIECE))

    bucket.answer_with(change)
    (tmp_path / "got").write_bytes(b"before")
    with pytest.raises(UnreadableMedia, match="was changed while it was read"):
        objects.fetch(bucket.address("a.mp4"), tmp_path / "got")
    assert [(item.name, item.read_bytes()) for item in tmp_path.iterdir()] == [("got", b"before")]


@pytest.mark.parametrize("name", ["s3://b/k", "S3://b/k", "gs://b/k", "az://c/k", "s3://", "s3://b"])
def test_addresses_are_known_by_their_scheme(name):
    assert is_object(name)


@pytest.mark.parametrize("name", ["photo.jpg", "s3:/b/k", "s3", "file://a", "http://b/k", "/s3://b/k", "xs3://b/k"])
def test_other_names_are_not_addresses(name):
    assert not is_object(name)


WRONG = {
    "no bucket": ("s3://", "names no bucket"),
    "no bucket but a key": ("s3:///key", "names no bucket"),
    "another scheme": ("ftp://bucket/key", "names no object store"),
    "a host": ("s3://user:password@host:9000/key", "no name of a bucket"),
    "no key": ("s3://bucket", "not an object"),
    "a folder": ("s3://bucket/folder/", "not an object"),
    "a leading slash": ("s3://bucket//key", "part without a name"),
    "a part without a name": ("gs://bucket/a//key", "part without a name"),
    "a way up": ("az://bucket/a/../../key", "part . or .."),
    "a line break": ("s3://bucket/a\nb", "control character"),
}


@pytest.mark.parametrize(("address", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_address_is_refused_before_anybody_is_asked(address, words, local):
    for ask in (WITHOUT_BUCKET["stat"], WITHOUT_BUCKET["fetch"], WITHOUT_BUCKET["deliver"], WITHOUT_BUCKET["remove"]):
        with pytest.raises(SettingsError, match=re.escape(words)) as caught:
            ask(address, local)
        assert "write s3://" in caught.value.hint
        assert "password" not in str(caught.value)
        assert str(caught.value).isprintable()
    if "not an object" not in words:
        with pytest.raises(SettingsError):
            objects.walk(address)


def test_without_the_extra_it_is_said_what_to_install(monkeypatch, local):
    for name in ("obstore", "obstore.exceptions", "obstore.store"):
        monkeypatch.setitem(sys.modules, name, None)
    clients._client.cache_clear()
    for ask in WITHOUT_BUCKET.values():
        with pytest.raises(SettingsError) as caught:
            ask("s3://some-bucket/a.jpg", local)
        assert caught.value.hint == "pip install 'media-provenance[objects]'"


def test_the_library_is_loaded_only_when_an_object_is_asked_for():
    program = "import sys, provenance.storage, provenance.storage.objects; sys.exit('obstore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
