"""A batch that is killed or stopped goes on where it was: nothing is lost, half written, or signed twice."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from tests.support.batch import children, is_alive, many, names, sign_rows, signed_by, start, wait_for
from tests.support.campaign import cases
from tests.support.command import run

FILES = 30
ENGINE = ("--engine", "processes", "--workers", "2", "--thumbnail", "none")


@pytest.fixture(autouse=True)
def _own_temporary_files(tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))


WAYS = {
    "embedded": (("-o", "out/"), "out", 1),
    "sidecar": (("-o", "out/", "--sidecar"), "out", 2),
    "in place": (("--in-place",), "in", 1),
}


def begin(way, tmp_path, *more):
    """Start the batch; returns its process and a function that counts what it has made."""
    folder = tmp_path / way[1]
    before = {path: path.stat().st_ino for path in folder.glob("*")} if way[1] == "in" else {}

    def made():
        found = list(folder.glob("[0-9]*.jpg"))
        return sum(path not in before or path.stat().st_ino != before[path] for path in found)

    return start("sign", "in", *way[0], *ENGINE, *more, cwd=tmp_path), made


def confirm_whole(space, tmp_path, way):
    """See that everything is there, verifies, bears one manifest of ours, and that nothing else is there."""
    folder, each = tmp_path / way[1], way[2]
    assert len(names(folder)) == FILES * each
    for path in folder.glob("*.jpg"):
        assert len(signed_by(space, path)) == 1, path
    assert not [name for name in names(tmp_path) if name.endswith(".part") or name.startswith("tmp/")]


@cases("seed", [1], more=range(2, 6))
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_kill_at_any_moment_costs_nothing(space, tmp_path, way, seed):
    """The moment is after so many files and some milliseconds; what must hold holds at every moment."""
    moments = random.Random(f"{seed} {way[0]}")
    many(tmp_path / "in", FILES)
    process, made = begin(way, tmp_path, "-q")
    after = moments.randrange(FILES)
    wait_for(lambda: made() >= after)
    time.sleep(moments.uniform(0, 0.03))
    workers = children(process.pid)
    process.kill()
    process.communicate()
    wait_for(lambda: not any(map(is_alive, workers)), seconds=10)

    again = run("sign", "in", *way[0], *ENGINE, cwd=tmp_path)

    assert again.returncode == 0, again.stdout + again.stderr
    confirm_whole(space, tmp_path, way)
    last = run("sign", "in", *way[0], "--thumbnail", "none", "-q", cwd=tmp_path)
    assert last.returncode == 0, last.stderr
    confirm_whole(space, tmp_path, way)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda item: item.name)
def test_asked_to_stop_it_ends_what_it_has_begun_and_goes_on_later(space, tmp_path, number):
    way = WAYS["embedded"]
    many(tmp_path / "in", FILES)
    process, made = begin(way, tmp_path)
    wait_for(lambda: made() >= 2)
    process.send_signal(number)
    told, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert said == ""
    assert "stopped: run the same command again to go on" in told
    done = made()
    assert 2 <= done < FILES
    assert told.count(": signed by ") == done
    assert f"{done} signed" in told

    again = run("sign", "in", *way[0], *ENGINE, cwd=tmp_path)

    assert again.returncode == 0, again.stderr
    assert f"{FILES - done} signed, {done} skipped" in again.stdout
    confirm_whole(space, tmp_path, way)


def test_stopped_with_failures_it_is_stopped(own_home, tmp_path):
    many(tmp_path / "in", FILES)
    (tmp_path / "in/000.jpg").write_bytes(b"garbage")
    process, made = begin(WAYS["embedded"], tmp_path)
    wait_for(lambda: made() >= 2)
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "1 failed" in told


def test_asked_twice_it_ends_at_once(space, tmp_path):
    """Also over a file that would take for ever."""
    many(tmp_path / "in", FILES)
    os.mkfifo(tmp_path / "hangs.jpg")
    process = start("sign", "hangs.jpg", "in", "-o", "out/", *ENGINE, "-q", cwd=tmp_path)
    wait_for(lambda: len(list((tmp_path / "out").glob("*"))) >= 2)
    workers = children(process.pid)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert time.monotonic() - begun < 10
    assert process.returncode == 130
    assert said == ""
    wait_for(lambda: not any(map(is_alive, workers)), seconds=10)
    for path in (tmp_path / "out").glob("*"):
        assert len(signed_by(space, path)) == 1
    again = run("sign", "in", "-o", "out/", *ENGINE, "-q", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    confirm_whole(space, tmp_path, WAYS["embedded"])


def test_a_file_over_which_nothing_comes_back_costs_one_row(space, tmp_path):
    many(tmp_path / "in", 4)
    os.mkfifo(tmp_path / "hangs.jpg")
    rows = sign_rows(
        "hangs.jpg", "in", "-o", "out/", "--engine", "processes", "--workers", "2", "--deadline", "2", cwd=tmp_path,
        code=9,
    )  # fmt: skip
    assert [row["fate"] for row in rows] == ["failed"] + ["done"] * 4
    assert "took longer than 2 seconds" in rows[0]["error"]
    assert names(tmp_path / "out") == names(tmp_path / "in")
