"""Files leave the hot folder: never over another one, and never lost."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from provenance.batch.hot import aside
from provenance.batch.hot.aside import put_aside
from provenance.errors import OutputError


@pytest.fixture(params=["one file system", "across", "no links"])
def folder(request, tmp_path, monkeypatch):
    """Where files go."""
    if request.param == "across":
        shared = Path("/dev/shm")
        if not shared.is_dir() or shared.stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("there is no second file system")
        with tempfile.TemporaryDirectory(dir=shared) as found:
            yield Path(found) / "done"
        return
    if request.param == "no links":

        def refuse(*_arguments, **_named):
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(aside.os, "link", refuse)
    yield tmp_path / "done"


@pytest.fixture
def hot(tmp_path):
    path = tmp_path / "hot"
    path.mkdir()
    return path


def write(path, text):
    path.write_text(text)
    os.utime(path, ns=(10**18, 10**18))
    return path


def contents(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_file_is_moved_as_it_is(hot, folder):
    moved = put_aside(write(hot / "a.jpg", "one"), folder)
    assert (moved, moved.read_text(), moved.stat().st_mtime_ns) == (folder / "a.jpg", "one", 10**18)
    assert list(hot.iterdir()) == []


def test_another_file_keeps_its_name(hot, folder):
    for text in ("one", "two", "three"):
        put_aside(write(hot / "a.jpg", text), folder)
    assert contents(folder) == {"a.jpg": "one", "a-2.jpg": "two", "a-3.jpg": "three"}


def test_sidecars_come_along_under_the_name_of_their_file(hot, folder):
    put_aside(write(hot / "a.jpg", "one"), folder)
    write(hot / "a.jpg.c2pa", "long")
    write(hot / "a.c2pa", "short")
    put_aside(write(hot / "a.jpg", "two"), folder)
    assert contents(folder) == {"a.jpg": "one", "a-2.jpg": "two", "a-2.jpg.c2pa": "long", "a-2.c2pa": "short"}
    assert list(hot.iterdir()) == []


def test_a_sidecar_of_another_file_stays(hot, folder):
    write(hot / "a.c2pa", "of whom?")
    write(hot / "a.png", "other")
    put_aside(write(hot / "a.jpg", "one"), folder)
    assert sorted(contents(hot)) == ["a.c2pa", "a.png"]


def test_a_sidecar_that_is_there_is_not_replaced(hot, folder):
    folder.mkdir()
    write(folder / "a.jpg.c2pa", "of an earlier one")
    write(hot / "a.jpg.c2pa", "mine")
    put_aside(write(hot / "a.jpg", "one"), folder)
    assert contents(folder) == {"a.jpg.c2pa": "of an earlier one", "a-2.jpg": "one", "a-2.jpg.c2pa": "mine"}


def test_who_was_killed_in_between_goes_on(hot, folder):
    """Everything has its second name, and nothing has lost the first."""
    write(hot / "a.jpg.c2pa", "sidecar")
    write(hot / "a.jpg", "one")
    folder.mkdir()
    for path in hot.iterdir():
        shutil.copy2(path, folder)
    assert put_aside(hot / "a.jpg", folder) == folder / "a.jpg"
    assert contents(folder) == {"a.jpg": "one", "a.jpg.c2pa": "sidecar"}
    assert list(hot.iterdir()) == []


def test_a_link_still_leads_to_its_file(hot, folder, tmp_path):
    write(tmp_path / "elsewhere.jpg", "one")
    (hot / "a.jpg").symlink_to("../elsewhere.jpg")
    assert put_aside(hot / "a.jpg", folder).read_text() == "one"
    assert (tmp_path / "elsewhere.jpg").exists()


def test_long_names_get_numbers_too(hot, folder):
    name = "é" * 122 + ".jpg"
    put_aside(write(hot / name, "one"), folder)
    put_aside(write(hot / name, "two"), folder)
    assert sorted(contents(folder).values()) == ["one", "two"]


def test_what_cannot_be_moved_stays(hot, tmp_path):
    (tmp_path / "done").write_text("a file")
    with pytest.raises(OutputError, match="cannot be moved"):
        put_aside(write(hot / "a.jpg", "one"), tmp_path / "done")
    assert contents(hot) == {"a.jpg": "one"}
