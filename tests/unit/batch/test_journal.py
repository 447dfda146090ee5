"""The journal loses nothing, whoever writes beside it, and says what is wrong with it."""

from __future__ import annotations

import errno
import itertools
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta

import pytest

from provenance.batch import database
from provenance.batch import journal as journals
from provenance.batch.journal import Journal, State
from provenance.batch.work import Fate, Outcome
from provenance.errors import InvalidClaim, OutputError, SettingsError
from tests.support.batch import AT, a_job, done, listing


@pytest.fixture
def path(tmp_path):
    return tmp_path / "home" / "journal.db"


@pytest.fixture
def journal(path):
    with closing(Journal(path)) as found:
        yield found


def begin(journal, *names, recipe="recipe", run="one", label="label", at=AT, version="1"):
    jobs = [(a_job(label=label, version=version), f"/in/{name}", f"/out/{name}") for name in names]
    journal.begin(jobs, recipe=recipe, run=run, at=at)
    return jobs


def finish(journal, jobs, *, recipe="recipe", at=AT, **more):
    outcomes = [(done(job, **{"digest": "abc", "written": "w"} | more), source, target) for job, source, target in jobs]
    journal.finish(outcomes, recipe=recipe, at=at)


def test_what_was_begun_is_known_with_its_label(journal):
    begin(journal, "a.jpg", label="urn:c2pa:1")
    row = journal.known("recipe", "/in/a.jpg", "/out/a.jpg")
    assert (row.state, row.label, row.version, row.written, row.run) == (State.BEGUN, "urn:c2pa:1", "1", None, "one")
    for key in (
        ("other", "/in/a.jpg", "/out/a.jpg"),
        ("recipe", "/in/b.jpg", "/out/a.jpg"),
        ("recipe", "/in/a.jpg", ""),
    ):
        assert journal.known(*key) is None


def test_what_was_done_is_known_with_what_it_made(journal):
    finish(journal, begin(journal, "a.jpg"), beside="s")
    row = journal.known("recipe", "/in/a.jpg", "/out/a.jpg")
    assert (row.state, row.digest, row.written, row.beside) == (State.DONE, "abc", "w", "s")
    assert [item.target for item in journal.outputs()] == ["/out/a.jpg"]


def test_it_is_on_the_disk_when_another_looks(journal, path):
    begin(journal, "a.jpg")
    with closing(Journal(path)) as other:
        assert other.known("recipe", "/in/a.jpg", "/out/a.jpg") is not None


def test_what_failed_is_known_with_its_reason_and_what_was_made_before_stays_known(journal, path):
    finish(journal, begin(journal, "a.jpg"))
    (job, *named), = begin(journal, "a.jpg", run="two", label="another")  # fmt: skip
    error = InvalidClaim("no \udcff", path="a.jpg")
    journal.finish([(Outcome(job=job, fate=Fate.FAILED, error=error), *named)], recipe="recipe", at=AT)
    row = journal.known("recipe", *named)
    assert (row.state, row.written, row.label, row.run) == (State.FAILED, "w", "another", "two")
    assert list(journal.outputs()) == []
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT reason FROM jobs").fetchone() == ("a.jpg: no \\udcff",)


def test_the_makers_of_a_file_are_all_who_ever_began_it(journal):
    begin(journal, "a.jpg", recipe="first")
    begin(journal, "a.jpg", recipe="second", at=AT + timedelta(1))
    finish(journal, begin(journal, "a.jpg", recipe="first"), recipe="first")
    assert {(row.recipe, row.state) for row in journal.makers("/out/a.jpg")} == {
        ("first", State.DONE), ("second", State.BEGUN),
    }  # fmt: skip
    assert journal.makers("/in/a.jpg") == ()


def test_names_that_are_not_text_are_kept_as_they_are(journal):
    name = os.fsdecode(b"\xff\xc3\xa9.jpg")
    finish(journal, begin(journal, name))
    assert [row.source for row in journal.makers(f"/out/{name}")] == [f"/in/{name}"]


_WRITER = """
import sys
from tests.unit.batch.test_journal import Journal, begin, finish
who = sys.argv[2]
journal = Journal(__import__("pathlib").Path(sys.argv[1]))
for group in range(25):
    finish(journal, begin(journal, *(f"{who}-{group}-{number}.jpg" for number in range(20))))
journal.close()
"""


def test_several_batches_at_once_lose_nothing(path):
    """They make the journal together too."""
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(path), str(number)], stderr=subprocess.PIPE, text=True)
        for number in range(4)
    ]
    for writer in writers:
        _, told = writer.communicate(timeout=100)
        assert (writer.returncode, told) == (0, "")
    with closing(Journal(path)) as journal:
        assert sum(row.state is State.DONE for row in journal.outputs()) == 4 * 500


def test_a_killed_writer_leaves_whole_groups(path):
    """What was begun is there to the last one, and nothing is half written."""
    program = _WRITER.replace("journal.close()", "import os; os.kill(os.getpid(), 9)")
    subprocess.run([sys.executable, "-c", program, str(path), "x"], check=False)
    with closing(Journal(path)) as journal:
        assert len(list(journal.outputs())) == 500


def test_one_of_a_newer_program_is_refused_and_stays_as_it_is(path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {journals.VERSION + 1}")
    before = listing(path.parent)
    with pytest.raises(SettingsError, match="newer version of this program"):
        Journal(path)
    assert listing(path.parent) == before


@pytest.mark.parametrize(
    "content", [b"garbage" * 1000, b"SQLite format 3\0" + b"\xff" * 5000], ids=["all", "behind its head"]
)
def test_garbage_is_refused_and_stays_as_it_is(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(SettingsError, match="cannot be used") as caught:
        Journal(path)
    assert "move it away" in caught.value.hint
    assert path.read_bytes() == content


def test_an_empty_file_becomes_one(path):
    path.parent.mkdir()
    path.touch()
    with closing(Journal(path)) as journal:
        begin(journal, "a.jpg")


def test_a_place_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be made") as caught:
        Journal(tmp_path / "file" / "home" / "journal.db")
    assert caught.value.path.endswith("journal.db")


@pytest.fixture
def small_disk(tmp_path):
    """A disk of one megabyte, where one may mount such."""
    place = tmp_path / "disk"
    place.mkdir()
    options = ["-t", "tmpfs", "-o", "size=1m"]
    if os.geteuid() or subprocess.run(["mount", *options, "tmpfs", place], capture_output=True, check=False).returncode:
        pytest.skip("disks cannot be mounted here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_is_said_and_what_was_written_before_stays(small_disk):
    path = small_disk / "journal.db"
    with closing(Journal(path)) as journal:
        begin(journal, "first.jpg")
        filler = small_disk / "filler"
        with filler.open("wb", buffering=0) as stream, pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            stream.writelines(itertools.repeat(bytes(4096)))
        with pytest.raises(OutputError, match="cannot be written") as caught:
            begin(journal, *(f"{number:0200}.jpg" for number in range(500)))
        assert "make room" in caught.value.hint
        filler.unlink()
        begin(journal, "last.jpg")
        for name in ("first.jpg", "last.jpg"):
            assert journal.known("recipe", f"/in/{name}", f"/out/{name}")
        assert journal.known("recipe", f"/in/{0:0200}.jpg", f"/out/{0:0200}.jpg") is None


@pytest.fixture
def frozen(small_disk):
    """A folder that nobody may write in, not even root: its disk is mounted read-only."""
    with closing(Journal(small_disk / "journal.db")) as journal:
        begin(journal, "a.jpg")
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    return small_disk


def test_a_disk_that_is_read_only_is_said(frozen):
    with (
        pytest.raises(OutputError, match=r"readonly|unable to open|read-only"),
        closing(Journal(frozen / "journal.db")) as it,
    ):
        begin(it, "b.jpg")
    with pytest.raises(OutputError, match=r"unable to open|cannot be made"):
        Journal(frozen / "other" / "journal.db")


def test_a_copy_can_be_read_where_nothing_may_be_written(frozen):
    with closing(Journal(frozen / "journal.db", untouched=True)) as journal:
        assert journal.known("recipe", "/in/a.jpg", "/out/a.jpg")


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "in use"])
def test_looking_alone_changes_nothing(path, closed):
    first = Journal(path)
    begin(first, "a.jpg")
    if closed:
        first.close()
    before = listing(path.parent)
    with closing(Journal(path, untouched=True)) as journal:
        assert journal.known("recipe", "/in/a.jpg", "/out/a.jpg")
    assert listing(path.parent) == before
    first.close()


def test_one_that_others_do_not_let_go_of_is_said(path, monkeypatch):
    monkeypatch.setattr(database, "_WAIT", 0.1)
    with closing(Journal(path)) as journal, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutputError, match="locked") as caught:
            begin(journal, "a.jpg")
        assert "let go of it" in caught.value.hint
        assert journal.known("recipe", "/in/a.jpg", "/out/a.jpg") is None
        other.execute("COMMIT")
        begin(journal, "a.jpg")


def test_one_that_others_hold_while_it_is_made_is_not_called_broken(path, monkeypatch):
    monkeypatch.setattr(database, "_WAIT", 0.1)
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OutputError, match="locked") as caught:
            Journal(path)
    assert "move it away" not in caught.value.hint
