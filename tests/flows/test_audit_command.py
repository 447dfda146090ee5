"""`provenance audit`, as somebody runs it: rows, formats, exit codes, and what is left after a kill."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.flows.archives import Archive, key_and_chain
from tests.support import media
from tests.support.command import run


@pytest.fixture
def archive(tmp_path, monkeypatch):
    found = Archive(tmp_path)
    monkeypatch.setenv("PROVENANCE_HOME", str(found.home))
    return found


def audit(archive, *more, code=0, **environment):
    done = run("audit", *(more if "--signed" in more else ("archive", *more)), cwd=archive.folder.parent, **environment)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def rows(archive, *more, code=0, **environment):
    lines = audit(archive, *more, "--format", "jsonl", code=code, **environment).splitlines()
    *found, last = map(json.loads, lines)
    return found, last["summary"]


def test_a_day_with_an_archive(archive):
    assert audit(archive) == "3 files, remembered as they are: 1 to review, 2 accepted\n"
    assert audit(archive).startswith("3 files, nothing has changed since 20")
    archive.alter()
    (archive.folder / "sub" / "b.jpg").unlink()
    archive.put("new.jpg", media.jpeg())
    told = audit(archive, code=1)
    a, new, b = (archive.folder / name for name in ("a.jpg", "new.jpg", "sub/b.jpg"))
    lines = told.splitlines()
    assert lines[0] == f"changed  {a}: its bytes are others"
    assert lines[1].startswith("    sha256: ")
    assert lines[2].startswith("    content: intact → changed (")
    assert lines[3].startswith("    decision: accepted → rejected (")
    assert lines[4].startswith(f"new  {new}: to review: no Content Credentials")
    assert lines[5] == f"gone  {b}: there is no such file any more"
    assert lines[6].startswith("3 files, 1 changed, 1 new, 1 gone; 1 unchanged since 20")
    assert audit(archive).startswith("3 files, nothing has changed since 20")


EXITS = {
    "nothing": (lambda archive: None, 0),
    "a good file is new": (lambda archive: archive.put("new.jpg", archive.signed()), 0),
    "a file without credentials is new": (lambda archive: archive.put("new.jpg", media.jpeg()), 3),
    "altered": (lambda archive: archive.alter("plain.jpg"), 1),
    "gone": (lambda archive: (archive.folder / "a.jpg").unlink(), 1),
    "the roots of development are gone": (lambda archive: shutil.rmtree(archive.home / "identities"), 3),
}


@pytest.mark.parametrize("case", EXITS.values(), ids=EXITS)
def test_the_exit_code_says_whether_anything_is_worse(archive, case):
    happening, code = case
    assert audit(archive, "-q") == ""
    happening(archive)
    assert audit(archive, "-q", code=code) == ""
    # What nobody was shown is still to be told.
    assert audit(archive, "--keep", "-q", code=code) == ""
    audit(archive, code=code)
    audit(archive, "-q")


def test_every_format_tells_the_same(archive):
    audit(archive)
    archive.alter()
    archive.put("=cmd.jpg", media.jpeg())
    lines, summary = rows(archive, "--keep", code=1)
    document = json.loads(audit(archive, "--keep", "--format", "json", code=1))
    assert document["changes"] == lines
    assert document["summary"] == summary
    assert document["generator"].startswith("provenance ")
    table = list(
        csv.DictReader(io.StringIO(audit(archive, "--keep", "--format", "csv", code=1).removeprefix("\ufeff")))
    )
    assert [(item["kind"], Path(item["file"]).name) for item in table] == [("new", "=cmd.jpg"), ("changed", "a.jpg")]
    assert [item["kind"] for item in lines] == ["new", "changed"]
    assert table[1]["causes"] == "altered"
    assert (lines[1]["decision_before"], lines[1]["decision_after"]) == ("accepted", "rejected")
    assert lines[1]["sha256_before"] != lines[1]["sha256_after"]
    assert summary["changes"] == {"changed": 1, "new": 1}
    assert json.loads(audit(archive, "--baseline", "--format", "json"))["changes"] == []


HOUSE = ("roots.pem", "--purpose", "signer", "--as-of", "2026-08-13")


def test_a_trust_list_that_comes_and_goes(archive, tmp_path):
    key, chain, root = key_and_chain(tmp_path)
    (tmp_path / "roots.pem").write_text(root)
    (archive.folder / "a.jpg").unlink()
    signed = run("sign", archive.folder / "plain.jpg", "-o", archive.folder / "a.jpg", "--key", key, "--cert", chain)
    assert signed.returncode == 0, signed.stderr
    audit(archive)
    assert run("trust", "add", "house", *HOUSE, cwd=tmp_path).returncode == 0
    told, _ = rows(archive)
    assert [(item["kind"], item["file"]) for item in told] == [
        ("trust list", None), ("changed", str(archive.folder / "a.jpg")),
    ]  # fmt: skip
    assert told[1]["differences"][0]["after"] == "trusted (list 'house', 2026-08-13)"
    assert run("trust", "remove", "house", "--yes", cwd=tmp_path).returncode == 0
    text = audit(archive, code=3)
    assert f"changed  {archive.folder}/a.jpg: the list 'house' that vouched does not count any more\n" in text
    assert "    signer: trusted (list 'house', 2026-08-13) → untrusted (" in text
    assert "    decision: accepted → review" in text


def test_a_certificate_that_has_expired_meanwhile(archive):
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        pytest.skip("faketime is not there")
    audit(archive)
    later = datetime.now(UTC) + timedelta(days=40)
    clock = {"LD_PRELOAD": str(library), "FAKETIME": f"@{later:%Y-%m-%d %H:%M:%S}", "TZ": "UTC"}
    told, _ = rows(archive, code=1, **clock)
    changed = [item for item in told if item["file"]]
    assert [[reason["cause"] for reason in item["reasons"]] for item in changed] == [["certificate expired"]] * 2
    assert rows(archive, **clock)[0] == []
    back = [item for item in rows(archive)[0] if item["file"]]
    assert [item["decision_after"] for item in back] == ["accepted"] * 2


def test_another_policy_is_said_once(archive):
    audit(archive)
    told, _ = rows(archive, "--policy", "archive", code=1)
    assert [item["kind"] for item in told].count("policy") == 1
    assert {reason["cause"] for item in told if item["file"] for reason in item["reasons"]} == {"policy changed"}


def test_what_batches_have_signed(archive):
    nobody = run("audit", "--signed", PROVENANCE_HOME=str(archive.home / "nobody"))
    assert (nobody.returncode, nobody.stdout) == (0, "0 files\n")
    assert nobody.stderr == "no batch of this workspace has signed anything yet\n"
    assert run("sign", "archive", "-o", "out/", cwd=archive.folder.parent).returncode == 0
    assert audit(archive, "--signed").startswith("3 files, remembered as they are: ")
    out = archive.folder.parent / "out"
    (victim,) = out.glob("a*.jpg")
    victim.unlink()
    archive.put("late.jpg", media.jpeg(3))
    assert run("sign", "archive/late.jpg", "archive/plain.jpg", "-o", "out/", cwd=archive.folder.parent).returncode == 0
    told, summary = rows(archive, "--signed", code=1)
    assert {(item["kind"], Path(item["file"]).name) for item in told} >= {("gone", victim.name)}
    assert [item["kind"] for item in told if "late" in item["file"]] == ["new"]
    assert summary["unchanged"] == 2


MISTAKES = {
    "nothing": (),
    "folders and signed": ("archive", "--signed"),
    "keep and baseline": ("archive", "--keep", "--baseline"),
    "a policy that is not there": ("archive", "--policy", "nothing"),
    "a list that is not there": ("archive", "--trust-list", "nothing"),
}


@pytest.mark.parametrize("arguments", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_said_before_anything_is_remembered(archive, arguments):
    done = run("audit", *arguments, cwd=archive.folder.parent)
    assert done.returncode in {2, 4}
    assert "Traceback" not in done.stderr
    assert not (archive.home / "audits.db").exists()


def test_odd_names_cannot_speak_to_the_terminal(archive):
    audit(archive)
    for name in (b"bad\xff.jpg", b"two\nlines.jpg", b"\xe2\x80\xaegpj.jpg"):
        archive.put(os.fsdecode(name), media.jpeg())
    told = audit(archive, code=3)
    assert told.count("\n") == 4
    assert "\u202e" not in told
    assert "nothing has changed" in audit(archive)


def begin(archive, *more):
    return subprocess.Popen(
        [sys.executable, "-m", "provenance", "audit", "archive", "--format", "jsonl", *more],
        cwd=archive.folder.parent, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def named(lines):
    return [item["file"] for item in map(json.loads, lines) if item.get("file")]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_after_a_kill_in_the_middle_every_change_is_told(archive, how):
    names = [f"{number:03}.jpg" for number in range(300)]
    for name in names:
        archive.put(name, media.jpeg())
    audit(archive)
    for name in names:
        archive.alter(name)
    (archive.folder / "sub" / "b.jpg").unlink()
    running = begin(archive, "--engine", "threads")
    told = [running.stdout.readline() for _ in range(150)]
    running.send_signal(how)
    told += [line for line in running.stdout.read().splitlines() if line.endswith(b"}")]
    running.stdout.close()
    assert running.wait(timeout=60) == (-signal.SIGKILL if how is signal.SIGKILL else 130)
    first = named(told)
    second = named(audit(archive, "--format", "jsonl", code=1).splitlines())
    expected = {str(archive.folder / name) for name in (*names, "sub/b.jpg")}
    assert set(first) | set(second) == expected
    assert len(second) < len(expected)
    if how is signal.SIGTERM:
        assert set(first) & set(second) == set()
        assert str(archive.folder / "sub" / "b.jpg") in second
    assert named(audit(archive, "--format", "jsonl").splitlines()) == []


def test_two_audits_at_once_lose_nothing_and_call_nothing_gone(archive):
    names = [f"{number:03}.jpg" for number in range(100)]
    for name in names:
        archive.put(name, media.jpeg())
    both = [begin(archive), begin(archive)]
    assert [item.communicate(timeout=120)[0].count(b"\n") for item in both] == [1, 1]
    assert [item.returncode for item in both] == [0, 0]
    for name in names:
        archive.alter(name)
    both = [begin(archive), begin(archive)]
    told = [named(item.communicate(timeout=120)[0].splitlines()) for item in both]
    assert {*told[0], *told[1]} == {str(archive.folder / name) for name in names}
    assert named(audit(archive, "--format", "jsonl").splitlines()) == []
