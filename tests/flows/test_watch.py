"""A hot folder: what arrives is signed once, whole, whatever happens to the watcher."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from provenance.batch.hot.writers import still_written
from provenance.storage import stat_file
from provenance.workspace import Workspace
from tests.support import media
from tests.support.batch import children
from tests.support.campaign import cases
from tests.support.command import run
from tests.support.watcher import until, watching

QUICK = ("--as", "capture", "--settle", "0.2", "--interval", "0.5", "--thumbnail", "none")


@pytest.fixture
def desk(tmp_path, home):
    """A folder with a hot folder in it."""
    (tmp_path / "hot").mkdir()
    return tmp_path


def put(path, seed=1):
    """Have a file appear as a whole."""
    beside = path.with_name(f".{path.name}")
    beside.write_bytes(media.jpeg(seed))
    return beside.rename(path)


def there(path):
    until(path.exists, what=path)
    return path


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def is_signed(path, home):
    facets = Workspace().inspect(path).facets
    return (facets.content.state, facets.signature.state) == ("intact", "valid")


def test_what_arrives_is_signed_and_told_in_a_line(desk, home):
    with watching(desk, "hot", "-o", "signed", *QUICK) as watcher:
        put(desk / "hot" / "a.jpg")
        watcher.says("a.jpg -> signed/a.jpg: signed by Example News")
        (desk / "hot" / "new" / "deep").mkdir(parents=True)
        put(desk / "hot" / "new" / "deep" / "b.jpg", 2)
        watcher.says("new/deep/b.jpg -> signed/b.jpg: signed by Example News")
        assert watcher.stop() == 0
        assert "2 signed in" in watcher.output
        assert watcher.errors == ""
    assert is_signed(desk / "signed" / "a.jpg", home)
    assert names(desk / "hot") == ["a.jpg", "new/deep/b.jpg"]


def test_a_file_that_comes_slowly_is_signed_once_and_whole(desk, home):
    """As long as somebody writes, other files may come and go, but this one waits."""
    data = media.jpeg(3)
    target = desk / "hot" / "slow.jpg"
    with watching(desk, "hot", "-o", "signed", *QUICK) as watcher:
        with target.open("wb") as stream:
            for number, piece in enumerate((data[:300], data[300:1500], data[1500:])):
                stream.write(piece)
                stream.flush()
                if not still_written(stat_file(target)):
                    pytest.skip("this file system does not tell who writes")
                # Two others after each other: what has not changed since would long have settled.
                for other in ("x", "y"):
                    put(desk / "hot" / f"{other}{number}.jpg")
                    there(desk / "signed" / f"{other}{number}.jpg")
                assert not (desk / "signed" / "slow.jpg").exists()
        there(desk / "signed" / "slow.jpg")
        assert watcher.stop() == 0
        assert "7 signed in" in watcher.output
    assert is_signed(desk / "signed" / "slow.jpg", home)
    assert Image.open(desk / "signed" / "slow.jpg").tobytes() == Image.open(target).tobytes()


def test_a_name_that_is_being_written_is_taken_when_it_is_renamed(desk):
    with watching(desk, "hot", "-o", "signed", *QUICK, "--include", "*") as watcher:
        part = desk / "hot" / "a.jpg.part"
        part.write_bytes(media.jpeg())
        put(desk / "hot" / "b.jpg")
        there(desk / "signed" / "b.jpg")
        assert names(desk / "signed") == ["b.jpg"]
        part.rename(desk / "hot" / "a.jpg")
        there(desk / "signed" / "a.jpg")
        assert watcher.stop() == 0
    assert names(desk / "hot") == ["a.jpg", "b.jpg"]


def test_what_cannot_be_signed_goes_with_its_reason(desk):
    (desk / "hot" / "sub").mkdir()
    (desk / "hot" / "sub" / "text.jpg").write_text("this is no picture")
    (desk / "hot" / "empty.png").touch()
    put(desk / "hot" / "taken.jpg")
    put(desk / "hot" / "good.jpg")
    (desk / "signed").mkdir()
    (desk / "signed" / "taken.jpg").write_text("somebody else's")
    with watching(desk, "hot", "-o", "signed", *QUICK) as watcher:
        watcher.says("good.jpg -> signed/good.jpg")
        watcher.says("text.jpg -> hot/failed/sub/text.jpg: is not a media file")
        watcher.says("taken.jpg -> hot/failed/taken.jpg: exists already")
        watcher.says("empty.png -> hot/failed/empty.png: is empty")
        assert watcher.stop() == 0
        assert "1 signed, 3 failed in" in watcher.output
    failed = desk / "hot" / "failed"
    assert names(failed) == sorted(
        f"{name}{ending}"
        for name in ("empty.png", "sub/text.jpg", "taken.jpg")
        for ending in ("", ".reason.txt")
    )  # fmt: skip
    reason = (failed / "taken.jpg.reason.txt").read_text()
    for words in ("taken.jpg was not signed.", "When:  20", "What:  exists already", "Next:  ", f"back into {desk}"):
        assert words in reason
    assert (desk / "signed" / "taken.jpg").read_text() == "somebody else's"


def test_originals_are_moved_with_their_sidecars_and_never_over_another_file(desk, home):
    signed = run("sign", put(desk / "a.jpg"), "--sidecar", "-o", f"{desk}/hot/", cwd=desk)
    assert signed.returncode == 0, signed.stderr
    (desk / "hot" / "done").mkdir()
    (desk / "hot" / "done" / "a.jpg").write_text("an older one")
    with watching(desk, "hot", "-o", "signed", *QUICK, "--as", "publish", "--originals", "move") as watcher:
        there(desk / "hot" / "done" / "a-2.jpg")
        until(lambda: not (desk / "hot" / "a.jpg.c2pa").exists(), what="the sidecar")
        assert watcher.stop() == 0
    assert names(desk / "hot") == ["done/a-2.jpg", "done/a-2.jpg.c2pa", "done/a.jpg"]
    assert (desk / "hot" / "done" / "a.jpg").read_text() == "an older one"
    assert len(Workspace().inspect(desk / "signed" / "a.jpg").store.manifests) == 2


def test_a_manifest_beside_its_original_is_moved_with_it(desk, home):
    put(desk / "hot" / "a.jpg")
    for _ in range(2):
        done = run("watch", "hot", "--sidecar", *QUICK, "--originals", "move", "--once", cwd=desk)
        assert done.returncode == 0, done.stderr
    assert names(desk) == ["hot/done/a.jpg", "hot/done/a.jpg.c2pa"]
    assert is_signed(desk / "hot" / "done" / "a.jpg", home)


def test_once_works_on_what_is_there(desk):
    put(desk / "hot" / "a.jpg")
    once = ("watch", "hot", "-o", "signed", *QUICK, "--once")
    done = run(*once, cwd=desk)
    assert (done.returncode, names(desk / "signed")) == (0, ["a.jpg"])
    assert run(*once, cwd=desk).stdout.split(" ", 2)[2].startswith("1 signed before in")
    (desk / "hot" / "text.jpg").write_text("this is no picture")
    done = run(*once, cwd=desk)
    assert done.returncode == 9
    assert "1 of 2 files were not signed" in done.stderr
    assert run(*once, cwd=desk).returncode == 0
    assert run("watch", "hot", "-o", "signed", *QUICK, "--once", "-q", cwd=desk).stdout == ""


@pytest.mark.parametrize(
    "change",
    [
        pytest.param([], id="nothing"),
        pytest.param(["--author", "Zoë"], id="other options"),
        pytest.param(["--originals", "move"], id="originals are moved now"),
    ],
)
def test_after_a_restart_nothing_is_signed_again(change, desk):
    put(desk / "hot" / "a.jpg")
    assert run("watch", "hot", "-o", "signed", *QUICK, "--once", cwd=desk).returncode == 0
    before = (desk / "signed" / "a.jpg").stat()
    os.utime(desk / "hot" / "a.jpg")
    done = run("watch", f"{desk}/signed/../hot/", "-o", desk / "signed", *QUICK, "--once", *change, cwd="/")
    assert done.returncode == 0, done.stderr
    assert "1 signed before" in done.stdout
    assert (desk / "signed" / "a.jpg").stat().st_mtime_ns == before.st_mtime_ns
    assert names(desk / "hot") == (["done/a.jpg"] if "--originals" in change else ["a.jpg"])


@pytest.mark.parametrize("originals", ["leave", "move"])
@cases("count", [3], more=[8])
def test_killed_at_any_moment_every_file_is_signed_exactly_once(originals, count, desk, home):
    """It is killed whenever there is one result more, and once right when it begins."""
    for number in range(count):
        put(desk / "hot" / f"{number}.jpg", number)
    first: dict[str, tuple[int, bytes]] = {}
    for stage in range(count):
        with watching(desk, "hot", "-o", "signed", *QUICK, "--originals", originals) as watcher:
            until(lambda stage=stage: len(names(desk / "signed")) >= stage, what=f"{stage} results")
            watcher.kill()
        for name in names(desk / "signed"):
            path = desk / "signed" / name
            now = (path.stat().st_ino, path.read_bytes())
            assert first.setdefault(name, now) == now
    done = run("watch", "hot", "-o", "signed", *QUICK, "--originals", originals, "--once", cwd=desk)
    assert done.returncode == 0, done.stderr
    assert names(desk / "signed") == [f"{number}.jpg" for number in range(count)]
    kept = "done/" if originals == "move" else ""
    assert names(desk / "hot") == [f"{kept}{number}.jpg" for number in range(count)]
    for name in names(desk / "signed"):
        path = desk / "signed" / name
        assert first.get(name, (path.stat().st_ino, path.read_bytes())) == (path.stat().st_ino, path.read_bytes())
        assert is_signed(path, home)


def test_a_second_watcher_of_the_same_folder_is_refused(desk):
    (desk / "link").symlink_to("hot")
    with watching(desk, "hot", "-o", "signed", *QUICK) as watcher:
        for name in ("hot", "link"):
            done = run("watch", name, "-o", "elsewhere", *QUICK, cwd=desk)
            assert (done.returncode, "is watched already (process" in done.stderr) == (4, True), done.stderr
        watcher.kill()
    assert run("watch", "hot", "-o", "signed", *QUICK, "--once", cwd=desk).returncode == 0


def test_where_nothing_tells_of_changes_it_looks(desk):
    with watching(desk, "hot", "-o", "signed", "--poll", "--settle", "0.1", "--interval", "0.1") as watcher:
        assert "looking every 0.1 s (asked for)" in watcher.output
        put(desk / "hot" / "a.jpg")
        there(desk / "signed" / "a.jpg")
        assert watcher.stop() == 0


def test_changes_wake_it_before_it_would_look(desk):
    pytest.importorskip("watchfiles")
    with watching(desk, "hot", "-o", "signed", "--settle", "0.1", "--interval", "3600") as watcher:
        assert "and at every change" in watcher.output
        put(desk / "hot" / "a.jpg")
        there(desk / "signed" / "a.jpg")
        assert watcher.stop() == 0


def test_a_file_that_takes_too_long_costs_only_itself(desk):
    """Whoever works on it is held up."""
    with watching(desk, "hot", "-o", "signed", *QUICK, "--workers", "1", "--deadline", "3") as watcher:
        put(desk / "hot" / "a.jpg")
        watcher.says("a.jpg -> signed/a.jpg: signed by")
        (worker,) = workers_of(watcher)
        os.kill(worker, signal.SIGSTOP)
        put(desk / "hot" / "b.jpg")
        watcher.says("b.jpg -> hot/failed/b.jpg: took longer than")
        put(desk / "hot" / "c.jpg")
        watcher.says("c.jpg -> signed/c.jpg: signed by")
        assert watcher.stop() == 0


def workers_of(watcher):
    """Return the processes that work for a watcher."""
    pid = watcher.process.pid
    if not Path(f"/proc/{pid}/task/{pid}/children").exists():
        pytest.skip("nothing lists the children of a process here")
    return children(pid)


def test_a_process_that_dies_while_it_is_idle_costs_no_file(desk):
    with watching(desk, "hot", "-o", "signed", *QUICK, "--workers", "1") as watcher:
        put(desk / "hot" / "a.jpg")
        watcher.says("a.jpg -> ")
        (worker,) = workers_of(watcher)
        os.kill(worker, signal.SIGTERM)
        put(desk / "hot" / "b.jpg")
        watcher.says("b.jpg -> signed/b.jpg: signed by")
        assert workers_of(watcher) == [worker], "whoever ends a whole group asks the watcher, which finishes"
        os.kill(worker, signal.SIGKILL)
        put(desk / "hot" / "c.jpg")
        watcher.says("c.jpg -> signed/c.jpg: signed by")
        assert watcher.stop() == 0


def test_what_concerns_all_files_is_waited_for(desk):
    with watching(desk, "hot", "-o", "signed", *QUICK) as watcher:
        put(desk / "hot" / "a.jpg")
        watcher.says("a.jpg -> ")
        (desk / "signed").rename(desk / "away")
        put(desk / "hot" / "b.jpg")
        watcher.says("waiting, and trying again: ")
        assert "the folder of results has gone (bring it back)" in watcher.errors
        (desk / "away").rename(desk / "signed")
        watcher.says("b.jpg -> signed/b.jpg: signed by")
        watcher.says("going on after")
        assert watcher.stop() == 0
    assert names(desk / "hot") == ["a.jpg", "b.jpg"]


def test_the_hot_folder_itself_may_go_and_come_back(desk):
    with watching(desk, "hot", "-o", "signed", *QUICK, "--poll") as watcher:
        (desk / "hot").rename(desk / "away")
        watcher.says("hot: the folder cannot be read")
        put(desk / "away" / "a.jpg")
        (desk / "away").rename(desk / "hot")
        watcher.says("a.jpg -> signed/a.jpg: signed by")
        assert "going on after" in watcher.errors
        assert watcher.stop() == 0


def test_an_authority_that_is_down_sends_no_file_away(desk):
    settings = desk / "settings.toml"
    settings.write_text('[timestamps]\nurls = ["http://127.0.0.1:9/"]\n')
    for name in "abcdef":
        put(desk / "hot" / f"{name}.jpg")
    done = run(
        "watch", "hot", "-o", "signed", *QUICK, "--timestamp", "required", "--once", cwd=desk,
        PROVENANCE_SETTINGS=str(settings),
    )  # fmt: skip
    assert done.returncode == 7, done.stderr
    assert names(desk / "hot") == [f"{name}.jpg" for name in "abcdef"]
    assert names(desk / "signed") == []


def test_folders_of_its_own_are_no_sources(desk):
    put(desk / "hot" / "a.jpg")
    (desk / "hot" / "failed").mkdir()
    put(desk / "hot" / "failed" / "old.jpg")
    for _ in range(2):
        done = run("watch", "hot", "-o", "hot/out", *QUICK, "--originals", "move", "--once", cwd=desk)
        assert done.returncode == 0, done.stderr
    assert names(desk / "hot") == ["done/a.jpg", "failed/old.jpg", "out/a.jpg"]


def test_results_may_stay_in_the_hot_folder_under_names_of_their_own(desk):
    put(desk / "hot" / "a.jpg")
    arguments = ("watch", "hot", "-o", "hot", "--name", "{stem}.signed.{ext}", *QUICK, "--originals", "move", "--once")
    for _ in range(3):
        done = run(*arguments, cwd=desk)
        assert done.returncode == 0, done.stderr
    assert names(desk / "hot") == ["a.signed.jpg", "done/a.jpg"]


def test_folders_are_made_again_below_the_output(desk):
    for name in ("one", "two"):
        (desk / "hot" / name).mkdir()
        put(desk / "hot" / name / "a.jpg")
    done = run("watch", "hot", "-o", "signed", *QUICK, "--keep-tree", "--once", "--format", "jsonl", cwd=desk)
    assert done.returncode == 0, done.stderr
    assert names(desk / "signed") == ["one/a.jpg", "two/a.jpg"]
    assert [line.count('"fate"') for line in done.stdout.splitlines()] == [1, 1]


REFUSED = {
    "no output": (["hot"], 2, "say where the results go"),
    "no such folder": (["nowhere", "-o", "signed"], 4, "there is no such folder to watch"),
    "a file": (["hot/../file", "-o", "signed"], 4, "there is no such folder to watch"),
    "an object store": (["s3://bucket/", "-o", "signed"], 2, "only a local folder can be watched"),
    "into itself": (["hot", "-o", "hot/"], 4, "under the names of their sources"),
    "done is the hot folder": (["hot", "-o", "signed", "--originals", "move", "--done", "hot"], 4, "different ones"),
    "failed is the output": (["hot", "-o", "signed", "--failed", "signed"], 4, "different ones"),
    "done is failed": (["hot", "-o", "signed", "--originals", "move", "--done", "hot/failed"], 4, "different ones"),
    "no such identity": (["hot", "-o", "signed", "--identity", "Nobody"], 6, "Nobody"),
}


@pytest.mark.parametrize(("arguments", "code", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_go_well_is_refused_at_once(arguments, code, said, desk):
    (desk / "file").touch()
    done = run("watch", *arguments, cwd=desk)
    assert (done.returncode, said in " ".join(done.stderr.replace("│", "").split())) == (code, True), done.stderr


def test_a_second_request_ends_it_at_once(desk):
    """Whoever works on the file is held up, so that there is something to end."""
    with watching(desk, "hot", "-o", "signed", *QUICK, "--workers", "1") as watcher:
        put(desk / "hot" / "a.jpg")
        watcher.says("a.jpg -> ")
        (worker,) = workers_of(watcher)
        os.kill(worker, signal.SIGSTOP)
        put(desk / "hot" / "b.jpg")
        journal = Workspace().settings.home
        until(lambda: begun(journal, desk / "hot" / "b.jpg"), what="b.jpg to be begun")

        def ended():
            watcher.process.send_signal(signal.SIGINT)
            return watcher.process.poll() is not None

        until(ended, what="its end")
        # At the very end of its life Python no longer answers signals itself.
        assert watcher.process.returncode in {130, -signal.SIGINT}
    done = run("watch", "hot", "-o", "signed", *QUICK, "--once", cwd=desk)
    assert "1 signed, 1 signed before in" in done.stdout, done.stderr


def begun(home, source):
    with contextlib.closing(sqlite3.connect(Path(home) / "journal.db")) as journal:
        return journal.execute("SELECT 1 FROM jobs WHERE source = ?", (os.fsencode(source),)).fetchone()


def test_a_full_disk_is_not_the_fault_of_the_file(desk):
    """Told apart by the exit code; the watcher then waits."""
    resource = pytest.importorskip("resource")
    photo = put(desk / "photo.jpg")
    done = subprocess.run(
        [sys.executable, "-m", "provenance", "sign", str(photo)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "photo.signed.jpg: cannot be written" in done.stderr) == (10, True), done.stderr
    assert names(desk) == ["photo.jpg"]
