"""Many files at a glance: how many of each decision, and why, the worst first."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from provenance.errors import UnreadableMedia
from provenance.history import trace
from provenance.model.claim import Action
from provenance.model.verdict import Decision
from provenance.reports import summary as summaries
from provenance.reports import to_terminal, wording
from provenance.reports.result import Result, Results
from provenance.reports.summary import Tally, gist, summarise, worst_first
from tests.unit.stores import SOUND, a_manifest, a_store, a_verdict, an_ingredient, bad, good

CHANGED = a_store(statuses=bad("assertion.dataHash.mismatch"), reported="Invalid")
OPENED = (Action(name="c2pa.opened"),)
BROKEN = a_store(
    a_manifest("a", an_ingredient("gone"), actions=OPENED), statuses=bad("claimSignature.mismatch"), reported="Invalid"
)
FATES = {
    "good.jpg": a_store(),
    "plain.jpg": None,
    "other.jpg": None,
    "changed.jpg": CHANGED,
    "broken.jpg": BROKEN,
    "again.jpg": CHANGED,
    "untrusted.jpg": a_store(statuses=(*good(*SOUND[1:]), *bad("signingCredential.untrusted")), reported="Valid"),
}


def a_result(name, store):
    return Result(name=name, verdict=a_verdict(store), history=trace(store) if store else None)


def some_results():
    items = [a_result(name, store) for name, store in FATES.items()]
    items.insert(2, Result(name="empty.jpg", error=UnreadableMedia("is empty", path="empty.jpg", hint="look")))
    return Results(items=tuple(items), generator="test")


def test_every_file_is_counted_once():
    found = summarise(some_results())
    assert (found.files, found.accepted, found.review, found.rejected, found.not_looked_at) == (8, 1, 3, 3, 1)
    assert sum(item.files for item in found.reasons) == 7
    assert found.decision is Decision.REJECTED


def test_reasons_are_grouped_worst_first_then_most_frequent():
    found = [(item.decision, item.rule, item.files, item.examples) for item in summarise(some_results()).reasons]
    assert found == [
        ("rejected", "integrity.content-intact", 2, ("changed.jpg", "again.jpg")),
        ("rejected", "integrity.signature-valid", 1, ("broken.jpg",)),
        (None, None, 1, ("empty.jpg",)),
        ("review", "integrity.credentials-present", 2, ("plain.jpg", "other.jpg")),
        ("review", "signer.trusted", 1, ("untrusted.jpg",)),
    ]


def test_red_flags_are_counted_by_file():
    two = a_store(a_manifest("a", an_ingredient("gone"), an_ingredient("lost"), actions=OPENED))
    items = tuple(a_result(f"{n}.jpg", two) for n in range(3))
    assert [(item.kind, item.files) for item in summarise(Results(items=items, generator="x")).flags] == [
        ("missing ancestor", 3)
    ]


def test_files_are_sorted_worst_first_and_alike_ones_stay():
    assert [item.name for item in worst_first(some_results().items)] == [
        "changed.jpg", "broken.jpg", "again.jpg", "empty.jpg", "plain.jpg", "other.jpg", "untrusted.jpg", "good.jpg",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "decision"),
    [
        (["good.jpg"], "accepted"),
        (["good.jpg", "plain.jpg"], "review"),
        (["plain.jpg", "changed.jpg", "good.jpg"], "rejected"),
        ([], None),
    ],
)
def test_the_worst_decision_counts(names, decision):
    items = tuple(a_result(name, FATES[name]) for name in names)
    results = Results(items=items, generator="test")
    assert summarise(results).decision == results.decision == decision


def test_different_reasons_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(summaries, "_KINDS", 10)
    tally = Tally()
    for number in range(1000):
        tally.add(gist(Result(name=f"{number}.jpg", error=UnreadableMedia(f"is odd in way {number}"))))
    found = tally.summary()
    assert len(found.reasons) == 11
    assert (found.reasons[0].files, found.reasons[0].message, len(found.reasons[0].examples)) == (990, None, 3)
    assert wording.because(found.reasons[0]) == "other reasons"
    assert found.not_looked_at == 1000


def test_the_terminal_shows_why_worst_first():
    console = Console(file=io.StringIO(), width=80, highlight=False, emoji=False, markup=False)
    console.print(to_terminal.summary(summarise(some_results())))
    lines = [line.rstrip() for line in console.file.getvalue().splitlines()]
    assert lines[0] == "8 files: 3 rejected, 1 not looked at, 3 to review, 1 accepted"
    assert [line[:17].rstrip() for line in lines[1:] if line[1] != " "] == [
        " rejected       2", " rejected       1", " not looked at  1", " to review      2", " to review      1",
        " look at        1",
    ]  # fmt: skip
    assert "                   integrity.content-intact: changed.jpg, again.jpg" in lines
    assert all(len(line) <= 80 for line in lines)


COUNTS = {
    "one": (["good.jpg"], "1 file: 1 accepted"),
    "two": (["good.jpg", "plain.jpg"], "2 files: 1 to review, 1 accepted"),
    "none": ([], "no files"),
}


@pytest.mark.parametrize(("names", "words"), COUNTS.values(), ids=COUNTS)
def test_counts_are_said_in_words(names, words):
    items = tuple(a_result(name, FATES[name]) for name in names)
    assert wording.counted(summarise(Results(items=items, generator="test"))) == words
