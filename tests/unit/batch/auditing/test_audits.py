"""What is remembered of audits: states come back as they were, of any name, for several audits at once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pytest

from provenance.batch import database
from provenance.batch.auditing import scopes
from provenance.batch.auditing.audits import Audits
from provenance.errors import OutputError, SettingsError
from tests.unit.batch.auditing.test_drift import AT, CONTEXT, state


@pytest.fixture
def store(tmp_path):
    opened = Audits(tmp_path / "home" / "audits.db")
    yield opened
    opened.close()


def named(*names, **more):
    return [replace(state(**more), name=name, reasons={}) for name in names]


def test_a_state_comes_back_as_it_was(store):
    (odd,) = named("/a/\udcff\n☂.jpg", why="⟨odd⟩ \\udcff", expired=True)
    (lost,) = named("/a/lost.jpg", digest=None, gone=True, context=replace(CONTEXT, online=True))
    store.write([odd, lost])
    assert [store.known(item.name) for item in (odd, lost)] == [odd, lost]
    assert store.known("/a/other.jpg") is None


def test_what_was_not_come_across_is_found_page_by_page(store):
    names = [f"/a/{number:04}.jpg" for number in range(1200)]
    store.write(named(*names, "/a-b.jpg", "/b/x.jpg"))
    store.write(named("/a/gone.jpg", gone=True))
    assert all(store.meet(name) for name in names[::2])
    assert not store.meet(names[0])
    found = []
    for item in store.missing(scopes.below("/a")):
        store.write([replace(item, gone=True)])
        found.append(item.name)
    assert found == names[1::2]
    assert list(store.missing(scopes.below("/a"))) == []
    assert store.count(scopes.below("/a")) == 600


def test_places_are_known_with_what_is_below_or_without(store):
    later = AT.replace(year=2027)
    assert store.audited([("/a", False)]) is None
    store.finish([("/a", False)], at=AT)
    assert store.audited([("/a", False)]) == AT
    assert store.audited([("/a", True)]) is None
    store.finish([("/a", True)], at=AT)
    store.finish([("/a", False), ("/b", True)], at=later)
    assert store.audited([("/a", True), ("/c", False)]) == later


def test_two_audits_do_not_mix_what_they_have_come_across(store, tmp_path):
    other = Audits(tmp_path / "home" / "audits.db")
    store.write(named("/a/1.jpg"))
    store.meet("/a/1.jpg")
    assert [item.name for item in other.missing(scopes.below("/a"))] == ["/a/1.jpg"]
    other.close()


def test_one_that_is_not_ours_is_refused_and_kept(tmp_path):
    path = tmp_path / "audits.db"
    path.write_bytes(b"not a database at all, but long enough to be looked at" * 10)
    with pytest.raises(SettingsError, match="move it away"):
        Audits(path)
    assert path.read_bytes().startswith(b"not a database")


def test_one_of_a_newer_version_is_refused(tmp_path):
    path = tmp_path / "audits.db"
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(SettingsError, match="newer version"):
        Audits(path)


def test_one_that_others_hold_is_not_called_broken(tmp_path, monkeypatch):
    """Whoever moves it away on such an advice has lost what it knew."""
    monkeypatch.setattr(database, "_WAIT", 0.1)
    path = tmp_path / "audits.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OutputError, match="locked") as caught:
            Audits(path)
    assert "move it away" not in caught.value.hint


def test_what_cannot_be_written_is_said_and_what_was_told_before_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "_WAIT", 0.1)
    path = tmp_path / "audits.db"
    with closing(Audits(path)) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        store.write(named("/a.jpg"))
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutputError, match="locked") as caught:
            store.write(named("/b.jpg"))
        assert "it tells the same again" in caught.value.hint
        assert [store.known(name) is not None for name in ("/a.jpg", "/b.jpg")] == [True, False]


@pytest.mark.parametrize(
    "damage", ["UPDATE files SET facts = '{'", "DELETE FROM contexts", "UPDATE files SET at = 'x'"]
)
def test_a_damaged_row_is_an_error_and_no_state(store, tmp_path, damage):
    store.write(named("/a.jpg"))
    database = sqlite3.connect(tmp_path / "home" / "audits.db")
    with database:
        database.execute(damage)
    database.close()
    with pytest.raises(SettingsError, match="is damaged"):
        store.known("/a.jpg")


MANY = """
import sys
from pathlib import Path
from provenance.batch.auditing.audits import Audits
from tests.unit.batch.auditing.test_audits import named
store = Audits(Path(sys.argv[1]))
for number in range(30):
    store.write(named(f"/a/{sys.argv[2]}-{number}.jpg", "/a/both.jpg"))
store.close()
"""


def test_several_processes_begin_and_write_at_once(tmp_path):
    path = tmp_path / "audits.db"
    running = [subprocess.Popen([sys.executable, "-c", MANY, str(path), str(number)]) for number in range(4)]
    assert [item.wait(timeout=120) for item in running] == [0, 0, 0, 0]
    store = Audits(path)
    assert store.count(scopes.below("/a")) == 121
    store.close()
