"""Histories as trees at a terminal: what is shown, what is counted, and nothing that a file could do to a terminal."""

from __future__ import annotations

import io
import unicodedata

import pytest
from rich.console import Console

from provenance.history import trace
from provenance.model.claim import Action, Assertion, Relationship
from provenance.model.vocabulary import SOURCE_TYPES
from provenance.reports.to_tree import DEEPEST, MOST, history
from tests.unit.reports.test_graph import DIAMOND, NASTY, all_of_all, nasty
from tests.unit.stores import a_manifest, a_store, a_verdict, an_ingredient, bad

PLACED = Relationship.COMPONENT_OF
CAPTURE = (Action(name="c2pa.created", source_type=SOURCE_TYPES["digitalCapture"]),)


def tree(*manifests, width=80, **more):
    store = a_store(*manifests, **more)
    return drawn(store, trace(store), width)


def drawn(store, steps, width=80):
    console = Console(file=io.StringIO(), width=width, highlight=False, emoji=False, markup=False)
    console.print(history(a_verdict(store), steps))
    return console.file.getvalue()


def parts(count):
    return [an_ingredient(str(n), relationship=PLACED, label=f"c2pa.ingredient.v3__{n}") for n in range(count)]


def test_an_action_says_what_it_used():
    used = Action(name="c2pa.placed", ingredients=("x/c2pa.ingredient.v3__0",))
    text = tree(a_manifest("a", *parts(1), actions=(used,)), a_manifest("0"))
    assert "placed title of 0" in text


def test_an_action_that_used_many_names_some():
    used = Action(name="c2pa.placed", ingredients=tuple(f"x/c2pa.ingredient.v3__{n}" for n in range(5)))
    text = tree(a_manifest("a", *parts(5), actions=(used,)), *(a_manifest(str(n)) for n in range(5)))
    assert "placed title of 0, title of 1, title of 2 and 2 more" in text


def test_a_gap_says_that_it_is_one():
    text = tree(a_manifest("a", an_ingredient(None, title="scan.jpg"), an_ingredient("gone", title="film.mp4")))
    assert "made from scan.jpg  no Content Credentials: unknown provenance" in text
    assert "made from film.mp4  missing" in text


def test_a_redaction_is_told_where_it_was_made_and_where_something_is_gone():
    redacted = Action(
        name="c2pa.redacted", reason="c2pa.PII.present",
        parameters={"redacted": "self#jumbf=/c2pa/b/c2pa.assertions/cawg.metadata"},
    )  # fmt: skip
    text = tree(a_manifest("a", an_ingredient("b"), actions=(redacted,)), a_manifest("b"))
    assert "redacted cawg.metadata – c2pa.PII.present" in text
    assert "cawg.metadata was redacted later (c2pa.PII.present)" in text


def test_a_time_stamp_that_was_added_later_is_said_not_to_be_checked():
    stamp = Assertion(label="c2pa.time-stamp", data={"b": "MII…"})
    text = tree(a_manifest("a", an_ingredient("b"), assertions=(stamp,)), a_manifest("b"))
    assert "time-stamped later, in title of a (not checked)" in text


def test_red_flags_stand_below_the_tree():
    broken = an_ingredient("b", bad("assertion.dataHash.mismatch"))
    text = tree(a_manifest("a", broken, actions=(Action(name="c2pa.opened"),)), a_manifest("b", actions=CAPTURE))
    place = text.index("Red flags")
    assert "made from" in text[:place]
    assert "! broken ancestor: title of b: it is not what was signed" in text[place:]


def test_nothing_is_attributed_to_the_signer_of_a_broken_step():
    broken = an_ingredient("b", bad("assertion.dataHash.mismatch"))
    text = tree(a_manifest("a", broken), a_manifest("b"), width=160)
    assert "title of a  intact  signed by Example News / Desk" in text
    assert "title of b  broken  names Example News / Desk as its signer  [test]" in text


def test_a_history_without_flags_says_nothing_of_them():
    assert "flag" not in tree(a_manifest("a", actions=CAPTURE))


def test_what_there_is_no_room_for_is_counted():
    text = tree(a_manifest("a", *parts(300)), *(a_manifest(str(n)) for n in range(300)), width=120)
    assert f"{301 - MOST} more files went into it that are not shown here" in text
    assert f"{MOST} of 301 steps are shown, the nearest first: --json lists all 301" in text
    assert "title of 198 " in text
    assert "title of 199 " not in text


def test_many_actions_and_many_flags_are_counted_too():
    actions = tuple(Action(name="c2pa.edited") for _ in range(100))
    gaps = [an_ingredient(f"gone {n}", label=f"c2pa.ingredient.v3__{n}", relationship=PLACED) for n in range(60)]
    text = tree(a_manifest("a", *gaps, actions=(*CAPTURE, *actions)), width=120)
    assert "61 more actions are not shown here" in text
    assert "20 more are not shown here: --json lists all 60" in text


def test_a_store_in_which_all_use_each_other_stays_readable():
    steps = all_of_all(100)
    store = a_store(*(a_manifest(item.id) for item in steps.edits))
    lines = drawn(store, steps).splitlines()
    assert len(lines) < 2500
    assert max(map(len, lines)) <= 80
    assert "more files went into it that are shown above" in drawn(store, steps, 300)


def test_a_step_shared_by_two_is_shown_once():
    store = a_store(*(a_manifest(item.id) for item in DIAMOND.edits if item.signature))
    text = drawn(store, DIAMOND)
    assert text.count("made from title of d  intact") == 1
    assert text.count("made from title of d (shown above)") == 1


@pytest.mark.parametrize("width", [20, 80, 200])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_hidden(width):
    store = nasty(NASTY)
    text = drawn(store, trace(store), width)
    assert all(len(line) <= width for line in text.splitlines())
    assert {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} <= {"\n"}


def test_as_many_generations_are_shown_as_fit():
    chain = [a_manifest(str(n), an_ingredient(str(n + 1))) for n in range(DEEPEST)]
    assert f"title of {DEEPEST} " in tree(*chain, a_manifest(str(DEEPEST)), width=200)
