"""Red flags: each kind with what raises it and what must not; the ordinary raises none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from provenance.history import trace
from provenance.model.claim import Action, Assertion, Relationship
from provenance.model.flags import red_flags
from provenance.model.history import FlagKind, moment_of
from provenance.model.vocabulary import SOURCE_TYPES
from tests.unit.stores import SIGNED, SOUND, a_manifest, a_store, an_ingredient, bad, good

PLACED = Relationship.COMPONENT_OF
CAPTURE = Action(name="c2pa.created", source_type=SOURCE_TYPES["digitalCapture"])
OPENED = Action(name="c2pa.opened", ingredients=("self#jumbf=c2pa.assertions/c2pa.ingredient.v3",))
EDITED = Action(name="c2pa.edited")


def flags(*manifests, **more):
    return red_flags(trace(a_store(*manifests, **more)))


def kinds(*manifests, **more):
    return [(item.kind, item.edit) for item in flags(*manifests, **more)]


def made_from(label, *parents, actions=(OPENED,), **more):
    return a_manifest(label, *(an_ingredient(item) for item in parents), actions=actions, **more)


def begun(label, *actions, **more):
    return a_manifest(label, actions=actions or (CAPTURE,), **more)


ORDINARY = {
    "a capture": (begun("a"),),
    "a published capture": (made_from("a", "b", actions=(OPENED, Action(name="c2pa.published"))), begun("b")),
    "an edited capture with a logo": (
        a_manifest(
            "a", an_ingredient("b"), an_ingredient("c", relationship=PLACED, label="c2pa.ingredient.v3__1"),
            actions=(OPENED, Action(name="c2pa.placed", ingredients=("x/c2pa.ingredient.v3__1",)), EDITED),
        ),
        begun("b"), begun("c", Action(name="c2pa.created", source_type=SOURCE_TYPES["digitalCreation"])),
    ),
    "a composition of signed parts": (
        a_manifest("a", an_ingredient("b", relationship=PLACED), actions=(CAPTURE, EDITED)), begun("b"),
    ),
    "an ancestor that everything goes back to": (
        a_manifest("a", an_ingredient("b"), an_ingredient("c", relationship=PLACED), actions=(OPENED,)),
        made_from("b", "d"), made_from("c", "d"), begun("d"),
    ),
    "a redacted thumbnail": (
        made_from("a", "b", actions=(OPENED, Action(
            name="c2pa.redacted", parameters={"redacted": "self#jumbf=/c2pa/b/c2pa.assertions/c2pa.thumbnail.claim"},
        ))),
        begun("b"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("manifests", ORDINARY.values(), ids=ORDINARY)
def test_the_ordinary_raises_no_flag(manifests):
    assert flags(*manifests) == ()


STANDING = {
    "broken": (bad("assertion.dataHash.mismatch"), FlagKind.BROKEN, "it is not what was signed: the content"),
    "revoked": (bad("signingCredential.revoked"), FlagKind.BROKEN, "it is not what was signed"),
    "unsound": (bad("signingCredential.expired"), FlagKind.UNSOUND, "certificate cannot be relied on"),
    "untrusted": (bad("signingCredential.untrusted"), FlagKind.UNTRUSTED, "was not trusted when it was used"),
}


@pytest.mark.parametrize(("found", "kind", "words"), STANDING.values(), ids=STANDING)
def test_an_ancestor_that_cannot_be_relied_on_is_flagged_as_such(found, kind, words):
    (flag,) = flags(a_manifest("a", an_ingredient("b", found), actions=(OPENED,)), begun("b"))
    assert (flag.kind, flag.edit) == (kind, "b")
    assert words in flag.message


def test_the_state_of_the_file_itself_is_not_a_flag_of_its_history():
    assert flags(begun("a"), statuses=bad("assertion.dataHash.mismatch", "signingCredential.untrusted")) == ()


def test_what_our_own_lists_say_of_an_ancestor_outweighs_what_was_recorded():
    manifests = (
        a_manifest("a", an_ingredient("b", bad("signingCredential.untrusted")), actions=(OPENED,)), begun("b"),
    )  # fmt: skip
    ours = good("signingCredential.trusted")
    about_b = tuple(replace(item, uri="self#jumbf=/c2pa/b/c2pa.signature") for item in ours)
    assert flags(*manifests, deltas=about_b) == ()
    (flag,) = flags(*manifests, deltas=bad("signingCredential.untrusted", label="b"))
    assert flag.message == "no trust list vouches for its signer"


GAPS = {
    "no credentials": (an_ingredient(None), FlagKind.UNKNOWN),
    "missing": (an_ingredient("gone"), FlagKind.MISSING),
    "not fetched": (an_ingredient(None, bad("manifest.inaccessible")), FlagKind.MISSING),
}


@pytest.mark.parametrize(("ingredient", "kind"), GAPS.values(), ids=GAPS)
def test_a_gap_is_flagged(ingredient, kind):
    assert [item.kind for item in flags(a_manifest("a", ingredient, actions=(OPENED,)))] == [kind]


@pytest.mark.parametrize(
    "name",
    ["trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "compositeSynthetic", "trainedAlgorithmicData"],
)
@pytest.mark.parametrize("depth", [0, 1, 3])
def test_a_generative_source_is_found_wherever_it_is(name, depth):
    labels = "abcd"[: depth + 1]
    chain = [made_from(one, other) for one, other in pairwise(labels)]
    last = begun(labels[-1], Action(name="c2pa.created", source_type=SOURCE_TYPES[name]))
    (flag,) = flags(*chain, last)
    assert (flag.kind, flag.edit) == (FlagKind.GENERATIVE, labels[-1])
    where = ("in the file itself", "1 generation back", "", "3 generations back")[depth]
    assert flag.message == f"c2pa.created states {name}, {where}"


@pytest.mark.parametrize(
    ("assertion", "words"),
    [
        (Assertion(label="c2pa.ai-disclosure", data={"modelName": "Dream 3"}), "names the model Dream 3"),
        (Assertion(label="c2pa.ai-disclosure__1", data={}), "there is c2pa.ai-disclosure"),
        (
            Assertion(
                label="cawg.metadata",
                data={"Iptc4xmpExt:DigitalSourceType": SOURCE_TYPES["trainedAlgorithmicMedia"]},
            ),
            "cawg.metadata states trainedAlgorithmicMedia",
        ),
    ],
)
def test_a_generative_part_is_found_outside_of_actions_too(assertion, words):
    (flag,) = flags(made_from("a", "b"), begun("b", assertions=(assertion,)))
    assert flag.kind is FlagKind.GENERATIVE
    assert words in flag.message
    assert flag.message.endswith("1 generation back")


@pytest.mark.parametrize("name", sorted(set(SOURCE_TYPES) - {
    "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "compositeSynthetic", "trainedAlgorithmicData"
}))  # fmt: skip
def test_other_sources_are_not_called_generative(name):
    assert flags(begun("a", Action(name="c2pa.created", source_type=SOURCE_TYPES[name]))) == ()


BEGINNINGS = {
    "created two times": (begun("a", CAPTURE, CAPTURE), FlagKind.CREATED_TWICE),
    "created, and made from another": (made_from("a", "b", actions=(CAPTURE,)), FlagKind.CREATED_TWICE),
    "no actions": (a_manifest("a", actions=()), FlagKind.NEVER_CREATED),
    "edited, from nothing": (begun("a", EDITED), FlagKind.NEVER_CREATED),
    "put together of parts, and never created": (
        a_manifest("a", an_ingredient("b", relationship=PLACED), actions=(EDITED,)), FlagKind.NEVER_CREATED,
    ),
    "opened nothing": (begun("a", Action(name="c2pa.opened")), FlagKind.OPENED_NOTHING),
    "opened nothing, in a claim of version 1": (
        begun("a", Action(name="c2pa.opened"), claim_version=1), FlagKind.OPENED_NOTHING,
    ),
    "opened a part": (
        a_manifest("a", an_ingredient("b", relationship=PLACED), actions=(Action(name="c2pa.opened"),)),
        FlagKind.OPENED_NOTHING,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("manifest", "kind"), BEGINNINGS.values(), ids=BEGINNINGS)
def test_an_odd_beginning_is_flagged_once(manifest, kind):
    assert kinds(manifest, begun("b")) == [(kind, "a")]


def test_old_programs_that_call_what_they_opened_a_component_are_forgiven():
    first = a_manifest(
        "a", an_ingredient("b", relationship=PLACED), actions=(Action(name="c2pa.opened"),), claim_version=1
    )
    assert flags(first, begun("b")) == ()


def test_a_history_that_leads_back_to_itself_was_never_created():
    (flag,) = flags(made_from("a", "b"), made_from("b", "a"))
    assert (flag.kind, flag.edit) == (FlagKind.NEVER_CREATED, "a")
    assert "circle" in flag.message


def redacted(label, reason="c2pa.PII.present", manifest="b"):
    uri = f"self#jumbf=/c2pa/{manifest}/c2pa.assertions/{label}"
    return Action(name="c2pa.redacted", reason=reason, parameters={"redacted": uri})


@pytest.mark.parametrize(
    "label",
    ["c2pa.metadata", "cawg.metadata__2", "stds.exif", "c2pa.ai-disclosure", "cawg.training-mining", "cawg.identity",
     "c2pa.actions.v2", "c2pa.ingredient.v3", "c2pa.hash.data"],
)  # fmt: skip
def test_a_redaction_that_matters_is_flagged_where_something_is_missing(label):
    (flag,) = flags(made_from("a", "b", actions=(OPENED, redacted(label))), begun("b"))
    assert (flag.kind, flag.edit) == (FlagKind.REDACTED, "b")
    assert flag.message.startswith(f"{label} was redacted (c2pa.PII.present): ")


@pytest.mark.parametrize("label", ["c2pa.thumbnail.claim.jpeg", "org.example.note"])
def test_a_redaction_that_hides_nothing_of_the_history_is_not(label):
    assert flags(made_from("a", "b", actions=(OPENED, redacted(label))), begun("b")) == ()


def test_a_redaction_without_a_reason_says_so():
    (flag,) = flags(made_from("a", "b", actions=(OPENED, redacted("c2pa.metadata", reason=None))), begun("b"))
    assert flag.message.startswith("c2pa.metadata was redacted without a reason")


def test_a_redaction_of_what_is_not_there_is_flagged_where_it_was_made():
    manifests = (made_from("a", "b", actions=(OPENED, redacted("c2pa.metadata", manifest="x"))), begun("b"))
    assert kinds(*manifests) == [(FlagKind.REDACTED, "a")]


def test_an_ingredient_that_an_action_names_and_nobody_has_is_flagged():
    gone = Action(name="c2pa.placed", ingredients=("self#jumbf=c2pa.assertions/c2pa.ingredient.v3__1",))
    (flag,) = flags(begun("a", CAPTURE, gone))
    assert (flag.kind, flag.message) == (
        FlagKind.REDACTED, "c2pa.placed refers to c2pa.ingredient.v3__1, which is gone",
    )  # fmt: skip


def test_a_lost_ingredient_is_flagged_once():
    manifests = (
        made_from("a", "b", actions=(OPENED, redacted("c2pa.ingredient.v3__1"))),
        begun("b", CAPTURE, Action(name="c2pa.placed", ingredients=("x/c2pa.ingredient.v3__1",))),
    )
    assert kinds(*manifests) == [(FlagKind.REDACTED, "b")]


def test_flags_come_in_the_order_of_the_steps():
    broken = an_ingredient("b", bad("assertion.dataHash.mismatch"))
    found = kinds(
        a_manifest("a", broken, an_ingredient(None, relationship=PLACED), actions=(OPENED,)), begun("b", EDITED)
    )
    assert [kind for kind, _ in found] == [FlagKind.UNKNOWN, FlagKind.BROKEN, FlagKind.NEVER_CREATED]


@pytest.mark.parametrize("text", [None, "", "yesterday", "2025-06-01T12:00:00", "0001-01-01T00:00:00+14:00", 5])
def test_what_does_not_say_when_it_was_is_no_time(text):
    assert moment_of(text) is None


def test_a_time_is_read_in_its_zone():
    assert moment_of("2015-06-26T16:43:23+0200") == datetime(2015, 6, 26, 14, 43, 23, tzinfo=UTC)


def test_sound_statuses_and_signature_are_what_the_tests_take_for_granted():
    assert trace(a_store(begun("a"))).edit("a").trusted
    assert SIGNED.time is None
    assert "signingCredential.trusted" in SOUND
