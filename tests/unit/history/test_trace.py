"""Histories: every manifest once, gaps shown, and no store that makes tracing hang."""

from __future__ import annotations

import pytest

from provenance.history import trace
from provenance.model.claim import Relationship
from provenance.model.history import Edge, EditState
from provenance.model.manifest import StatusKind
from provenance.reports import wording
from tests.unit.stores import a_manifest, a_store, an_ingredient, bad, good, status


def ids(history):
    return [item.id for item in history.edits]


def test_a_manifest_without_ingredients_is_its_own_beginning():
    history = trace(a_store(a_manifest("a")))
    assert (history.head, ids(history), history.edges) == ("a", ["a"], ())
    assert ids(history) == [item.id for item in history.beginnings]


def test_an_ancestor_that_is_used_twice_appears_once_with_two_edges():
    history = trace(
        a_store(
            a_manifest("a", an_ingredient("b"), an_ingredient("c", relationship=Relationship.COMPONENT_OF)),
            a_manifest("b", an_ingredient("d")),
            a_manifest("c", an_ingredient("d")),
            a_manifest("d"),
        )
    )
    assert ids(history) == ["a", "b", "c", "d"]
    assert [(item.into, item.source) for item in history.edges] == [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]
    assert [item.id for item in history.beginnings] == ["d"]


@pytest.mark.parametrize("length", [1, 2, 3, 7], ids="{}".format)
def test_manifests_that_name_each_other_in_a_circle_are_traced_once(length):
    ring = [a_manifest(str(n), an_ingredient(str((n + 1) % length))) for n in range(length)]
    history = trace(a_store(*ring))
    assert ids(history) == [str(n) for n in range(length)]
    assert len(history.edges) == length
    assert history.beginnings == ()


def test_a_history_without_a_beginning_is_said_to_be_unknown():
    history = trace(a_store(a_manifest("a", an_ingredient("a"))))
    assert wording.beginning(history).startswith("unknown")


def test_three_hundred_generations_are_all_there():
    count = 300
    chain = [a_manifest(str(n), an_ingredient(str(n + 1))) for n in range(count - 1)]
    history = trace(a_store(*chain, a_manifest(str(count - 1))))
    assert ids(history) == [str(n) for n in range(count)]
    assert [item.id for item in history.beginnings] == [str(count - 1)]


def test_three_hundred_manifests_that_all_use_each_other_are_all_there():
    labels = [str(n) for n in range(300)]
    manifests = [a_manifest(one, *(an_ingredient(other) for other in labels if other > one)) for one in labels]
    history = trace(a_store(*manifests))
    assert sorted(ids(history)) == sorted(labels)


def test_manifests_that_nothing_leads_to_are_left_out():
    assert ids(trace(a_store(a_manifest("a"), a_manifest("stray")))) == ["a"]


OUTSIDE = {
    "no credentials": (an_ingredient(None), EditState.UNKNOWN),
    "a manifest that is not there": (an_ingredient("gone"), EditState.MISSING),
    "one kept elsewhere": (an_ingredient(None, bad("manifest.inaccessible")), EditState.NOT_FETCHED),
}


@pytest.mark.parametrize(("ingredient", "state"), OUTSIDE.values(), ids=OUTSIDE)
def test_a_gap_in_the_history_is_a_step_of_its_own(ingredient, state):
    history = trace(a_store(a_manifest("a", ingredient)))
    step = history.edit(history.edges[0].source)
    assert step.state is state
    assert (step.title, step.signature, step.trusted) == ("part", None, False)


def test_two_ingredients_without_credentials_are_two_steps():
    history = trace(a_store(a_manifest("a", an_ingredient(None), an_ingredient(None))))
    assert len(history.edits) == 3
    assert len({item.source for item in history.edges}) == 2


def test_a_fault_belongs_to_the_manifest_that_its_address_names():
    store = a_store(
        a_manifest("a", an_ingredient("b")), a_manifest("b"), deltas=bad("claimSignature.mismatch", label="b")
    )
    assert [item.state for item in trace(store).edits] == [EditState.INTACT, EditState.BROKEN]


@pytest.mark.parametrize("order", [("urn:1", "urn:12"), ("urn:12", "urn:1")], ids=" ".join)
def test_a_label_that_is_part_of_another_takes_no_fault_upon_itself(order):
    store = a_store(
        a_manifest("a", *(an_ingredient(item) for item in order)),
        *(a_manifest(item) for item in order),
        deltas=bad("claimSignature.mismatch", label="urn:12"),
    )
    broken = [item.id for item in trace(store).edits if item.state is EditState.BROKEN]
    assert broken == ["urn:12"]


def test_a_fault_without_an_address_belongs_to_the_ingredient_that_it_was_recorded_for():
    store = a_store(a_manifest("a", an_ingredient("b", bad("assertion.dataHash.mismatch"))), a_manifest("b"))
    steps = trace(store)
    assert steps.edit("b").state is EditState.BROKEN
    assert "assertion.dataHash.mismatch" in steps.edit("b").reason


def test_a_signer_whom_nobody_knows_breaks_no_step():
    store = a_store(a_manifest("a", an_ingredient("b", bad("signingCredential.untrusted"))), a_manifest("b"))
    assert {item.state for item in trace(store).edits} == {EditState.INTACT}


TRUSTED = {
    "trusted": (good("signingCredential.trusted"), True),
    "untrusted": (bad("signingCredential.untrusted"), False),
    "both": ((*good("signingCredential.trusted"), *bad("signingCredential.untrusted")), False),
    "both the other way round": ((*bad("signingCredential.untrusted"), *good("signingCredential.trusted")), False),
    "trusted, but its certificate may not sign": (
        (*good("signingCredential.trusted"), *bad("signingCredential.invalid")), False,
    ),
    "trusted, but the signature does not fit": (
        (*good("signingCredential.trusted"), *bad("claimSignature.mismatch")), False,
    ),
    "trusted, but revoked": ((*good("signingCredential.trusted"), *bad("signingCredential.ocsp.revoked")), False),
    "trusted, and changed since": ((*good("signingCredential.trusted"), *bad("assertion.dataHash.mismatch")), True),
    "silence": ((), False),
}  # fmt: skip


@pytest.mark.parametrize(("found", "trusted"), TRUSTED.values(), ids=TRUSTED)
def test_one_word_against_a_signer_is_enough(found, trusted):
    assert trace(a_store(statuses=found)).edits[0].trusted is trusted
    store = a_store(a_manifest("a", an_ingredient("b", found)), a_manifest("b"), statuses=())
    assert trace(store).edit("b").trusted is trusted


def test_what_is_no_failure_is_no_fault():
    note = status("ingredient.unknownProvenance", StatusKind.INFORMATIONAL)
    assert trace(a_store(statuses=(note,))).edits[0].state is EditState.INTACT


def test_edges_keep_how_an_ingredient_was_used():
    history = trace(a_store(a_manifest("a", an_ingredient("b", relationship=Relationship.INPUT_TO)), a_manifest("b")))
    edge = Edge(into="a", source="b", relationship=Relationship.INPUT_TO, ingredient="c2pa.ingredient.v3")
    assert history.sources("a") == history.uses("b") == (edge,)
    assert history.sources("b") == history.uses("a") == ()
