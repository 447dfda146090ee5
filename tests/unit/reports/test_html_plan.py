"""Where the steps of a history stand on a page, and under which numbers."""

from __future__ import annotations

import pytest

from provenance.history import trace
from provenance.model.claim import Relationship
from provenance.reports.to_html.plan import DEEPEST, NAMED, STEPS, plan
from tests.unit.stores import a_manifest, a_store, an_ingredient

COMPONENT = Relationship.COMPONENT_OF


def part(manifest=None, **more):
    return an_ingredient(manifest, relationship=COMPONENT, **more)


def drawn(entries):
    """Write a plan in brackets: numbers of steps, `=` before a mention, `+` before what is left out."""
    found = []
    for entry, numbers in entries:
        if entry.is_mention:
            found.append(f"={numbers.get(entry.label, '?')}")
            continue
        inside = "".join(f"({drawn([(item, numbers) for item in line])})" for line in entry.inside)
        left_out = f"+{entry.left_out}" if entry.left_out else ""
        found.append(f"{numbers[entry.label]}{inside}{left_out}")
    return " ".join(found)


def planned(*manifests):
    laid_out = plan(trace(a_store(*manifests)))
    return drawn([(entry, laid_out.numbers) for entry in laid_out.line])


PLANS = {
    "one": ((a_manifest("a"),), "1"),
    "a line": ((a_manifest("a", an_ingredient("b")), a_manifest("b", an_ingredient("c")), a_manifest("c")), "1 2 3"),
    "a part stands in the step that it went into": (
        (a_manifest("a", part("b"), an_ingredient("c")), a_manifest("b"), a_manifest("c")),
        "1(2) 3",
    ),
    "a part has a line of its own": (
        (a_manifest("a", part("b")), a_manifest("b", an_ingredient("c")), a_manifest("c")),
        "1(2 3)",
    ),
    "what the file was made from stands on its own line": (
        (
            a_manifest("a", part("b"), an_ingredient("c")),
            a_manifest("b", an_ingredient("c")),
            a_manifest("c", an_ingredient("d")),
            a_manifest("d"),
        ),
        "1(2 =3) 3 4",
    ),
    "what was used twice stands once": (
        (
            a_manifest("a", part("b"), part("c")),
            a_manifest("b", part("d")),
            a_manifest("c", part("d")),
            a_manifest("d"),
        ),
        "1(2(3))(4(=3))",
    ),
    "a circle": ((a_manifest("a", an_ingredient("b")), a_manifest("b", an_ingredient("a"))), "1 2 =1"),
    "its own parent": ((a_manifest("a", an_ingredient("a")),), "1(=1)"),
    "two parents": (
        (a_manifest("a", an_ingredient("b"), an_ingredient("c")), a_manifest("b"), a_manifest("c")),
        "1(2) 3",
    ),
    "gaps": ((a_manifest("a", an_ingredient("gone"), part()),), "1(2) 3"),
}  # fmt: skip


@pytest.mark.parametrize(("manifests", "expected"), PLANS.values(), ids=PLANS)
def test_every_step_has_one_place(manifests, expected):
    assert planned(*manifests) == expected


def test_two_parents_are_both_shown():
    """By the standard there is one; the second is not lost."""
    laid_out = plan(trace(a_store(*PLANS["two parents"][0])))
    assert laid_out.numbers == {"a": 1, "c": 2, "b": 3}


def test_a_long_line_ends_with_a_mention_of_what_is_not_shown():
    count = STEPS + 50
    chain = [a_manifest(f"m{number}", an_ingredient(f"m{number + 1}")) for number in range(count - 1)]
    laid_out = plan(trace(a_store(*chain, a_manifest(f"m{count - 1}"))))
    assert len(laid_out.numbers) == STEPS
    assert [entry.is_mention for entry in laid_out.line] == [False] * STEPS + [True]
    assert laid_out.line[-1].label not in laid_out.numbers


def test_files_within_files_are_shown_to_a_depth_and_the_others_counted():
    count = DEEPEST + 5
    nest = [a_manifest(f"m{number}", part(f"m{number + 1}")) for number in range(count - 1)]
    written = planned(*nest, a_manifest(f"m{count - 1}"))
    assert written.count("(") == DEEPEST
    assert written.endswith(f"{DEEPEST + 1}+1" + ")" * DEEPEST)


def test_a_crowd_of_parts_is_named_in_part_and_counted():
    written = planned(a_manifest("a", *(part() for _ in range(NAMED + 7)), an_ingredient("z")), a_manifest("z"))
    assert written.count("(") == NAMED
    assert "+7" in written
    assert written.endswith(f" {NAMED + 2}")
