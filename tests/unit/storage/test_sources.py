"""Sources: a path, bytes or an open file, or an error that says what is wrong with it."""

from __future__ import annotations

import io
import os

import pytest

from provenance.errors import UnreadableMedia
from provenance.storage import open_source, sources

GIVEN = {
    "bytes": lambda path: path.read_bytes(),
    "bytearray": lambda path: bytearray(path.read_bytes()),
    "memoryview": lambda path: memoryview(path.read_bytes()),
    "text path": str,
    "path": lambda path: path,
    "stream": lambda path: io.BytesIO(path.read_bytes()),
}


@pytest.mark.parametrize("given", GIVEN.values(), ids=GIVEN)
def test_every_way_of_giving_a_file_gives_the_same_bytes(given, tmp_path):
    path = tmp_path / "data.bin"
    path.write_bytes(b"some bytes")
    source = open_source(given(path))
    assert (source.read(), source.size, source.head(4)) == (b"some bytes", 10, b"some")
    with source.stream() as one, source.stream() as other:
        assert (one.read(), other.read()) == (b"some bytes", b"some bytes")


def test_a_held_file_is_what_it_was(tmp_path):
    path = tmp_path / "data.bin"
    path.write_bytes(b"some bytes")
    source = open_source(path)
    held = source.held()
    path.write_bytes(b"others")
    assert (held.read(), held.size, held.path) == (b"some bytes", 10, path)
    assert source.read() == b"others"


def test_a_large_file_is_not_held_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "IN_MEMORY", 4)
    path = tmp_path / "data.bin"
    path.write_bytes(b"some bytes")
    source = open_source(path)
    assert source.held().data is None
    assert (source.read(), source.head(4)) == (b"some bytes", b"some")
    path.unlink()
    with pytest.raises(UnreadableMedia, match="no such file"):
        source.stream()


WRONG = {
    "missing": (lambda folder: folder / "gone.jpg", "no such file"),
    "a folder": (lambda folder: folder, "is a directory"),
    "an empty file": (lambda folder: folder / "empty", "is empty"),
    "no bytes": (lambda _: b"", "is empty"),
    "an empty stream": (lambda _: io.BytesIO(), "is empty"),
    "a text stream": (lambda _: io.StringIO("text"), "was opened as text"),
}


@pytest.mark.parametrize(("given", "words"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_read_says_why(given, words, tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(UnreadableMedia) as caught:
        open_source(given(tmp_path))
    assert words in caught.value.message


def test_a_file_that_may_not_be_read_says_so(tmp_path):
    path = tmp_path / "secret.jpg"
    path.write_bytes(b"x")
    path.chmod(0)
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)  # root may read everything, nobody may not
    try:
        with pytest.raises(UnreadableMedia, match="may not be read"):
            open_source(path)
    finally:
        os.seteuid(was)


def test_a_path_with_a_null_character_is_refused_as_any_other():
    with pytest.raises(UnreadableMedia):
        open_source("photo\0.jpg")


def test_a_name_is_taken_from_the_stream_when_it_has_one(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"x")
    with path.open("rb") as stream:
        assert open_source(stream).name == str(path)
    assert open_source(io.BytesIO(b"x")).name == "(bytes)"
    assert open_source(b"x").name == "(bytes)"
