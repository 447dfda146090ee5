"""What is found of what somebody means, in which order, and what is said of the rest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from provenance.batch.finding import Finder, Wanted
from provenance.errors import ProvenanceError
from tests.support.batch import tree

TREE = ("a.jpg", "b.PNG", "notes.txt", ".hidden.jpg", ".git/c.jpg", "sub/d.jpg", "sub/deep/e.webp", "sub/f.c2pa")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tree(tmp_path / "in", *TREE)


def found(*names, **wanted):
    finder = Finder(names, Wanted(**wanted))
    return [str(item) if isinstance(item, ProvenanceError) else item.name for item in finder], finder.passed_over


CASES = {
    "a folder": (["in"], {}, ["in/a.jpg", "in/b.PNG", "in/sub/d.jpg", "in/sub/deep/e.webp"], 2),
    "a folder with a slash": (["in/"], {"recursive": False}, ["in/a.jpg", "in/b.PNG"], 1),
    "a file that cannot carry any is taken when it is named": (["in/notes.txt"], {}, ["in/notes.txt"], 0),
    "a hidden file that is named": (["in/.hidden.jpg"], {}, ["in/.hidden.jpg"], 0),
    "a hidden folder that is named": (["in/.git"], {}, ["in/.git/c.jpg"], 0),
    "by name": (["in"], {"include": ("*.jpg",)}, ["in/a.jpg", "in/sub/d.jpg"], 4),
    "by folder": (["in"], {"include": ("sub/*",)}, ["in/sub/d.jpg", "in/sub/deep/e.webp", "in/sub/f.c2pa"], 3),
    "any type that is asked for": (["in"], {"include": ("*.txt",)}, ["in/notes.txt"], 5),
    "but not": (["in"], {"exclude": ("sub/*", "*.PNG")}, ["in/a.jpg"], 5),
    "including and excluding": (["in"], {"include": ("*.jpg",), "exclude": ("d.*",)}, ["in/a.jpg"], 5),
    "filters do not touch what is named": (["in/a.jpg"], {"exclude": ("*.jpg",)}, ["in/a.jpg"], 0),
    "a pattern": (["in/*.jpg"], {}, ["in/a.jpg"], 0),
    "a pattern with a folder in it": (["in/s*/d.jpg"], {}, ["in/sub/d.jpg"], 0),
    "a pattern for folders": (["in/s??"], {}, ["in/sub/d.jpg", "in/sub/deep/e.webp"], 1),
    "a pattern of any depth": (["in/**/*.[jw]*"], {}, ["in/a.jpg", "in/sub/d.jpg", "in/sub/deep/e.webp"], 0),
    "of any depth, but flat": (["in/**/*.jpg"], {"recursive": False}, ["in/sub/d.jpg"], 0),
    "everything below": (["in/**"], {}, ["in/a.jpg", "in/b.PNG", "in/sub/d.jpg", "in/sub/deep/e.webp"], 2),
    "a pattern for hidden files": (["in/.h*"], {}, ["in/.hidden.jpg"], 0),
    "a pattern that nothing fits": (["in/*.gif"], {}, ["in/*.gif: nothing fits this pattern"], 0),
    "one name twice": (["in/a.jpg", "in/a.jpg"], {}, ["in/a.jpg", "in/a.jpg"], 0),
    "a missing file": (["in/none.jpg"], {}, ["in/none.jpg"], 0),
    "one without a folder": (["none/none.jpg"], {}, ["none/none.jpg"], 0),
}


@pytest.mark.parametrize(("names", "wanted", "expected", "passed_over"), CASES.values(), ids=CASES)
def test_what_is_meant_is_found_in_the_order_of_names(folder, names, wanted, expected, passed_over):
    assert found(*names, **wanted) == (expected, passed_over)


def test_absolute_patterns_work(folder):
    assert found(f"{folder}/*.jpg")[0] == [str(folder / "a.jpg")]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(folder):
    tree(folder, "[ab].jpg", "x*.jpg", "xy.jpg")
    assert found("in/[ab].jpg", "in/x*.jpg")[0] == ["in/[ab].jpg", "in/x*.jpg"]


def test_relative_paths_begin_below_what_was_named(folder):
    entries = list(Finder(["in", "in/sub/d.jpg", "in/s*"], Wanted()))
    assert [item.relative for item in entries] == [
        "a.jpg", "b.PNG", "sub/d.jpg", "sub/deep/e.webp", "d.jpg", "d.jpg", "deep/e.webp",
    ]  # fmt: skip


def test_links_to_files_are_followed_and_those_to_folders_are_not(folder):
    (folder / "link.jpg").symlink_to("a.jpg")
    (folder / "outside").symlink_to(folder.parent)
    (folder / "loop").symlink_to(".")
    assert found("in", recursive=True)[0] == [
        "in/a.jpg",
        "in/b.PNG",
        "in/link.jpg",
        "in/sub/d.jpg",
        "in/sub/deep/e.webp",
    ]


def test_a_link_to_a_folder_is_followed_when_it_is_named(folder):
    (folder.parent / "link").symlink_to(folder / "sub")
    assert found("link")[0] == ["link/d.jpg", "link/deep/e.webp"]


def test_a_pattern_of_any_depth_does_not_run_round_in_a_loop(folder):
    """Two loops have 2^40 paths before the system says that it is enough."""
    for name in ("one", "two"):
        (folder / name).symlink_to(".")
    assert found("in/**/*.jpg")[0] == ["in/a.jpg", "in/sub/d.jpg"]


@pytest.mark.parametrize("target", ["nowhere.jpg", "link.jpg"], ids=["dangling", "loop"])
def test_a_link_that_leads_nowhere_is_not_passed_over(folder, target):
    """Whoever works on it says that there is no such file."""
    (folder / "link.jpg").symlink_to(target)
    assert "in/link.jpg" in found("in")[0]


def test_what_is_no_file_is_left_out(folder):
    os.mkfifo(folder / "pipe.jpg")
    (folder / "folder.jpg").mkdir()
    assert found("in", recursive=False)[0] == ["in/a.jpg", "in/b.PNG"]


LISTS = {
    "lines": (b"in/a.jpg\nin/b.PNG\n", ["in/a.jpg", "in/b.PNG"]),
    "as Windows writes them": (b"\xef\xbb\xbfin/a.jpg\r\n\r\nin/b.PNG\r\n", ["in/a.jpg", "in/b.PNG"]),
    "empty lines, no end": (b"\n\nin/a.jpg", ["in/a.jpg"]),
    "a folder in it": (b"in/sub\n", ["in/sub/d.jpg", "in/sub/deep/e.webp"]),
    "no lists, patterns or streams in it": (b"@other\nin/*.jpg\n-\n", ["@other", "in/*.jpg", "-"]),
    "blanks belong to names": (b" in/a.jpg\n", [" in/a.jpg"]),
    "a carriage return too": (b"in/a\rb.jpg\n", ["in/a\rb.jpg"]),
    "names that are not text": (b"in/\xff\xfe.jpg\nin/a.jpg\n", ["in/\udcff\udcfe.jpg", "in/a.jpg"]),
    "a null": (b"in/\0.jpg\nin/a.jpg\n", ["in/\0.jpg", "in/a.jpg"]),
    "a name that is too long": (b"x" * 5000 + b".jpg\nin/a.jpg\n", ["x" * 5000 + ".jpg", "in/a.jpg"]),
    "nothing": (b"", []),
}  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), LISTS.values(), ids=LISTS)
def test_a_list_holds_names(folder, content, expected):
    (folder.parent / "list").write_bytes(content)
    assert found("@list") == (expected, 0 if "in/sub/d.jpg" not in expected else 1)


def test_a_list_names_files_that_are_not_text(folder):
    path = folder / os.fsdecode(b"\xff.jpg")
    path.write_bytes(b"data")
    (folder.parent / "list").write_bytes(b"in/\xff.jpg\n")
    (entry,) = Finder(["@list"], Wanted())
    assert entry.size == 4


@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict"])
def test_standard_input_is_a_list_whatever_the_terminal_speaks(folder, encoding):
    (folder / os.fsdecode(b"\xff\xc3\xa9.jpg")).write_bytes(b"data")
    program = (
        "from provenance.batch.finding import Finder, Wanted\n"
        "for item in Finder(['-'], Wanted()): print(ascii(item.name), item.size)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], input=b"in/\xff\xc3\xa9.jpg\r\nin/none.jpg\n", capture_output=True, check=True,
        env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert told.stdout.decode().splitlines() == [r"'in/\udcff\xe9.jpg' 4", "'in/none.jpg' 0"]


def test_a_missing_list_is_an_error_and_the_next_name_counts(folder):
    assert found("@none", "in/a.jpg")[0] == [
        "none: the list cannot be read: No such file or directory (a file whose name begins with @ is ./@none)",
        "in/a.jpg",
    ]


def test_an_empty_name_is_not_the_current_folder(folder):
    """An unset variable in a script must not sign everything."""
    assert found("", "in/a.jpg")[0] == [
        "one of the names is empty (to mean the current folder, write .)",
        "in/a.jpg",
    ]


def test_names_that_begin_with_an_at_sign_or_a_dash(folder):
    tree(folder, "@x.jpg", "-y.jpg")
    os.chdir(folder)
    assert found("./@x.jpg", "./-y.jpg")[0] == ["@x.jpg", "-y.jpg"]


def test_the_folder_of_the_results_is_left_out(folder):
    tree(folder, "out/z.jpg", "sub/out/y.jpg")
    assert found("in", spare=((folder / "out").resolve(),))[0] == [
        "in/a.jpg", "in/b.PNG", "in/sub/d.jpg", "in/sub/deep/e.webp", "in/sub/out/y.jpg",
    ]  # fmt: skip


def test_a_folder_that_goes_away_in_the_middle_is_an_error_among_files(folder):
    tree(folder, "z.jpg")
    finder = iter(Finder(["in"], Wanted()))
    first = next(finder)
    (folder / "sub").rename(folder.parent / "gone")
    rest = [str(item) if isinstance(item, ProvenanceError) else item.name for item in finder]
    assert first.name == "in/a.jpg"
    assert rest == ["in/b.PNG", "in/sub: the folder cannot be read: No such file or directory", "in/z.jpg"]


@pytest.mark.skipif(os.geteuid() == 0, reason="whoever is root may read everything")
@pytest.mark.parametrize("mode", [0o000, 0o400], ids=oct)
def test_a_folder_that_may_not_be_read_is_not_passed_over(folder, mode):
    (folder / "sub").chmod(mode)
    try:
        told = found("in")[0]
    finally:
        (folder / "sub").chmod(0o700)
    assert any("in/sub" in item for item in told)


@pytest.fixture
def abyss(folder):
    """Folders that are nested as deep as names can be told, and deeper."""
    here = Path.cwd()
    os.chdir("in/sub/deep")
    for _ in range(2100):
        Path("n").mkdir()
        os.chdir("n")
    os.chdir(here)
    yield folder
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_folders_may_be_nested_deeper_than_calls(abyss):
    told = found("in")[0]
    assert told[:4] == ["in/a.jpg", "in/b.PNG", "in/sub/d.jpg", "in/sub/deep/e.webp"]
    assert "the folder cannot be read: File name too long" in told[4]
    assert len(told) == 5
    told = found("in/**/?.jpg")[0]
    assert told[:2] == ["in/a.jpg", "in/sub/d.jpg"]
    assert "File name too long" in told[2]
