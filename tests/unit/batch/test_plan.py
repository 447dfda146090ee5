"""What is planned for each file, and what is remembered of it."""

from __future__ import annotations

import tracemalloc
from contextlib import closing
from itertools import islice

import pytest

from provenance.batch.journal import Journal, State
from provenance.batch.naming import Naming
from provenance.batch.plan import GROUP
from provenance.batch.work import Fate, Job
from provenance.errors import UnreadableMedia
from tests.support.batch import a_plan, done, entry, fates
from tests.support.campaign import cases


@pytest.fixture
def journal(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with closing(Journal(tmp_path / "journal.db")) as found:
        yield found


def entries(count, start=0):
    return [entry(f"in/{number}.jpg") for number in range(start, start + count)]


def test_jobs_are_in_the_journal_before_they_are_given(journal, tmp_path):
    plan = a_plan(journal)
    for job in plan.jobs(entries(GROUP + 3)):
        row = journal.known("recipe", str(tmp_path / job.source), str(tmp_path / job.target))
        assert (row.state, row.label, row.run) == (State.BEGUN, job.label, "this")
        assert job.label.startswith("urn:c2pa:")


def test_errors_and_refusals_pass_through_in_their_places(journal):
    error = UnreadableMedia("the folder cannot be read", path="in/sub")
    planned = list(a_plan(journal, naming=Naming(template="{width}.jpg")).jobs([error, entry("s3://b/a.jpg"), error]))
    assert [item.job.number for item in planned] == [0, 1, 2]
    assert fates(planned) == ["failed"] * 3


def test_a_source_that_cannot_be_read_while_it_is_planned_costs_one_row(journal, monkeypatch):
    def broken(*_args):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Naming, "target", broken)
    (found,) = a_plan(journal).jobs([entry()])
    assert found.fate is Fate.FAILED
    assert str(found.error) == "in/photo.jpg: cannot be read: Input/output error"


def test_what_was_begun_and_not_ended_keeps_its_label(journal):
    (first,) = a_plan(journal, run="before").jobs([entry()])
    (second,) = a_plan(journal).jobs([entry()])
    assert (second.label, second.again, first.again) == (first.label, True, False)


def test_another_state_of_a_source_gets_another_label(journal):
    (first,) = a_plan(journal, run="before").jobs([entry()])
    (second,) = a_plan(journal).jobs([entry(version="2")])
    assert second.label != first.label
    assert not second.again


def test_a_result_whose_end_was_not_written_down_is_not_signed_again(journal, tmp_path):
    """By name it comes before its source: the folder is listed before anything is planned."""
    list(a_plan(journal, naming=Naming(), run="before").jobs([entry("in/b.webp")]))
    (label,) = (row.label for row in journal.makers(str(tmp_path / "in/b.signed.webp")))

    def bears(name, wanted):
        return (name, wanted) == ("in/b.signed.webp", label)

    planned = list(a_plan(journal, naming=Naming(), bears=bears).jobs([entry("in/b.signed.webp"), entry("in/b.webp")]))
    assert sorted((type(item).__name__, item.job.source if not isinstance(item, Job) else item.source)
                  for item in planned) == [("Job", "in/b.webp"), ("Outcome", "in/b.signed.webp")]  # fmt: skip


def test_a_strangers_file_where_a_result_would_go_is_a_source(journal):
    planned = list(a_plan(journal, naming=Naming()).jobs([entry("in/a.jpg"), entry("in/a.signed.jpg")]))
    assert [item.target for item in planned] == ["in/a.signed.jpg", "in/a.signed.signed.jpg"]


def test_a_refused_attempt_leaves_what_is_known_as_it_was(journal, tmp_path):
    plan = a_plan(journal, run="before")
    (job,) = plan.jobs([entry()])
    plan.finished([done(job, written="w", digest="d")])
    refused = a_plan(journal)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/photo.jpg").write_bytes(b"somebody else's")
    outcomes = list(refused.jobs([entry()]))
    refused.finished(outcomes)
    assert fates(outcomes) == ["failed"]
    row = journal.known("recipe", str(tmp_path / "in/photo.jpg"), str(tmp_path / "out/photo.jpg"))
    assert (row.state, row.label, row.written) == (State.DONE, job.label, "w")


@pytest.mark.parametrize("remembers", [True, False], ids=["journal", "none"])
@cases("count", [500], more=[1500])
def test_memory_does_not_grow_with_the_batch(journal, remembers, count, tmp_path):
    """Beyond what tells two files with one result from each other, where no journal does."""
    plan = a_plan(journal if remembers else None)

    def work(count, start):
        found = plan.jobs(entry(f"in/{number:0100}.jpg") for number in range(start, start + count))
        while group := [done(item, written="w") for item in islice(found, GROUP)]:
            plan.finished(group)

    work(200, 0)
    tracemalloc.start(8)
    work(count, 200)
    traced = tracemalloc.take_snapshot()
    tracemalloc.stop()
    # Whatever else goes on in this process meanwhile is not the batch's.
    ours = traced.filter_traces([tracemalloc.Filter(True, "*/provenance/batch/*", all_frames=True)])
    grown = sum(trace.size for trace in ours.traces)
    assert grown < (75_000 if remembers else count * 700)
