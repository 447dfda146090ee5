"""Some jobs in flight, the others not yet looked at; outcomes in any order, or in theirs."""

from __future__ import annotations

import threading
import tracemalloc
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from provenance.batch import run as running
from provenance.batch.crew import AUTO, chosen
from provenance.batch.executors import HERE, PROCESSES, THREADS, Engine, Here
from provenance.batch.recipe import Operation, Recipe, Signing, Verifying
from provenance.batch.run import Run, in_order
from provenance.batch.work import Fate, Outcome
from provenance.claims import SigningOptions
from provenance.errors import KeyUnavailable, UnreadableMedia, WorkerLost
from provenance.settings import Settings
from provenance.workspace.looking import Asked
from tests.support.batch import a_job, done, entry

SIGNING = Recipe(task=Signing(options=SigningOptions()), settings=Settings())
VERIFYING = Recipe(task=Verifying(asked=Asked()), settings=Settings())


class Waiting(Here):
    """Keeps jobs until it is told to end one."""

    def __init__(self):
        self.futures = {}

    def submit(self, _fn, _parcel, job):
        self.futures[job.number] = Future()
        return self.futures[job.number]

    def end(self, number, **more):
        self.futures.pop(number).set_result(done(a_job(number), **more))


def planned(number):
    return Outcome(job=a_job(number), fate=Fate.SKIPPED)


def test_never_more_are_in_flight_than_the_window_and_none_is_looked_at_before(monkeypatch):
    flying, most, looked, lock = set(), [], [], threading.Lock()

    def perform(_parcel, job):
        with lock:
            flying.add(job.number)
            most.append((len(flying), max(looked) - min(flying)))
        Event().wait(0.002)
        with lock:
            flying.discard(job.number)
        return done(job)

    def jobs():
        for number in range(300):
            looked.append(number)
            yield a_job(number)

    monkeypatch.setattr(running, "perform", perform)
    with ThreadPoolExecutor(8) as executor:
        found = [item.job.number for item in Run(recipe=SIGNING, executor=executor, window=6).outcomes(jobs())]
    assert sorted(found) == list(range(300))
    assert max(item for item, _ in most) <= 6


def test_outcomes_that_are_known_pass_through(monkeypatch):
    monkeypatch.setattr(running, "perform", lambda _parcel, job: done(job))
    jobs = [planned(0), a_job(1), planned(2), a_job(3)]
    found = list(in_order(Run(recipe=SIGNING, executor=Here(), window=1).outcomes(jobs)))
    assert [(item.job.number, item.fate.value) for item in found] == [
        (0, "skipped"), (1, "done"), (2, "skipped"), (3, "done"),
    ]  # fmt: skip


def test_memory_is_flat_for_many_that_are_known():
    run = Run(recipe=SIGNING, executor=Here(), window=1)
    tracemalloc.start()
    count = sum(1 for _ in run.outcomes(planned(number) for number in range(5000)))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 5000
    assert most < 200_000


def test_the_first_may_be_the_last_and_the_order_is_kept():
    executor = Waiting()
    outcomes = in_order(Run(recipe=SIGNING, executor=executor, window=4).outcomes(map(a_job, range(10))))
    found = []
    reader = threading.Thread(target=lambda: found.extend(outcomes))
    reader.start()
    for number in range(1, 10):
        while number not in executor.futures:
            Event().wait(0.001)
        executor.end(number)
    assert found == []
    executor.end(0)
    reader.join(10)
    assert [item.job.number for item in found] == list(range(10))


def test_others_do_not_run_far_ahead_of_one_that_takes_long():
    executor = Waiting()
    run = Run(recipe=SIGNING, executor=executor, window=4, ahead=10)
    outcomes = run.outcomes(map(a_job, range(1000)))
    reader = threading.Thread(target=lambda: list(outcomes))
    reader.start()
    for number in range(1, 11):
        while number not in executor.futures:
            Event().wait(0.001)
        executor.end(number)
    Event().wait(0.1)
    assert set(executor.futures) == {0}
    executor.end(0)
    for number in range(11, 1000):
        while number not in executor.futures:
            Event().wait(0.0005)
        executor.end(number)
    reader.join(10)
    assert not reader.is_alive()


def test_nothing_more_is_begun_once_it_is_stopped(monkeypatch):
    stop, begun = Event(), []

    def perform(_parcel, job):
        begun.append(job.number)
        if job.number == 3:
            stop.set()
        return done(job)

    monkeypatch.setattr(running, "perform", perform)
    run = Run(recipe=SIGNING, executor=Here(), window=1, stop=stop)
    assert [item.job.number for item in run.outcomes(map(a_job, range(10)))] == [0, 1, 2, 3]
    assert begun == [0, 1, 2, 3]


@pytest.mark.parametrize("recipe", [SIGNING, VERIFYING], ids=["sign", "verify"])
@pytest.mark.parametrize("error", [WorkerLost("died"), ValueError("of a cluster")], ids=["lost", "given up"])
def test_whoever_is_lost_costs_one_row(monkeypatch, recipe, error):
    def perform(_parcel, job):
        if job.number == 1:
            raise error
        return done(job)

    monkeypatch.setattr(running, "perform", perform)
    found = list(Run(recipe=recipe, executor=Here(), window=1).outcomes(map(a_job, range(3))))
    assert [item.fate.value for item in found] == ["done", "failed", "done"]
    assert found[1].error.path == "1.jpg"
    assert (found[1].result is not None) == (recipe is VERIFYING)


def test_what_concerns_all_files_is_raised(monkeypatch):
    def perform(_parcel, _job):
        raise KeyUnavailable("the key is gone")

    monkeypatch.setattr(running, "perform", perform)
    with pytest.raises(KeyUnavailable):
        list(Run(recipe=SIGNING, executor=Here(), window=1).outcomes(map(a_job, range(3))))


CHOICES = {
    "one": (AUTO, [entry(size=10**10)], HERE),
    "a few": (AUTO, [entry()] * 5, HERE),
    "many": (AUTO, [entry()] * 200, PROCESSES),
    "two large ones": (AUTO, [entry(size=10**8)] * 2, PROCESSES),
    "only errors": (AUTO, [UnreadableMedia("no")] * 500, HERE),
    "nothing": (AUTO, [], HERE),
    "as was said": (THREADS, [entry()] * 500, THREADS),
}


@pytest.mark.parametrize(("name", "entries", "expected"), CHOICES.values(), ids=CHOICES)
def test_processes_work_where_they_pay_and_no_file_is_lost_over_that(name, entries, expected):
    engine, found = chosen(Engine(name=name), entries, Operation.SIGN)
    assert engine.name == expected
    assert list(found) == entries
