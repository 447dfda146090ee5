"""Whoever works on jobs: a few at once, behind requests; nothing is lost, whoever dies, hangs or is told to end."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from provenance.catalogue import Catalogue
from provenance.errors import CatalogueUnavailable, UnreadableMedia, WorkerLost
from provenance.model.jobs import Counts, State
from provenance.web.jobs.runner import Later, Manner, Runner
from provenance.web.jobs.spool import Spool
from tests.support.catalogue import AT, an_id
from tests.support.jobs import DONE, a_job, files


class Clock:
    def __init__(self):
        self.at = AT

    def __call__(self):
        return self.at

    def advance(self, **time):
        self.at += timedelta(**time)


@dataclass
class Place:
    """A catalogue, a folder, and a time."""

    catalogue: Catalogue
    spool: Spool
    clock: Clock = field(default_factory=Clock)
    told: list[State] = field(default_factory=list)
    free: bool = True

    @property
    def jobs(self):
        return self.catalogue.jobs

    def submit(self, count=1, number=1):
        job = a_job(number, spool=self.spool.id)
        folder = self.spool.make(job.id)
        for item in range(count):
            (folder / str(item)).write_bytes(b"a file")
        self.jobs.submit(job, files(count))
        return job.id

    @asynccontextmanager
    async def running(self, work, **manner):
        quick = {"poll": 0.02, "beat": 0.05, "patience": 0.2, "grace": 5.0}
        runner = Runner(self.jobs, self.spool, telling=self._telling, now=self.clock, manner=Manner(**quick | manner))
        async with runner.running(work, is_free=lambda: self.free):
            yield runner

    def _telling(self, job):
        self.told.append(job.state)
        return []

    def counts(self, number=1):
        return self.jobs.get(an_id(number)).counts

    def states(self, number=1):
        return [item.state.value for item in self.jobs.items(an_id(number))]


@pytest.fixture
def place(tmp_path):
    with Catalogue.create(f"sqlite:///{tmp_path / 'catalogue.db'}") as catalogue:
        yield Place(catalogue, Spool(tmp_path / "jobs"))


async def until(done):
    async with asyncio.timeout(120):
        while not done():
            await asyncio.sleep(0.01)


async def do_it(_claim):
    return DONE


def test_every_item_is_done_and_its_file_removed(place, tmp_path):
    job = place.submit(5)

    async def work():
        async with place.running(do_it, lanes=3):
            await until(lambda: place.counts() == Counts(done=5))

    asyncio.run(work())
    assert place.told == [State.DONE]
    assert list((tmp_path / "jobs" / job).iterdir()) == []
    assert list((tmp_path / "jobs" / "owners").iterdir()) == []


def test_so_many_at_once_as_there_are_lanes(place):
    place.submit(6)
    at_work, seen = set(), []

    async def wait_for_another(claim):
        at_work.add(claim.item.number)
        await until(lambda: len(at_work) > 1 or len(seen) > 1)
        seen.append(len(at_work))
        await asyncio.sleep(0.05)
        at_work.discard(claim.item.number)
        return DONE

    async def work():
        async with place.running(wait_for_another, lanes=2):
            await until(lambda: place.counts() == Counts(done=6))

    asyncio.run(work())
    assert max(seen) == 2


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (UnreadableMedia("is empty", path="a.jpg", hint="copy it again"), "UnreadableMedia", "is empty"),
        (ZeroDivisionError("secret detail"), "ProvenanceError", "something went wrong here, and was noted"),
    ],
    ids=lambda item: type(item).__name__,
)
def test_what_is_wrong_with_one_file_is_its_own_failure(error, kind, says, place):
    place.submit(2)

    async def fail_first(claim):
        if claim.item.number == 0:
            raise error
        return DONE

    async def work():
        async with place.running(fail_first):
            await until(lambda: place.counts() == Counts(done=1, failed=1))

    asyncio.run(work())
    failure = place.jobs.item(an_id(1), 0).result.failure
    assert (failure.kind, failure.message) == (kind, says)


def test_a_file_that_kills_whoever_works_on_it_is_given_up_and_the_others_are_done(place):
    place.submit(3)
    begun = []

    async def die_over_the_first(claim):
        if claim.item.number == 0:
            begun.append(claim.item.attempts)
            raise WorkerLost("whoever worked on it died (signal 9)")
        return DONE

    async def work():
        async with place.running(die_over_the_first):
            await until(lambda: place.counts() == Counts(done=2, failed=1))

    asyncio.run(work())
    assert begun == [1, 2, 3]
    assert place.jobs.item(an_id(1), 0).result.failure.kind == "WorkerLost"


def test_what_cannot_be_worked_on_just_now_is_worked_on_later(place):
    place.submit(1)
    begun = []

    async def be_busy(claim):
        begun.append(claim.item.attempts)
        if len(begun) < 6:
            raise Later(0.01)
        return DONE

    async def work():
        async with place.running(be_busy):
            await until(lambda: place.counts() == Counts(done=1))

    asyncio.run(work())
    assert begun == [1] * 6


def test_a_catalogue_that_is_away_costs_no_item(place, monkeypatch):
    place.submit(2)
    refusals = {"claim": 1, "finish": 2, "renew": 1}

    def refusing(name, call):
        def refuse(*arguments, **named):
            if refusals[name]:
                refusals[name] -= 1
                raise CatalogueUnavailable("the catalogue is locked")
            return call(*arguments, **named)

        return refuse

    for name in refusals:
        monkeypatch.setattr(place.jobs, name, refusing(name, getattr(place.jobs, name)))

    async def work():
        async with place.running(do_it):
            await until(lambda: place.counts() == Counts(done=2))

    asyncio.run(work())
    assert [item.attempts for item in place.jobs.items(an_id(1))] == [1, 1]


def test_requests_go_first_but_not_for_ever(place):
    place.submit(1)
    place.free = False

    async def work():
        async with place.running(do_it, patience=0.5):
            await asyncio.sleep(0.25)
            assert place.states() == ["queued"]
            await until(lambda: place.states() == ["done"])

    asyncio.run(work())


def test_a_new_job_is_seen_at_once(place):
    async def work():
        async with place.running(do_it, poll=60.0) as runner:
            await asyncio.sleep(0.1)
            place.submit(1)
            runner.ring()
            await until(lambda: place.states() == ["done"])

    asyncio.run(work())


# ---- the end


def test_who_is_told_to_end_finishes_what_is_in_flight_and_begins_nothing_more(place):
    place.submit(3)
    begun = asyncio.Event()

    async def take_a_while(_claim):
        begun.set()
        await asyncio.sleep(0.2)
        return DONE

    async def work():
        async with place.running(take_a_while):
            await begun.wait()

    asyncio.run(work())
    assert place.states() == ["done", "queued", "queued"]


def test_what_takes_longer_than_the_grace_is_given_back_unharmed(place):
    place.submit(1)
    begun = asyncio.Event()

    async def hang(_claim):
        begun.set()
        await asyncio.sleep(3600)

    async def work():
        async with place.running(hang, grace=0.1):
            await begun.wait()

    asyncio.run(work())
    (item,) = place.jobs.items(an_id(1))
    assert (item.state, item.attempts) == (State.QUEUED, 0)


# ---- other servers


def test_what_a_dead_server_had_is_begun_again_at_once(place):
    place.submit(2)
    with place.spool.owning() as owner:
        place.jobs.claim(owner, place.spool.id, until=AT + timedelta(days=1))
    place.jobs.claim("killed before it", place.spool.id, until=AT + timedelta(days=1))

    async def work():
        async with place.running(do_it):
            await until(lambda: place.counts() == Counts(done=2))

    asyncio.run(work())
    assert [item.attempts for item in place.jobs.items(an_id(1))] == [2, 2]


def test_what_a_living_server_has_is_left_to_it_until_its_lease_ends(place):
    place.submit(1)
    with place.spool.owning() as other:
        claim = place.jobs.claim(other, place.spool.id, until=AT + timedelta(seconds=60))

        async def work():
            async with place.running(do_it):
                await asyncio.sleep(0.3)
                assert place.states() == ["running"]
                place.clock.advance(seconds=61)
                await until(lambda: place.states() == ["done"])

        asyncio.run(work())
        assert not place.jobs.finish(claim, DONE, at=AT, telling=lambda _: [])


def test_a_lease_is_renewed_for_as_long_as_the_work_takes(place, monkeypatch):
    place.submit(1)
    over = asyncio.Event()
    renewed, renew = set(), place.jobs.renew

    def noted(owner, *, until):
        renew(owner, until=until)
        renewed.add((owner, until))

    monkeypatch.setattr(place.jobs, "renew", noted)

    def by_both():
        return len({owner for owner, until in renewed if until == place.clock() + timedelta(seconds=10)}) == 2

    async def wait(_claim):
        await over.wait()
        return DONE

    async def work():
        async with place.running(wait, lease=timedelta(seconds=10)):
            await until(lambda: place.states() == ["running"])
            async with place.running(do_it, lease=timedelta(seconds=10)):
                for _ in range(10):
                    place.clock.advance(seconds=4)
                    await until(by_both)
                assert place.jobs.item(an_id(1), 0).attempts == 1
                over.set()
                await until(lambda: place.states() == ["done"])

    asyncio.run(work())


def test_two_servers_share_the_work_and_do_each_item_once(place):
    place.submit(30)
    done = []

    async def note(claim):
        await asyncio.sleep(0.005)
        done.append(claim.item.number)
        return DONE

    async def work():
        async with place.running(note, lanes=2), place.running(note, lanes=2):
            await until(lambda: place.counts() == Counts(done=30))

    asyncio.run(work())
    assert sorted(done) == list(range(30))
    assert place.told == [State.DONE]


def test_a_server_with_another_folder_leaves_it_alone(place, tmp_path):
    place.submit(1)
    other = Place(place.catalogue, Spool(tmp_path / "elsewhere"))

    async def work():
        async with other.running(do_it):
            await asyncio.sleep(0.2)

    asyncio.run(work())
    assert place.states() == ["queued"]


# ---- what is kept


def test_old_jobs_and_what_was_never_handed_in_are_forgotten(place, tmp_path):
    old, new = place.submit(1, number=1), place.submit(1, number=2)
    half = place.spool.make(an_id(3))

    async def finish():
        async with place.running(do_it):
            await until(lambda: place.counts(2) == Counts(done=1))

    async def tidy():
        async with place.running(do_it):
            await until(lambda: place.jobs.get(old) is None)
            await asyncio.sleep(0.1)

    asyncio.run(finish())
    # Folders have the time of this machine, which is not that of the test.
    for folder in (half, tmp_path / "jobs" / new):
        os.utime(folder, (0, 0))
    place.clock.advance(days=8)
    place.submit(1, number=4)
    asyncio.run(tidy())
    left = {path.name for path in (tmp_path / "jobs").iterdir()} - {"id", "owners"}
    assert left == {an_id(4)}
    assert place.jobs.get(new) is None


# ---- the folder


def test_a_folder_keeps_its_id(tmp_path):
    first = Spool(tmp_path / "jobs").id
    assert Spool(tmp_path / "jobs").id == first
    assert Spool(tmp_path / "others").id != first
    assert (tmp_path / "jobs").stat().st_mode & 0o077 == 0


def test_only_the_dead_are_dead(tmp_path):
    spool = Spool(tmp_path / "jobs")
    with spool.owning() as one, spool.owning() as two:
        assert Spool(tmp_path / "jobs").dead([one, two, "gone"]) == ["gone"]
    assert spool.dead([one, two]) == [one, two]
