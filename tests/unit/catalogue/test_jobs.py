"""Jobs: every item is worked on by one at a time, and ends once, whoever dies over it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from provenance.catalogue import Catalogue
from provenance.errors import CatalogueError
from provenance.model.jobs import MOST_LOSSES, Counts, Failure, Result, State
from tests.support.catalogue import AT, alter, an_id
from tests.support.jobs import DONE, SPOOL, a_delivery, a_job, files, later, nothing

LEASE = later(60)


@pytest.fixture
def jobs(catalogue):
    return catalogue.jobs


def claim(jobs, owner="one", spool=SPOOL, until=LEASE):
    return jobs.claim(owner, spool, until=until)


def finish(jobs, claimed, result=DONE, at=AT, telling=nothing):
    return jobs.finish(claimed, result, at=at, telling=telling)


def states(jobs, number=1):
    return [item.state.value for item in jobs.items(an_id(number))]


def test_a_job_comes_back_as_it_was_handed_in(jobs):
    given = a_job(order='{"policy":"standard"}', caller=None)
    jobs.submit(given, [*files(2), *files(1, name="caf\udce9\0.jpg", url="https://media.example/a.jpg")])
    found = jobs.get(an_id(1))
    assert (found.id, found.order, found.caller, found.at) == (given.id, given.order, None, AT)
    assert (found.state, found.counts, found.ended_at) == (State.QUEUED, Counts(queued=3), None)
    first, _, last = jobs.items(an_id(1))
    assert (first.number, first.name, first.url, first.attempts) == (0, "0.jpg", None, 0)
    assert (last.name, last.url) == ("caf\\udce9\\x00.jpg", "https://media.example/a.jpg")
    assert jobs.item(an_id(1), 2) == last
    assert (jobs.get("another"), jobs.item(an_id(1), 3), list(jobs.items("another"))) == (None, None, [])


def test_a_job_is_over_with_its_last_item_and_that_is_told_once(jobs, catalogue):
    jobs.submit(a_job(), files(3))
    told = []

    def telling(job):
        told.append(job)
        return [a_delivery(len(told))]

    claims = [claim(jobs) for _ in range(3)]
    assert claim(jobs) is None
    assert jobs.get(an_id(1)).state is State.RUNNING
    failed = Result(failure=Failure(kind="UnreadableMedia", message="is empty", hint="was it copied completely?"))
    for number, (item, result) in enumerate(zip(claims, (DONE, failed, DONE), strict=True)):
        assert told == []
        assert finish(jobs, item, result, at=later(number), telling=telling)
    found = jobs.get(an_id(1))
    assert (found.state, found.ended_at, found.counts) == (State.DONE, later(2), Counts(done=2, failed=1))
    assert told == [found]
    assert [item.result for item in jobs.items(an_id(1))] == [DONE, failed, DONE]
    assert [item.id for item in catalogue.deliveries.find()] == ["msg_0001"]
    assert not finish(jobs, claims[0], telling=telling)
    assert len(told) == 1


def test_what_cannot_be_told_leaves_the_item_as_it_was(jobs):
    jobs.submit(a_job(), files(1))
    claimed = claim(jobs)

    def telling(_job):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        finish(jobs, claimed, telling=telling)
    assert states(jobs) == ["running"]
    assert finish(jobs, claimed)


def test_jobs_take_turns(jobs):
    for number in (1, 2, 3):
        jobs.submit(a_job(number), files(4 - number))
    found = [claim(jobs) for _ in range(6)]
    assert [(int(item.job.id), item.item.number) for item in found] == [
        (1, 0), (2, 0), (3, 0), (1, 1), (2, 1), (1, 2),
    ]  # fmt: skip


def test_only_who_has_the_files_works_on_them(jobs):
    jobs.submit(a_job(1, spool="elsewhere"), files(1))
    jobs.submit(a_job(2), files(1))
    assert claim(jobs).job.id == an_id(2)
    assert claim(jobs) is None
    assert claim(jobs, "other", "elsewhere").job.id == an_id(1)
    assert (jobs.owners(SPOOL), jobs.owners("elsewhere")) == ({"one"}, {"other"})


def test_many_at_once_are_given_each_item_once(url):
    with Catalogue.open(url) as catalogue:
        catalogue.jobs.submit(a_job(), files(40))
    told = []

    def work(owner):
        with Catalogue.open(url, wait=60) as catalogue:
            found = []
            while (claimed := claim(catalogue.jobs, owner)) is not None:
                assert finish(catalogue.jobs, claimed, telling=lambda job: told.append(job) or [])
                found.append(claimed.item.number)
            return found

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(work, "abcd"))
    assert sorted(number for part in found for number in part) == list(range(40))
    assert [job.counts for job in told] == [Counts(done=40)]


# ---- leases


def test_an_item_whose_lease_has_ended_is_given_to_another_and_the_first_is_not_heard_any_more(jobs):
    jobs.submit(a_job(), files(1))
    first = claim(jobs, "one", until=later(10))
    assert jobs.recover(at=later(10), telling=nothing) == 0
    assert jobs.recover(at=later(11), telling=nothing) == 1
    second = claim(jobs, "two", until=later(100))
    assert (first.item.attempts, second.item.attempts) == (1, 2)
    assert not finish(jobs, first, Result(report=an_id(7)))
    assert states(jobs) == ["running"]
    assert finish(jobs, second)
    assert next(jobs.items(an_id(1))).result == DONE


def test_the_same_owner_is_not_heard_about_an_item_that_it_lost_and_was_given_again(jobs):
    jobs.submit(a_job(), files(1))
    first = claim(jobs, until=later(10))
    jobs.recover(at=later(11), telling=nothing)
    second = claim(jobs)
    assert not finish(jobs, first)
    assert finish(jobs, second)


def test_a_lease_is_renewed_for_all_that_an_owner_has(jobs):
    jobs.submit(a_job(), files(3))
    for owner in ("one", "one", "two"):
        claim(jobs, owner, until=later(10))
    assert jobs.renew("one", until=later(100)) == 2
    assert jobs.recover(at=later(50), telling=nothing) == 1
    assert states(jobs) == ["running", "running", "queued"]


def test_what_a_dead_owner_had_is_taken_back_at_once(jobs):
    jobs.submit(a_job(), files(2))
    claim(jobs, "dead")
    claim(jobs, "alive")
    assert jobs.recover(at=AT, telling=nothing, dead=["dead", "never heard of"]) == 1
    assert states(jobs) == ["queued", "running"]


@pytest.mark.parametrize("how", ["the server dies", "its worker dies"])
def test_an_item_is_given_up_when_whoever_works_on_it_is_lost_again_and_again(how, jobs):
    jobs.submit(a_job(), files(1))
    told = []

    def telling(job):
        told.append(job.state)
        return []

    for _ in range(MOST_LOSSES):
        assert states(jobs) == ["queued"]
        claimed = claim(jobs)
        if how == "the server dies":
            jobs.recover(at=AT, telling=telling, dead=["one"])
        else:
            jobs.release(claimed, lost=True, at=AT, telling=telling)
    assert claim(jobs) is None
    item = next(jobs.items(an_id(1)))
    assert (item.state, item.attempts, item.ended_at) == (State.FAILED, MOST_LOSSES, AT)
    assert (item.result.failure.kind, item.result.failure.message) == (
        "WorkerLost", "whoever worked on it was lost 3 times",
    )  # fmt: skip
    assert told == [State.FAILED]


def test_an_item_that_is_given_back_unharmed_may_be_begun_any_number_of_times(jobs):
    jobs.submit(a_job(), files(1))
    for _ in range(MOST_LOSSES + 2):
        claimed = claim(jobs)
        jobs.release(claimed, lost=False, at=AT, telling=nothing)
        assert not finish(jobs, claimed)
    assert claim(jobs).item.attempts == 1


# ---- cancelling


def test_a_job_that_is_cancelled_begins_nothing_more_and_finishes_what_was_begun(jobs):
    jobs.submit(a_job(), files(3))
    claimed = claim(jobs)
    told = []
    jobs.cancel(an_id(1), at=later(1), telling=told.append)
    assert states(jobs) == ["running", "cancelled", "cancelled"]
    assert claim(jobs) is None
    found = jobs.get(an_id(1))
    assert (found.state, found.cancelled_at, found.ended_at, told) == (State.RUNNING, later(1), None, [])
    assert finish(jobs, claimed, at=later(2))
    found = jobs.get(an_id(1))
    assert (found.state, found.ended_at, found.counts) == (State.CANCELLED, later(2), Counts(done=1, cancelled=2))
    jobs.cancel(an_id(1), at=later(9), telling=nothing)
    assert jobs.get(an_id(1)) == found


def test_a_job_that_is_cancelled_before_it_began_is_over_at_once(jobs, catalogue):
    jobs.submit(a_job(), files(2))
    jobs.cancel(an_id(1), at=later(1), telling=lambda job: [a_delivery()])
    found = jobs.get(an_id(1))
    assert (found.state, found.ended_at) == (State.CANCELLED, later(1))
    assert len(catalogue.deliveries.find()) == 1


def test_what_is_lost_after_its_job_was_cancelled_is_not_begun_again(jobs):
    jobs.submit(a_job(), files(1))
    claim(jobs)
    jobs.cancel(an_id(1), at=AT, telling=nothing)
    jobs.recover(at=later(100), telling=nothing)
    assert states(jobs) == ["cancelled"]
    assert jobs.get(an_id(1)).state is State.CANCELLED


# ---- what is kept


@pytest.mark.parametrize("how", ["done", "cancelled", "given up"])
def test_an_address_is_kept_only_as_long_as_it_is_needed(how, jobs):
    jobs.submit(a_job(), files(1, url="https://media.example/a.jpg?signature=secret"))
    if how == "cancelled":
        jobs.cancel(an_id(1), at=AT, telling=nothing)
    elif how == "done":
        finish(jobs, claim(jobs))
    else:
        for _ in range(MOST_LOSSES):
            assert claim(jobs).item.url is not None
            jobs.recover(at=AT, telling=nothing, dead=["one"])
    item = jobs.item(an_id(1), 0)
    assert (item.state.is_over, item.url) == (True, None)


def test_jobs_are_listed_by_key_and_page_by_page(jobs):
    for number in range(1, 6):
        jobs.submit(a_job(number, caller="odd" if number % 2 else "even"), files(1))
    assert [int(item.id) for item in jobs.find()] == [5, 4, 3, 2, 1]
    assert [int(item.id) for item in jobs.find("odd", limit=2)] == [5, 3]
    assert [int(item.id) for item in jobs.find("odd", before=an_id(3))] == [1]
    assert jobs.unfinished("odd") == 3
    assert jobs.unfinished(None) == 0
    finish(jobs, claim(jobs))
    assert jobs.unfinished("odd") == 2
    assert jobs.counts() == Counts(queued=4, done=1)


def test_only_what_is_over_is_forgotten(jobs):
    for number in (1, 2):
        jobs.submit(a_job(number), files(1))
    finish(jobs, claim(jobs), at=later(5))
    assert jobs.old(SPOOL, before=later(5)) == []
    assert jobs.old(SPOOL, before=later(6)) == [an_id(1)]
    assert jobs.old("elsewhere", before=later(6)) == []
    for number in (1, 2):
        jobs.remove(an_id(number))
    assert jobs.known([an_id(1), an_id(2), an_id(3)]) == {an_id(2)}
    assert (list(jobs.items(an_id(1))), states(jobs, 2)) == ([], ["queued"])


def test_a_long_job_is_read_in_pages(jobs, monkeypatch):
    monkeypatch.setattr("provenance.catalogue.jobs.PAGE", 3)
    jobs.submit(a_job(), files(7))
    assert [item.number for item in jobs.items(an_id(1))] == list(range(7))


def test_a_row_that_somebody_altered_is_named_as_such(jobs, url):
    jobs.submit(a_job(), files(1))
    alter(url, "UPDATE items SET state = 'odd'")
    with pytest.raises(CatalogueError, match="a row was altered"):
        list(jobs.items(an_id(1)))


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        (Counts(queued=2), State.QUEUED),
        (Counts(queued=2, done=1), State.RUNNING),
        (Counts(queued=2, failed=1), State.RUNNING),
        (Counts(running=1, done=1), State.RUNNING),
        (Counts(running=1, cancelled=3), State.RUNNING),
        (Counts(done=3), State.DONE),
        (Counts(done=1, failed=2), State.DONE),
        (Counts(failed=2), State.FAILED),
        (Counts(cancelled=2), State.CANCELLED),
        (Counts(cancelled=2, done=1, failed=1), State.CANCELLED),
    ],
)
def test_the_state_of_a_job_follows_from_its_items(counts, state, jobs):
    jobs.submit(a_job(), files(1))
    assert replace(jobs.get(an_id(1)), counts=counts).state is state
