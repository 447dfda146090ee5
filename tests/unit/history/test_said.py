"""What a history takes from assertions, and how it withstands stores that were made to mislead."""

from __future__ import annotations

import pytest

from provenance.history import trace, without_credentials
from provenance.model.claim import Action, Assertion, Relationship
from provenance.model.history import EditState, Removal
from tests.unit.stores import a_manifest, a_store, an_ingredient, bad, good

LABEL = "c2pa.ingredient.v3"


def redacting(uri, reason="c2pa.PII.present"):
    return Action(name="c2pa.redacted", reason=reason, parameters={"redacted": uri})


ADDRESSES = {
    "absolute": ("self#jumbf=/c2pa/b/c2pa.assertions/cawg.metadata", "b", "cawg.metadata"),
    "relative": ("self#jumbf=c2pa.assertions/cawg.metadata", None, "cawg.metadata"),
    "a label alone": ("cawg.metadata", None, "cawg.metadata"),
    "nothing": ("", None, ""),
}


@pytest.mark.parametrize(("uri", "manifest", "label"), ADDRESSES.values(), ids=ADDRESSES)
def test_a_redaction_is_read_from_its_address(uri, manifest, label):
    history = trace(a_store(a_manifest("a", an_ingredient("b"), actions=(redacting(uri),)), a_manifest("b")))
    removal = Removal(by="a", manifest=manifest, label=label, reason="c2pa.PII.present")
    assert history.edit("a").removals == (removal,)
    assert history.losses == {manifest or "": (removal,)}


@pytest.mark.parametrize("odd", [None, 5, {"a": 1}, [], [5]], ids=str)
def test_what_is_no_address_redacts_nothing(odd):
    assert trace(a_store(a_manifest("a", actions=(redacting(odd),)))).edit("a").removals == ()


def test_several_redactions_in_one_action_are_all_read():
    listed = [f"self#jumbf=/c2pa/b/c2pa.assertions/{name}" for name in ("x", "y")]
    removals = trace(a_store(a_manifest("a", actions=(redacting(listed),)))).edit("a").removals
    assert [item.label for item in removals] == ["x", "y"]


def test_a_time_stamp_that_was_added_later_is_told_of_the_step_that_it_is_for():
    stamp = Assertion(label="c2pa.time-stamp", data={"b": "MII…", "stranger": "MII…", "u": "MII…"})
    history = trace(a_store(a_manifest("u", an_ingredient("b"), assertions=(stamp,)), a_manifest("b")))
    assert {item.id: item.stamped_in for item in history.edits} == {"u": (), "b": ("u",)}


def test_a_step_without_a_title_has_that_under_which_it_was_used():
    history = trace(a_store(a_manifest("a", an_ingredient("b", title="photo.jpg")), a_manifest("b", title=None)))
    assert history.edit("b").title == "photo.jpg"


def test_a_picture_is_the_steps_own_or_the_one_that_was_kept_of_it():
    parts = (
        an_ingredient("b", thumbnail="kept of b"), an_ingredient("c", thumbnail="kept of c", label=f"{LABEL}__1"),
        an_ingredient(None, thumbnail="kept of a gap", label=f"{LABEL}__2"),
    )  # fmt: skip
    history = trace(
        a_store(a_manifest("a", *parts, thumbnail="of a"), a_manifest("b", thumbnail="of b"), a_manifest("c"))
    )
    assert [item.thumbnail for item in history.edits] == ["of a", "kept of a gap", "of b", "kept of c"]


def test_a_manifest_named_like_a_gap_does_not_hide_it():
    gap = f"a/{LABEL}/0"
    history = trace(a_store(a_manifest("a", an_ingredient(None), an_ingredient(gap)), a_manifest(gap)))
    states = {item.id: item.state for item in history.edits}
    assert states[gap] is EditState.INTACT
    assert list(states.values()).count(EditState.UNKNOWN) == 1


@pytest.mark.parametrize("name", ["c2pa", "self#jumbf=", "c2pa.signature"])
def test_a_manifest_named_like_a_part_of_an_address_takes_no_fault_upon_itself(name):
    store = a_store(
        a_manifest("a", an_ingredient("b"), an_ingredient(name)), a_manifest("b"), a_manifest(name),
        deltas=bad("claimSignature.mismatch", label="b"),
    )  # fmt: skip
    assert [item.id for item in trace(store).edits if item.state is EditState.BROKEN] == ["b"]


DOUBTS = {
    "nobody says anything": ((), (), None),
    "trusted": (good("signingCredential.trusted"), (), None),
    "not when it was used": (bad("signingCredential.untrusted"), (), "was not trusted when it was used"),
    "not by us": ((), bad("signingCredential.untrusted", label="b"), "no trust list vouches"),
    "not by us, but by others": (
        good("signingCredential.trusted"), bad("signingCredential.untrusted", label="b"), "no trust list vouches",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("recorded", "ours", "words"), DOUBTS.values(), ids=DOUBTS)
def test_silence_about_a_signer_is_neither_trust_nor_doubt(recorded, ours, words):
    store = a_store(a_manifest("a", an_ingredient("b", recorded)), a_manifest("b"), deltas=ours)
    found = trace(store).edit("b").doubt
    assert found is None if words is None else words in found


def test_an_action_names_what_it_used():
    used = Action(name="c2pa.placed", ingredients=(f"self#jumbf=c2pa.assertions/{LABEL}__1", "x/nothing"))
    parts = (an_ingredient("b"), an_ingredient("c", relationship=Relationship.COMPONENT_OF, label=f"{LABEL}__1"))
    history = trace(a_store(a_manifest("a", *parts, actions=(used,)), a_manifest("b"), a_manifest("c")))
    assert [item.source for item in history.used("a", used)] == ["c"]
    assert history.used("a", Action(name="c2pa.edited")) == ()


def test_generations_are_counted_by_the_shortest_way():
    history = trace(
        a_store(
            a_manifest("a", an_ingredient("b"), an_ingredient("d")),
            a_manifest("b", an_ingredient("c")),
            a_manifest("c", an_ingredient("d")),
            a_manifest("d"),
        )
    )
    assert history.generations == {"a": 0, "b": 1, "d": 1, "c": 2}
    assert [item.id for item in history.nearest(3)] == ["a", "b", "d"]


def test_the_line_follows_parents_only_and_ends_in_a_circle():
    history = trace(
        a_store(
            a_manifest("a", an_ingredient("c", relationship=Relationship.COMPONENT_OF), an_ingredient("b")),
            a_manifest("b", an_ingredient("a")),
            a_manifest("c"),
        )
    )
    assert history.line == ("a", "b")


def test_a_file_without_credentials_is_a_gap_and_nothing_else():
    history = without_credentials("photo.jpg", "image/jpeg", reason="no Content Credentials")
    (only,) = history.edits
    assert (only.is_gap, only.title, only.reason) == (True, "photo.jpg", "no Content Credentials")
    assert (history.head, history.edges) == (only.id, ())
