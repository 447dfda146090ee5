"""Outputs appear whole or not at all, whatever happens in between."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from provenance.errors import OutputError, OutputExists
from provenance.storage import outputs, publish, writing

ROOT = Path(__file__).parents[3]
BIG = b"x" * (3 << 20)


@pytest.fixture(params=["unnamed", "named"])
def way(request, monkeypatch):
    """Both ways of writing: into a file without a name, and into one with a temporary name."""
    if request.param == "named":
        monkeypatch.setattr(outputs, "_UNNAMED", 0)
    elif not outputs._UNNAMED:
        pytest.skip("this system has no files without a name")
    return request.param


def names(folder):
    return sorted(item.name for item in folder.iterdir())


def test_an_output_appears_whole_at_the_end(way, tmp_path):
    target = tmp_path / "out.jpg"
    with writing(target) as stream:
        stream.write(b"data")
        assert not target.exists()
    assert target.read_bytes() == b"data"
    assert names(tmp_path) == ["out.jpg"]


def test_what_was_written_can_be_read_back_before_it_appears(way, tmp_path):
    with writing(tmp_path / "out") as stream:
        stream.write(BIG)
        stream.seek(0)
        assert stream.read() == BIG


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, OSError, SystemExit], ids=lambda item: item.__name__)
@pytest.mark.parametrize("exists", [False, True], ids=["new", "over another"])
def test_an_exception_inside_leaves_everything_as_it_was(kind, exists, way, tmp_path):
    target = tmp_path / "out"
    if exists:
        target.write_bytes(b"before")
    with pytest.raises(OutputError if kind is OSError else kind), writing(target, overwrite=exists) as stream:  # noqa: PT012
        stream.write(BIG)
        raise kind
    assert names(tmp_path) == (["out"] if exists else [])
    assert not exists or target.read_bytes() == b"before"


def test_an_existing_file_is_not_overwritten_unasked(way, tmp_path):
    target = tmp_path / "out"
    target.write_bytes(b"before")
    with pytest.raises(OutputExists) as caught:
        publish(b"after", target)
    assert target.read_bytes() == b"before"
    assert caught.value.path == str(target)


def test_a_file_that_appears_in_the_meantime_is_not_overwritten(way, tmp_path):
    target = tmp_path / "out"
    with pytest.raises(OutputExists), writing(target) as stream:  # noqa: PT012
        stream.write(b"ours")
        target.write_bytes(b"somebody else's")
    assert target.read_bytes() == b"somebody else's"
    assert names(tmp_path) == ["out"]


def test_of_many_writers_at_once_one_wins_whole(way, tmp_path):
    target, results, gate = tmp_path / "out", [], threading.Barrier(8)

    def write(number):
        gate.wait(timeout=30)
        try:
            publish(bytes([number]) * 100_000, target)
            results.append(number)
        except OutputExists:
            results.append(None)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for item in writers:
        item.start()
    for item in writers:
        item.join()
    winners = [item for item in results if item is not None]
    assert (len(winners), len(results)) == (1, 8)
    assert target.read_bytes() == bytes(winners) * 100_000
    assert names(tmp_path) == ["out"]


def test_overwriting_replaces_the_file_whole(way, tmp_path):
    target = tmp_path / "out"
    target.write_bytes(b"before")
    with writing(target, overwrite=True) as stream:
        stream.write(b"after")
        assert target.read_bytes() == b"before"
    assert target.read_bytes() == b"after"
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o444], ids=oct)
def test_an_output_takes_over_the_permissions_of_its_source(mode, way, tmp_path):
    like = tmp_path / "like"
    like.write_bytes(b"")
    like.chmod(mode)
    with writing(tmp_path / "out", like=like) as stream:
        stream.write(b"data")
    assert (tmp_path / "out").stat().st_mode & 0o777 == mode


def test_overwriting_a_file_with_itself_as_the_pattern_keeps_its_permissions(way, tmp_path):
    target = tmp_path / "out"
    target.write_bytes(b"before")
    target.chmod(0o640)
    with writing(target, overwrite=True, like=target) as stream:
        stream.write(b"after")
    assert (target.stat().st_mode & 0o777, target.read_bytes()) == (0o640, b"after")


@pytest.mark.parametrize("mask", [0o022, 0o077], ids=oct)
def test_without_a_pattern_an_output_has_the_permissions_of_any_new_file(mask, way, tmp_path):
    before = os.umask(mask)
    try:
        publish(b"data", tmp_path / "out")
    finally:
        os.umask(before)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o666 & ~mask


@pytest.mark.parametrize("call", ["fsync", "link", "fchmod"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT], ids=errno.errorcode.get)
def test_a_full_or_failing_disk_leaves_nothing_behind(call, code, way, tmp_path, monkeypatch):
    def fail(*_args, **_more):
        raise OSError(code, os.strerror(code))

    folder = tmp_path / "outputs"
    folder.mkdir()
    like = tmp_path / "like"
    like.write_bytes(b"")
    monkeypatch.setattr(outputs.os, call, fail)
    with pytest.raises(OutputError) as caught, writing(folder / "out", like=like) as stream:
        stream.write(b"data")
    assert os.strerror(code) in caught.value.message
    assert names(folder) == []


class FullStream:
    """A stream on a disk that is full."""

    def __init__(self, stream):
        self._stream = stream

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def write(self, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_that_is_full_while_writing_leaves_nothing_behind(way, tmp_path, monkeypatch):
    opened = outputs._open_beside

    def full(target):
        stream, temporary = opened(target)
        return FullStream(stream), temporary

    monkeypatch.setattr(outputs, "_open_beside", full)
    with pytest.raises(OutputError, match=os.strerror(errno.ENOSPC)):
        publish(b"data", tmp_path / "out")
    assert names(tmp_path) == []


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 256 kB, where the system lets us make one."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)]
    try:
        done = os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        done = False
    if not done:
        pytest.skip("a file system can only be made by root")
    yield place
    subprocess.run(["umount", str(place)], capture_output=True, check=True)


def test_a_disk_that_is_really_full_leaves_nothing_behind(way, small_disk):
    (small_disk / "out").write_bytes(b"before")
    with pytest.raises(OutputError) as caught:
        publish(BIG, small_disk / "out", overwrite=True)
    assert os.strerror(errno.ENOSPC) in caught.value.message
    assert (small_disk / "out").read_bytes() == b"before"
    assert names(small_disk) == ["out"]


def test_a_system_that_refuses_files_without_a_name_gets_one_with_a_name(tmp_path, monkeypatch):
    opened = outputs.os.open

    def refuse(path, flags, *more, **others):
        if outputs._UNNAMED and flags & outputs._UNNAMED == outputs._UNNAMED:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        return opened(path, flags, *more, **others)

    monkeypatch.setattr(outputs.os, "open", refuse)
    with writing(tmp_path / "out") as stream:
        stream.write(b"data")
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("length", [200, 255])
def test_a_name_as_long_as_the_system_allows_works(length, way, tmp_path):
    publish(b"one", tmp_path / ("n" * length))
    publish(b"two", tmp_path / ("n" * length), overwrite=True)
    assert names(tmp_path) == ["n" * length]


def test_a_name_of_long_characters_works(way, tmp_path):
    name = "新" * 80
    publish(b"one", tmp_path / name)
    publish(b"two", tmp_path / name, overwrite=True)
    assert names(tmp_path) == [name]


PLACES = {"a directory": "folder", "no such folder": "gone/out", "below a file": "file/out", "no name": "a\0b"}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_place_where_nothing_can_be_written_is_refused_before_anything_is(place, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError) as caught, writing(tmp_path / place, overwrite=True):
        pytest.fail("nothing should be opened")
    assert caught.value.hint
    assert names(tmp_path) == ["file", "folder"]


def test_a_target_that_is_a_link_is_not_written_through_unasked(way, tmp_path):
    (tmp_path / "precious").write_bytes(b"before")
    (tmp_path / "out").symlink_to("precious")
    with pytest.raises(OutputExists):
        publish(b"after", tmp_path / "out")
    publish(b"after", tmp_path / "out", overwrite=True)
    assert (tmp_path / "precious").read_bytes() == b"before"
    assert (tmp_path / "out").read_bytes() == b"after"


def test_a_link_that_leads_nowhere_is_not_written_through(way, tmp_path):
    (tmp_path / "out").symlink_to("gone")
    with pytest.raises(OutputExists):
        publish(b"data", tmp_path / "out")
    assert not (tmp_path / "gone").exists()


WRITER = """
import sys
from pathlib import Path
from provenance.storage import writing
with writing(Path(sys.argv[1]), overwrite=True) as stream:
    stream.write(b"y" * (3 << 20))
    stream.flush()
    print("in the middle", flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(not outputs._UNNAMED, reason="this system has no files without a name")
@pytest.mark.parametrize("exists", [False, True], ids=["new", "over another"])
def test_a_process_that_is_killed_leaves_neither_output_nor_temporary_file(exists, tmp_path):
    target = tmp_path / "out"
    if exists:
        target.write_bytes(b"before")
    command = [sys.executable, "-c", WRITER, str(target)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout.readline() == b"in the middle\n"
        process.kill()
        assert process.wait(timeout=30) == -signal.SIGKILL
    assert names(tmp_path) == (["out"] if exists else [])
    assert not exists or target.read_bytes() == b"before"
