"""Processes of our own: whatever happens to one costs one file, and nothing of it stays."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from provenance.batch.executors import Engine, Here, open_crew
from provenance.batch.executors.processes import Processes
from provenance.batch.executors.worker import Beginning
from provenance.errors import AuthorityError, ProvenanceError, SettingsError, WorkerLost
from tests.support import calls, confined
from tests.support.batch import children, is_alive, wait_for


def seconds(_called=None, *_more):
    return 1.0


@pytest.fixture
def begotten():
    """Tell which processes have come since, whatever other tests keep."""
    before = set(children(os.getpid()))
    return lambda: set(children(os.getpid())) - before


@pytest.fixture
def two():
    executor = Processes(2)
    yield executor
    executor.shutdown(wait=False)


@pytest.fixture
def impatient():
    executor = Processes(2, patience=seconds)
    yield executor
    executor.shutdown(wait=False)


def test_functions_are_called_in_other_processes(two):
    assert [item.result() for item in [two.submit(calls.double, number) for number in range(20)]] == [
        2 * number for number in range(20)
    ]
    found = {item.result() for item in [two.submit(calls.nap, 0.1) for _ in range(4)]}
    assert len(found) == 2
    assert os.getpid() not in found
    assert found == set(children(os.getpid())) & found


FATES = {
    "killed": (calls.die, r"died \(signal 9\)"),
    "a crash": (calls.crash, r"died \(signal 11\)"),
    "an exit": (calls.leave, r"died \(exit code 3\)"),
    "a result that does not travel": (calls.unpicklable, r"could not be handed on: Can't (get|pickle) local object"),
    "a result that refuses to": (calls.unwilling, "could not be handed on: it does not travel"),
    "an exception that cannot be made again": (calls.fail_awkwardly, "could not be handed on: TypeError"),
}


@pytest.mark.parametrize(("function", "pattern"), FATES.values(), ids=FATES)
def test_what_happens_to_one_costs_only_that(two, capfd, function, pattern):
    """Also of those that are asked in the meantime, and nothing is printed by the one that is lost."""
    first = [two.submit(calls.double, number) for number in range(5)]
    lost = [two.submit(function) for _ in range(3)]
    rest = [two.submit(calls.double, number) for number in range(5)]
    assert [item.result(60) for item in first + rest] == [0, 2, 4, 6, 8] * 2
    for item in lost:
        with pytest.raises(WorkerLost) as caught:
            item.result()
        assert re.search(pattern, str(caught.value))
    assert capfd.readouterr().err == ""


def test_an_exception_is_raised_where_the_call_came_from(two):
    with pytest.raises(ValueError, match="no good"):
        two.submit(calls.fail, "no good").result()
    assert two.submit(calls.double, 1).result() == 2


def test_what_cannot_be_sent_is_an_exception_and_the_process_goes_on(two):
    with pytest.raises(Exception, match=r"Can't (get|pickle) local object"):
        two.submit(calls.double, lambda: None).result()
    assert two.submit(calls.double, 1).result() == 2


def test_a_function_that_is_not_there_is_an_exception_and_the_process_goes_on(two, capfd):
    def gone():
        raise AssertionError

    gone.__qualname__, gone.__module__ = "double_no_more", calls.__name__
    calls.double_no_more = gone
    try:
        with pytest.raises(AttributeError):
            two.submit(gone).result()
    finally:
        del calls.double_no_more
    assert two.submit(calls.double, 1).result() == 2
    assert capfd.readouterr().err == ""


def test_one_that_hangs_is_given_up_and_replaced(begotten, impatient):
    hangs = [impatient.submit(calls.nap, 60) for _ in range(2)]
    assert impatient.submit(calls.double, 4).result(30) == 8
    for item in hangs:
        with pytest.raises(WorkerLost, match="took longer than 1 seconds") as caught:
            item.result()
        assert "--deadline" in caught.value.hint
    wait_for(lambda: len(begotten()) <= 2)


def test_what_one_has_begun_ends_with_it(impatient, tmp_path):
    hangs = impatient.submit(confined.begin_and_hang, tmp_path / "number")
    with pytest.raises(WorkerLost, match="took longer"):
        hangs.result(30)
    program = int((tmp_path / "number").read_text())
    wait_for(lambda: not is_alive(program), seconds=10)


def test_loading_does_not_count_against_the_first_file():
    executor = Processes(1, patience=lambda *_: 0.2)
    try:
        assert executor.submit(calls.double, 1).result() == 2
    finally:
        executor.shutdown()


def test_ending_waits_for_what_was_asked_for():
    """Repeated, since a process ends with the thread that started it: that must not be one that ends before."""
    for _ in range(2):
        executor = Processes(3)
        for item in [executor.submit(calls.nap, 0.05) for _ in range(3)]:
            item.result()
        last = [executor.submit(calls.nap, 0.5)]
        time.sleep(0.1)
        executor.shutdown()
        assert [item.result() for item in last]


def test_ending_at_once_waits_for_nobody(begotten):
    executor = Processes(2)
    naps = [executor.submit(calls.nap, 60) for _ in range(6)]
    wait_for(lambda: len(begotten()) >= 2)
    begun = time.monotonic()
    executor.shutdown(wait=False, cancel_futures=True)
    assert time.monotonic() - begun < 20
    assert all(item.cancelled() or isinstance(item.exception(5), WorkerLost) for item in naps)
    assert begotten() == set()
    with pytest.raises(RuntimeError):
        executor.submit(calls.double, 1)


def test_ending_while_they_are_just_being_started_leaves_none(begotten):
    for delay in (0.0, 0.01, 0.1):
        executor = Processes(4)
        for _ in range(8):
            executor.submit(calls.nap, 60)
        time.sleep(delay)
        executor.shutdown(wait=False)
        assert begotten() == set()


def test_two_hundred_replacements_leave_no_zombies_and_no_open_files(begotten):
    executor = Processes(2)
    assert executor.submit(calls.double, 1).result() == 2
    files, threads = len(list(Path("/proc/self/fd").iterdir())), threading.active_count()
    for item in [executor.submit(calls.die) for _ in range(200)]:
        assert isinstance(item.exception(), WorkerLost)
    assert len(list(Path("/proc/self/fd").iterdir())) <= files
    assert begotten() == set()
    executor.shutdown()
    assert threading.active_count() < threads


def test_secrets_show_nowhere(monkeypatch):
    monkeypatch.setenv("PROVENANCE_PASSPHRASE", "hunter2")
    monkeypatch.setenv("PROVENANCE_PASSPHRASE_FILE", "/somewhere/hunter2")
    executor = Processes(1, beginning=Beginning(secrets={"the passphrase of Desk": "hunter2"}))
    try:
        seen = executor.submit(calls.look_around).result()
        assert b"hunter2" not in seen
        assert b"provenance" in seen
        assert executor.submit(calls.what_opens, "the passphrase of Desk").result() == "hunter2"
    finally:
        executor.shutdown()


_PARENT = """
import signal, sys, time
from provenance.batch.executors.processes import Processes
from tests.support import calls, confined
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # also where whoever runs the tests has it ignored, as nohup does
executor = Processes(2)
naps = [executor.submit(calls.nap, 60) for _ in range(2)]
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP], ids=lambda item: item.name)
def test_they_die_with_the_one_that_started_them(number):
    parent = subprocess.Popen([sys.executable, "-c", _PARENT])
    found = wait_for(lambda: len(item := children(parent.pid)) == 2 and item)
    parent.send_signal(number)
    parent.wait(20)
    wait_for(lambda: not any(map(is_alive, found)), seconds=10)


def test_the_keyboard_stops_only_the_one_that_started_them(two):
    found = two.submit(calls.nap, 0).result()
    nap = two.submit(calls.nap, 0.5)
    time.sleep(0.1)
    os.kill(found, signal.SIGINT)
    assert nap.result() == found


@pytest.mark.parametrize("name", ["spaceship", "", "dask:/host"])
def test_an_engine_that_is_not_known_is_said(name):
    with pytest.raises(SettingsError, match="there is no engine"):
        open_crew(Engine(name=name))


def test_a_cluster_that_is_not_there_is_said_with_a_hint(monkeypatch):
    pytest.importorskip("distributed", reason="the extra cluster is not installed")
    monkeypatch.setattr("provenance.batch.executors.cluster._REACH", "200ms")
    with pytest.raises(AuthorityError, match="scheduler cannot be reached") as caught:
        open_crew(Engine(name="dask://127.0.0.1:1"))
    assert "dask scheduler" in caught.value.hint


def test_this_very_thread_works_at_once():
    here = Here()
    assert here.submit(calls.double, 2).result() == 4
    with pytest.raises(ProvenanceError):
        here.submit(calls.refuse).result()
    assert open_crew(Engine(name="here")).window == 1
