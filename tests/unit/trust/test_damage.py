"""What was damaged on this machine is refused with the way out, and a failure leaves what was there."""

from __future__ import annotations

import errno
import json
import subprocess
import sys

import pytest

from provenance.errors import OutputError, SettingsError
from provenance.model.trust import Purpose
from provenance.trust import TrustStore, Wanted
from tests.support.certificates import AT
from tests.support.list_server import FIRST, SECOND, certificate

SINGLE = certificate("A signer", ca=False)


def no_fetch(url):
    raise AssertionError(f"{url} was fetched")


def add(store, path):
    store.add("ours", Wanted(source=str(path), purpose=Purpose.SIGNER), at=AT, fetch=no_fetch)


@pytest.fixture
def roots(tmp_path):
    path = tmp_path / "roots.pem"
    path.write_text(FIRST + SINGLE)
    return path


@pytest.mark.parametrize("change", ["anchor", "single", "moved", "comment", "empty", "missing", "not ASCII"])
def test_a_file_that_was_altered_is_refused(store, roots, change):
    add(store, roots)
    folder = store.directory / "ours" / store.get("ours").current.place
    anchors, allowed = folder / "anchors.pem", folder / "allowed.pem"
    {
        "anchor": lambda: anchors.write_text(FIRST + SECOND),
        "single": lambda: allowed.write_text(certificate("Another", ca=False)),
        "moved": lambda: (anchors.write_text(FIRST + SINGLE), allowed.write_text("")),
        "comment": lambda: anchors.write_text(f"# mine\n{FIRST}"),
        "empty": lambda: anchors.write_text(""),
        "missing": allowed.unlink,
        "not ASCII": lambda: anchors.write_bytes(b"\xff" + FIRST.encode()),
    }[change]()
    with pytest.raises(SettingsError, match="ours were changed or damaged") as caught:
        store.lists()
    assert "provenance trust update ours" in caught.value.hint
    store.update("ours", at=AT, fetch=no_fetch)
    assert store.load("ours").anchors == (FIRST,)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"name": "ours"}', "\0"])
def test_a_damaged_description_is_named(store, roots, text):
    add(store, roots)
    (store.directory / "ours" / "list.json").write_text(text)
    with pytest.raises(SettingsError, match=r"description .* damaged") as caught:
        store.lists()
    assert "provenance trust remove ours" in caught.value.hint
    store.remove("ours")
    assert store.lists() == ()


def test_a_description_without_time_zones_is_damaged(store, roots):
    add(store, roots)
    path = store.directory / "ours" / "list.json"
    content = json.loads(path.read_bytes())
    path.write_text(json.dumps(content | {"checked": "2026-03-01T12:00:00"}))
    with pytest.raises(SettingsError, match="damaged"):
        store.lists()


def full(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.rename"])
def test_a_full_disk_leaves_no_new_list(store, roots, step, monkeypatch):
    monkeypatch.setattr(step, full)
    with pytest.raises(OutputError, match="cannot be kept here: No space left"):
        add(store, roots)
    assert list(store.directory.iterdir()) == []


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.rename", "pathlib.Path.replace"])
def test_a_full_disk_leaves_the_list_as_it_was(store, roots, step, state, monkeypatch):
    add(store, roots)
    before = state()
    roots.write_text(FIRST + SECOND)
    monkeypatch.setattr(step, full)
    with pytest.raises(OutputError, match="No space left"):
        store.update("ours", at=AT, fetch=no_fetch)
    assert state() == before


def test_a_list_that_cannot_be_removed_is_named(store, roots, monkeypatch):
    add(store, roots)
    monkeypatch.setattr("pathlib.Path.rename", full)
    with pytest.raises(OutputError, match="ours cannot be removed"):
        store.remove("ours")
    assert store.load("ours").anchors == (FIRST,)


def test_a_file_in_the_place_of_the_directory_is_named(tmp_path):
    (tmp_path / "trust").write_text("")
    with pytest.raises(SettingsError, match="cannot be read: Not a directory"):
        TrustStore(tmp_path / "trust").lists()


READER = """
import sys
from pathlib import Path
from provenance.trust import TrustStore
print(len(TrustStore(Path(sys.argv[1])).lists()))
print(*{name.partition(".")[0] for name in sys.modules})
"""


def test_reading_for_a_verification_loads_nothing_heavy(store, roots):
    add(store, roots)
    done = subprocess.run(
        [sys.executable, "-c", READER, str(store.directory)], capture_output=True, text=True, check=True
    )
    count, loaded = done.stdout.splitlines()
    assert count == "1"
    assert not {"cryptography", "httpx", "rich", "typer"} & set(loaded.split())
