"""Which names an audit is about, and what is really found under one."""

from __future__ import annotations

import os

import pytest

from provenance.batch.auditing import scopes
from provenance.batch.auditing.scopes import Standing
from provenance.batch.finding import Wanted
from provenance.errors import StoreError, UnreadableMedia


def scope(name, **wanted):
    return scopes.scope_of(name, Wanted(**wanted))


def within(name, found):
    return any(low <= os.fsencode(name) < high for low, high in found.ranges())


COVERED = {
    "below": ("/a", {}, "/a/b/c.jpg", True),
    "beside": ("/a", {}, "/ab/c.jpg", False),
    "beside, and sorted between": ("/a", {}, "/a-b/c.jpg", False),
    "the folder's own name, when it was a file": ("/a/b.jpg", {}, "/a/b.jpg", True),
    "everything": ("/", {}, "/a.jpg", True),
    "a slash at the end": ("/a/", {}, "/a/b.jpg", True),
    "deeper than wanted": ("/a", {"recursive": False}, "/a/b/c.jpg", False),
    "as deep as wanted": ("/a", {"recursive": False}, "/a/c.jpg", True),
    "left out by name": ("/a", {"exclude": ("*.jpg",)}, "/a/c.jpg", False),
    "not among what is wanted": ("/a", {"include": ("*.png",)}, "/a/c.jpg", False),
    "wanted by its path": ("/a", {"include": ("b/*",)}, "/a/b/c.jpg", True),
    "hidden": ("/a", {}, "/a/.b/c.jpg", False),
    "of another type": ("/a", {}, "/a/c.txt", False),
    "fits a pattern": ("/a/*.jpg", {}, "/a/c.jpg", True),
    "fits a pattern, but deeper": ("/a/*.jpg", {}, "/a/b/c.jpg", False),
    "in a folder that fits": ("/a/2024-*", {}, "/a/2024-01/b/c.jpg", True),
    "in a folder that does not": ("/a/2024-*", {}, "/a/2025-01/c.jpg", False),
    "any depth, here none": ("/a/**/*.jpg", {}, "/a/c.jpg", True),
    "any depth": ("/a/**/*.jpg", {}, "/a/b/d/c.jpg", True),
    "a folder that is gone and looks like a pattern": ("/a/shots [1]", {}, "/a/shots [1]/c.jpg", True),
    "an object": ("s3://b/a", {}, "s3://b/a/c.jpg", True),
    "an object elsewhere": ("s3://b/a", {}, "s3://b/ab/c.jpg", False),
    "a whole bucket": ("s3://b", {}, "s3://b/a/.c.jpg", True),
}


@pytest.mark.parametrize("case", COVERED.values(), ids=COVERED)
def test_a_scope_covers_what_would_be_come_across(case):
    name, wanted, file, covered = case
    found = scope(name, **wanted)
    assert found.covers(file) is covered
    assert not covered or within(file, found)


def test_a_range_leaves_out_what_is_beside():
    assert not within("/a-b", scope("/a"))
    assert not within("/a0", scope("/a"))
    assert within("/a/\udcff\udcff.jpg", scope("/a"))
    assert within("/\udcff/x.jpg", scope("/\udcff"))


def test_a_full_name_is_the_same_from_everywhere(tmp_path, monkeypatch):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "a" / "b")
    monkeypatch.chdir(tmp_path / "a")
    expected = str(tmp_path / "a" / "c.jpg")
    assert scopes.full("c.jpg") == scopes.full("./c.jpg") == scopes.full("../a//c.jpg") == expected
    assert scopes.full("../link/../c.jpg") == expected
    assert scopes.full("../link/c.jpg") == str(tmp_path / "link" / "c.jpg")
    assert scopes.full("S3://b/k/") == scopes.full("s3://b/k") == "s3://b/k"


@pytest.mark.parametrize(
    ("name", "folders"),
    [
        ("/a/b/c.jpg", ["/a/b", "/a", "/"]),
        ("/c.jpg", ["/"]),
        ("s3://b/a/c.jpg", ["s3://b/a", "s3://b"]),
        ("s3://b", []),
    ],
)
def test_the_folders_above(name, folders):
    assert list(scopes.above(name)) == folders


def test_what_is_found_under_a_name(tmp_path):
    (tmp_path / "file.jpg").write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "dead.jpg").symlink_to("nowhere.jpg")
    standings = {
        "file.jpg": Standing.FILE,
        "folder": Standing.OTHER,
        "dead.jpg": Standing.NOTHING,
        "none.jpg": Standing.NOTHING,
        "file.jpg/x.jpg": Standing.NOTHING,
        "x" * 300: Standing.UNKNOWN,
        "nul\0": Standing.UNKNOWN,
    }
    assert {name: scopes.look(str(tmp_path / name))[0] for name in standings} == standings


def test_a_store_that_says_nothing_does_not_say_that_something_is_gone():
    assert scopes.look("s3://b/k", StoreError("no answer"))[0] is Standing.UNKNOWN
    assert scopes.look("s3://b/k", UnreadableMedia("there are no objects here"))[0] is Standing.NOTHING
