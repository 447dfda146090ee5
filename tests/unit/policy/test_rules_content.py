"""Rules about how it was made, and what is stated about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.model.claim import Action
from provenance.model.further import Further
from provenance.policy.registry import find
from tests.unit.policy.asking import (
    FAILED,
    IPTC,
    PASSED,
    STAMP,
    STAMPED,
    UNDECIDED,
    Case,
    assertion,
    changed,
    check,
    created,
    flat,
    holding,
    opened,
    updating,
)
from tests.unit.stores import SIGNED, a_manifest, a_store, an_ingredient, bad, some_facts

GENERATED = "trainedAlgorithmicMedia"
CAPTURE, SCREEN = {"types": ("digitalCapture",)}, {"types": (IPTC + "screenCapture",)}


def made(*actions, **more):
    return a_store(a_manifest("active", actions=actions, **more))


def step(kind=None, name="c2pa.edited", **more):
    return Action(name=name, source_type=IPTC + kind if kind else None, **more)


def over(old, *actions, **more):
    """A store of a manifest that was made from another."""
    return a_store(a_manifest("new", an_ingredient("old", **more), actions=(opened(), *actions)), old)


def a_past(*actions, label="old", **more):
    return a_manifest(label, actions=actions, **more)


BROKEN = {"statuses": bad("assertion.dataHash.mismatch", label="old")}
GONE = a_store(a_manifest("new", an_ingredient("old"), actions=(opened(),)))
FROM_NOTHING_KNOWN = a_store(a_manifest("new", an_ingredient(), actions=(opened(),)))
DISCLOSED = assertion("c2pa.ai-disclosure", modelType="c2pa.types.model", modelName="Dream 3")


def acting(*actions, **more):
    """A manifest whose actions stand in its assertion, too, as they do in files."""
    raw = [{"action": item.name, "digitalSourceType": item.source_type} | more.pop("agent", {}) for item in actions]
    return made(*actions, assertions=(assertion("c2pa.actions.v2", actions=raw, **more),))


WHEN = "2026-04-01T12:00:00Z"
CASES = {
    "content.source-type-in": {
        "one of them": Case(outcome=PASSED, says="digitalCapture", store=made(created()), options=CAPTURE),
        "a URI with a stray blank": Case(
            outcome=PASSED, store=made(replace(created(), source_type=f" {IPTC}digitalCapture")), options=CAPTURE
        ),
        "another": Case(
            outcome=FAILED,
            says="'screenCapture', which is not one of",
            store=made(created("screenCapture")),
            options=CAPTURE,
        ),
        "none": Case(outcome=UNDECIDED, store=made(created(None)), options=CAPTURE),
        "no creation": Case(outcome=UNDECIDED, store=made(step()), options=CAPTURE),
        "an ancestor's": Case(outcome=PASSED, store=over(a_past(created())), options=CAPTURE),
        "another ancestor's": Case(
            outcome=FAILED, store=over(a_past(created("print"))), options=CAPTURE, subject="old"
        ),
        "a broken ancestor's": Case(
            outcome=UNDECIDED, store=over(a_past(created()), **BROKEN), options=CAPTURE, subject="old"
        ),
        "of an origin that is not known": Case(
            outcome=UNDECIDED,
            says="'part' was made is not known",
            store=FROM_NOTHING_KNOWN,
            options=CAPTURE,
            subject="new/c2pa.ingredient.v3/0",
        ),
        "later steps do not count": Case(outcome=PASSED, store=made(created(), step("humanEdits")), options=CAPTURE),
        "unless they are asked for": Case(
            outcome=FAILED, store=made(created(), step("humanEdits")), options=CAPTURE | {"anywhere": True}
        ),
        "in a circle": Case(
            outcome=UNDECIDED,
            options=CAPTURE,
            store=a_store(a_manifest("new", an_ingredient("old")), a_manifest("old", an_ingredient("new"))),
        ),
        "content changed": Case(outcome=UNDECIDED, store=changed(a_past(created(), label="a")), options=CAPTURE),
        "no credentials": Case(outcome=UNDECIDED, options=CAPTURE),
    },
    "content.source-type-not-in": {
        "none of them": Case(outcome=PASSED, store=made(created()), options=SCREEN),
        "one of them": Case(outcome=FAILED, store=made(created("screenCapture")), options=SCREEN),
        "a later step": Case(outcome=FAILED, store=made(created(), step("screenCapture")), options=SCREEN),
        "a later step, not asked for": Case(
            outcome=PASSED, store=made(created(), step("screenCapture")), options=SCREEN | {"anywhere": False}
        ),
        "a broken ancestor": Case(
            outcome=FAILED, store=over(a_past(created("screenCapture")), **BROKEN), options=SCREEN, subject="old"
        ),
        "content changed": Case(
            outcome=FAILED, store=changed(a_past(created("screenCapture"), label="a")), options=SCREEN
        ),
        "none stated": Case(outcome=UNDECIDED, store=made(created(None)), options=SCREEN),
    },
    "content.not-generative": {
        "nothing says so": Case(outcome=PASSED, store=made(created())),
        "a source type": Case(outcome=FAILED, says=GENERATED, store=made(created(GENERATED))),
        "a composite": Case(outcome=FAILED, store=made(created(), step("compositeWithTrainedAlgorithmicMedia"))),
        "a disclosure": Case(outcome=FAILED, says="Dream 3", store=holding(DISCLOSED)),
        "stated metadata": Case(
            outcome=FAILED,
            store=holding(assertion("cawg.metadata", **{"Iptc4xmpExt:DigitalSourceType": IPTC + GENERATED})),
        ),
        "an algorithm without training": Case(outcome=PASSED, store=made(created("algorithmicMedia"))),
        "an ancestor": Case(
            outcome=FAILED, says="1 generation back", store=over(a_past(created(GENERATED))), subject="old"
        ),
        "a broken ancestor": Case(outcome=FAILED, store=over(a_past(created(GENERATED)), **BROKEN), subject="old"),
        "content changed": Case(outcome=FAILED, store=changed(a_past(created(GENERATED), label="a"))),
        "content changed, and nothing says so": Case(outcome=UNDECIDED, store=changed(a_past(created(), label="a"))),
        "a manifest that is missing": Case(outcome=UNDECIDED, says="not at hand", store=GONE, subject="old"),
        "no credentials": Case(outcome=UNDECIDED),
    },
    "content.generative-stated": {
        "a source type": Case(outcome=PASSED, store=made(created(GENERATED))),
        "a disclosure": Case(outcome=PASSED, store=holding(DISCLOSED)),
        "what is updated": Case(outcome=PASSED, store=updating(a_past(created(GENERATED)))),
        "an ancestor only": Case(outcome=FAILED, store=over(a_past(created(GENERATED)))),
        "nothing": Case(outcome=FAILED, store=made(created())),
        "content changed": Case(outcome=UNDECIDED, store=changed(a_past(created(GENERATED), label="a"))),
        "no credentials": Case(outcome=UNDECIDED),
    },
    "content.generative-disclosed": {
        "nothing to disclose": Case(outcome=PASSED, says="nothing", store=made(created())),
        "disclosed": Case(outcome=PASSED, store=over(a_past(created(GENERATED)), step("compositeSynthetic"))),
        "disclosed in what is updated": Case(outcome=PASSED, store=updating(a_past(created(GENERATED)))),
        "by an ancestor only": Case(
            outcome=FAILED, says="itself does not", store=over(a_past(created(GENERATED))), subject="old"
        ),
        "content changed": Case(outcome=UNDECIDED, store=changed(a_past(created(GENERATED), label="a"))),
        "no credentials": Case(outcome=UNDECIDED),
    },
    "content.disclosure-complete": {
        "nothing to disclose": Case(outcome=PASSED, says="nothing", store=made(created())),
        "complete": Case(outcome=PASSED, says="by whom", store=made(created(GENERATED, WHEN), assertions=(DISCLOSED,))),
        "an agent": Case(
            outcome=PASSED,
            store=acting(created(GENERATED, WHEN), agent={"softwareAgent": {"name": "Dream", "version": "3"}}),
        ),
        "a shared agent": Case(
            outcome=PASSED,
            store=acting(
                created(GENERATED, WHEN),
                agent={"softwareAgentIndex": 0},
                softwareAgents=[{"name": "Dream", "version": "3"}],
            ),
        ),
        "an agent as a text": Case(
            outcome=PASSED, store=acting(created(GENERATED, WHEN), agent={"softwareAgent": "Dream 3"})
        ),
        "an agent without a version": Case(
            outcome=FAILED,
            says="but not with which version",
            store=acting(created(GENERATED, WHEN), agent={"softwareAgent": "Dream"}),
        ),
        "no agent of that number": Case(
            outcome=FAILED,
            says="with which system",
            store=acting(created(GENERATED, WHEN), agent={"softwareAgentIndex": 7}),
        ),
        "no system": Case(outcome=FAILED, says="with which system", store=made(created(GENERATED, WHEN))),
        "no time": Case(outcome=FAILED, says="but not when", store=made(created(GENERATED), assertions=(DISCLOSED,))),
        "a trusted time": Case(
            outcome=PASSED,
            told={"further": Further(stamp=STAMP)},
            store=replace(
                made(created(GENERATED), assertions=(DISCLOSED,), signature=replace(SIGNED, time=STAMP.time)),
                statuses=STAMPED,
            ),
        ),
        "no name": Case(
            outcome=FAILED,
            says="by whom",
            store=made(
                created(GENERATED, WHEN),
                assertions=(DISCLOSED,),
                signature=replace(SIGNED, organization=None, common_name=None),
            ),
        ),
        "by an ancestor only": Case(
            outcome=FAILED, says="itself does not", store=over(a_past(created(GENERATED))), subject="old"
        ),
        "no credentials": Case(outcome=UNDECIDED),
    },
}


@pytest.mark.parametrize(("rule", "case"), flat(CASES))
def test_the_question_is_answered(rule, case):
    check(rule, case)


def test_answers_name_what_says_so():
    assert find("content.not-generative").ask(some_facts(made(created(GENERATED)))).evidence == (GENERATED,)
