"""Times that cannot all be true, and times that can."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from provenance.history import trace
from provenance.model.claim import Action, Assertion, Relationship
from provenance.model.flags import red_flags
from provenance.model.history import FlagKind
from provenance.model.times import TOLERANCE
from tests.unit.stores import SIGNED, a_manifest, a_store, an_ingredient

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
PLACED = Relationship.COMPONENT_OF
LABEL = "c2pa.ingredient.v3"


def at(hours):
    return NOON + timedelta(hours=hours)


def stated(name, hours, *labels):
    return Action(name=f"c2pa.{name}", when=at(hours).isoformat(), ingredients=tuple(f"x/{item}" for item in labels))


def step(label, *parents, actions=None, signed=None, relationship=Relationship.PARENT_OF, **more):
    begins = Action(name="c2pa.opened" if parents else "c2pa.created")
    parts = [
        an_ingredient(item, relationship=relationship, label=LABEL if not number else f"{LABEL}__{number}")
        for number, item in enumerate(parents)
    ]
    signature = replace(SIGNED, time=None if signed is None else at(signed))
    return a_manifest(label, *parts, actions=actions or (begins,), signature=signature, **more)


def found(*manifests):
    flags = [item for item in red_flags(trace(a_store(*manifests))) if item.kind is FlagKind.TIMES]
    return {item.edit: item.message for item in flags}


IN_ORDER = {
    "nothing is stated": (step("a", "b"), step("b")),
    "signed one after the other": (step("a", "b", signed=2), step("b", signed=1)),
    "at the same time": (step("a", "b", signed=1), step("b", signed=1)),
    "clocks that differ a little": (
        step("a", "b", signed=1), step("b", actions=(stated("created", 1.05),), signed=1.05),
    ),
    "stated before it was signed": (step("a", actions=(stated("created", 1),), signed=2),),
    "opened after it was created": (
        step("a", "b", actions=(stated("opened", 2),)), step("b", actions=(stated("created", 1),)),
    ),
    "a part that is newer than the beginning, used without a time": (
        step("a", "b", relationship=PLACED, actions=(stated("created", 0), Action(name="c2pa.placed"))),
        step("b", actions=(stated("created", 1),)),
    ),
    "a part that is newer than the beginning, used later": (
        step("a", "b", relationship=PLACED,
             actions=(stated("created", 0), stated("placed", 2, LABEL))),
        step("b", actions=(stated("created", 1),)),
    ),
    "times without a zone": (
        step("a", "b", signed=1), step("b", actions=(Action(name="c2pa.created", when="2025-06-02T12:00:00"),)),
    ),
    "a time-stamp that was added later": (
        step("u", "a", signed=9, assertions=(Assertion(label="c2pa.time-stamp", data={"b": "…"}),)),
        step("a", "b", signed=1), step("b", signed=8),
    ),
}  # fmt: skip


@pytest.mark.parametrize("manifests", IN_ORDER.values(), ids=IN_ORDER)
def test_times_that_can_be_true_are_not_flagged(manifests):
    assert found(*manifests) == {}


OUT_OF_ORDER = {
    "signed before its parent was": ((step("a", "b", signed=1), step("b", signed=2)), "b", "its time-stamp says"),
    "signed before a step of its parent": (
        (step("a", "b", signed=1), step("b", actions=(stated("created", 2),))), "b", "c2pa.created is stated for",
    ),
    "opened before it was created": (
        (step("a", "b", actions=(stated("opened", 1),)), step("b", actions=(stated("created", 2),))), "b",
        "which is after it was used",
    ),
    "placed before it was created": (
        (step("a", "b", relationship=PLACED,
              actions=(stated("created", 0), stated("placed", 1, LABEL))),
         step("b", actions=(stated("created", 2),))), "b", "which is after it was used",
    ),
    "stated after its own time-stamp": (
        (step("a", actions=(stated("created", 2),), signed=1),), "a", "which is after its own time-stamp",
    ),
    "through a step without a time": (
        (step("a", "b", signed=1), step("b", "c"), step("c", signed=2)), "c", "what was made from it was signed",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("manifests", "edit", "words"), OUT_OF_ORDER.values(), ids=OUT_OF_ORDER)
def test_times_that_cannot_be_true_are_flagged_where_they_are_stated(manifests, edit, words):
    flags = found(*manifests)
    assert list(flags) == [edit]
    assert words in flags[edit]
    assert NOON.date().isoformat() in flags[edit]


def test_a_step_is_flagged_once_however_many_are_older():
    assert list(found(step("a", "b", signed=1), step("b", "c", signed=1), step("c", signed=5))) == ["c"]


def test_one_step_out_of_order_does_not_hide_another():
    manifests = (
        step("a", "b", "c", signed=3), step("b", signed=5), step("c", "d", signed=2), step("d", signed=4),
    )  # fmt: skip
    assert set(found(*manifests)) == {"b", "d"}


def test_a_little_is_less_than_five_minutes():
    just = TOLERANCE.total_seconds() / 3600
    assert found(step("a", "b", signed=1), step("b", signed=1 + just)) == {}
    assert set(found(step("a", "b", signed=1), step("b", signed=1 + just + 0.01))) == {"b"}


def test_histories_in_circles_come_to_an_end():
    assert set(found(step("a", "b", signed=1), step("b", "c", signed=2), step("c", "a", signed=3))) == {"b", "c"}


def calls(work):
    """Count the calls of functions and generators: unlike seconds, they are the same on every machine."""
    counted = 0

    def count(*_):
        nonlocal counted
        counted += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return counted


def test_a_store_of_many_manifests_takes_no_more_than_its_share_of_work():
    def work(count):
        chain = [step(str(n), str(n + 1), actions=(stated("opened", -n),)) for n in range(count)]
        wide = [an_ingredient(str(n), label=f"{LABEL}__{n}") for n in range(count)]
        uses = tuple(stated("placed", 0, f"{LABEL}__{n}") for n in range(count))
        store = a_store(a_manifest("head", *wide, actions=uses), *chain, step(str(count)))
        return calls(lambda: red_flags(trace(store)))

    assert work(800) < 8.5 * work(100)
