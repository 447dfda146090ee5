"""Rules about assertions and actions: which must be there, and in which form."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.model.claim import Action
from tests.unit.policy.asking import (
    FAILED,
    IPTC,
    PASSED,
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
from tests.unit.stores import a_manifest, a_store, an_ingredient, bad


def training(use="notAllowed", label="cawg.training-mining", **more):
    return assertion(label, entries={"cawg.ai_training": {"use": use} | more})


def made(*actions):
    return a_store(a_manifest("active", actions=actions))


def step(name, kind=None):
    return Action(name=name, source_type=IPTC + kind if kind else None)


def complete(*said, **more):
    return holding(*(assertion("c2pa.actions.v2", allActionsIncluded=item) for item in said), **more)


def written(version="2.4.0", **info):
    claim = {"claim_generator_info": {"name": "x"} | ({"specVersion": version} if version else {}) | info}
    return replace(a_store(a_manifest("active")), interchange={"manifests": [{"label": "active", "claim.v2": claim}]})


OLD = a_manifest("old", actions=(created(), step("c2pa.placed")), assertions=(assertion("org.example.note__2"),))
OVER = a_store(a_manifest("new", an_ingredient("old"), actions=(opened(), step("c2pa.published"))), OLD)
OVER_BROKEN = a_store(
    a_manifest("new", an_ingredient("old", bad("assertion.dataHash.mismatch", label="old")), actions=(opened(),)), OLD
)
GONE = a_store(a_manifest("new", an_ingredient("old"), actions=(opened(),)))
NOTE, PLACED = {"labels": ("org.example.note",)}, {"actions": ("placed",)}
TWO_FOUR = {"versions": ("2.4", "2.4.*")}
CASES = {
    "content.training-statement": {
        "stated": Case(outcome=PASSED, says="ai_training not-allowed", store=holding(training())),
        "of an older kind": Case(outcome=PASSED, store=holding(training(label="c2pa.training-mining"))),
        "in what is updated": Case(outcome=PASSED, store=updating(a_manifest("old", assertions=(training(),)))),
        "as wanted": Case(outcome=PASSED, store=holding(training()), options={"uses": ("not-allowed",)}),
        "otherwise": Case(
            outcome=FAILED,
            says="ai_training allowed",
            store=holding(training("allowed")),
            options={"uses": ("not-allowed",)},
        ),
        "constrained": Case(
            outcome=PASSED,
            store=holding(training("constrained", constraint_info="ask")),
            options={"uses": ("constrained",)},
        ),
        "constrained, but how is not said": Case(
            outcome=PASSED,
            says="not-allowed",
            store=holding(training("constrained")),
            options={"uses": ("not-allowed",)},
        ),
        "of another kind of learning": Case(
            outcome=FAILED,
            says="nothing about data_mining",
            store=holding(training()),
            options={"entries": ("data_mining",)},
        ),
        "in words that nobody knows": Case(outcome=FAILED, says="cannot be read", store=holding(training("perhaps"))),
        "in a form that nobody knows": Case(
            outcome=FAILED, says="cannot be read", store=holding(assertion("cawg.training-mining", entries=["no"]))
        ),
        "by an ancestor only": Case(
            outcome=FAILED,
            store=a_store(a_manifest("new", an_ingredient("old")), a_manifest("old", assertions=(training(),))),
        ),
        "nothing": Case(outcome=FAILED, says="does not state", store=holding()),
        "content changed": Case(outcome=UNDECIDED, store=changed(a_manifest("a", assertions=(training(),)))),
        "no credentials": Case(outcome=UNDECIDED),
    },
    "content.assertions-required": {
        "there": Case(outcome=PASSED, store=holding(assertion("org.example.note__2")), options=NOTE),
        "a pattern": Case(outcome=PASSED, store=holding(assertion("org.example.note")), options={"labels": ("org.*",)}),
        "a thumbnail": Case(
            outcome=PASSED,
            options={"labels": ("c2pa.thumbnail.*", "c2pa.ingredient*")},
            store=a_store(
                a_manifest("a", an_ingredient(), thumbnail="self#jumbf=/c2pa/a/c2pa.assertions/c2pa.thumbnail.claim")
            ),
        ),
        "in what is updated": Case(outcome=PASSED, store=updating(OLD), options=NOTE),
        "one of two": Case(
            outcome=FAILED,
            says="org.other is not there",
            store=holding(assertion("org.example.note")),
            options={"labels": ("org.example.note", "org.other")},
        ),
        "in an ancestor only": Case(outcome=FAILED, store=OVER, options=NOTE),
        "no credentials": Case(outcome=UNDECIDED, options=NOTE),
    },
    "content.assertions-forbidden": {
        "not there": Case(outcome=PASSED, store=holding(), options=NOTE),
        "there": Case(
            outcome=FAILED,
            says="org.example.note is there",
            store=holding(assertion("org.example.note__1")),
            options=NOTE,
        ),
        "in an ancestor": Case(outcome=PASSED, store=OVER, options=NOTE),
        "in an ancestor, which counts": Case(
            outcome=FAILED, store=OVER, options=NOTE | {"anywhere": True}, subject="old"
        ),
        "in a broken ancestor": Case(
            outcome=FAILED, store=OVER_BROKEN, options=NOTE | {"anywhere": True}, subject="old"
        ),
        "a manifest that is missing": Case(
            outcome=UNDECIDED, store=GONE, options=NOTE | {"anywhere": True}, subject="old"
        ),
        "no credentials": Case(outcome=UNDECIDED, options=NOTE),
    },
    "content.actions-required": {
        "stated": Case(outcome=PASSED, store=OVER, options={"actions": ("c2pa.published", "opened")}),
        "not stated": Case(outcome=FAILED, says="c2pa.placed is not stated", store=OVER, options=PLACED),
        "by an ancestor, which counts": Case(outcome=PASSED, store=OVER, options=PLACED | {"anywhere": True}),
        "by a broken ancestor": Case(outcome=FAILED, store=OVER_BROKEN, options=PLACED | {"anywhere": True}),
        "in what is updated": Case(outcome=PASSED, store=updating(OLD), options=PLACED),
        "content changed": Case(outcome=UNDECIDED, store=changed(OLD), options=PLACED),
        "no credentials": Case(outcome=UNDECIDED, options=PLACED),
    },
    "content.actions-forbidden": {
        "not stated": Case(outcome=PASSED, store=made(created()), options=PLACED),
        "stated": Case(outcome=FAILED, store=made(created(), step("c2pa.placed")), options=PLACED),
        "one that has left the standard": Case(
            outcome=FAILED,
            says="c2pa.saved",
            store=made(created(), step("c2pa.saved")),
            options={"actions": ("saved",)},
        ),
        "of one's own": Case(
            outcome=FAILED, store=made(created(), step("org.example.blurred")), options={"actions": ("org.example.*",)}
        ),
        "by an ancestor": Case(outcome=FAILED, store=OVER, options=PLACED, subject="old"),
        "by an ancestor, which does not count": Case(outcome=PASSED, store=OVER, options=PLACED | {"anywhere": False}),
        "by a broken ancestor": Case(outcome=FAILED, store=OVER_BROKEN, options=PLACED, subject="old"),
        "a manifest that is missing": Case(outcome=UNDECIDED, store=GONE, options=PLACED, subject="old"),
        "no credentials": Case(outcome=UNDECIDED, options=PLACED),
    },
    "content.spec-version": {
        "one that counts": Case(outcome=PASSED, store=written(), options=TWO_FOUR),
        "another": Case(
            outcome=FAILED, says="'2.1.0' of the standard, not by", store=written("2.1.0"), options=TWO_FOUR
        ),
        "none stated": Case(outcome=FAILED, says="does not state", store=written(None), options=TWO_FOUR),
        "no text": Case(outcome=FAILED, store=written([2, 4]), options=TWO_FOUR),
        "not looked at": Case(outcome=UNDECIDED, store=a_store(), options=TWO_FOUR),
        "no credentials": Case(outcome=UNDECIDED, options=TWO_FOUR),
    },
    "content.claim-version": {
        "2": Case(outcome=PASSED, store=a_store()),
        "1": Case(outcome=FAILED, says="version 1", store=a_store(a_manifest(claim_version=1))),
        "1, and that is enough": Case(outcome=PASSED, store=a_store(a_manifest(claim_version=1)), options={"least": 1}),
        "no credentials": Case(outcome=UNDECIDED),
    },
    "content.all-actions-included": {
        "they are": Case(outcome=PASSED, store=complete(True)),
        "they are not, and it is said": Case(outcome=PASSED, store=complete(False)),
        "they are not": Case(outcome=FAILED, says="not complete", store=complete(False), options={"complete": True}),
        "not said": Case(outcome=FAILED, says="does not say", store=complete(None)),
        "said in no word of the standard": Case(outcome=FAILED, store=complete("yes")),
        "no actions": Case(outcome=FAILED, store=holding()),
        "no credentials": Case(outcome=UNDECIDED),
    },
    "content.first-action": {
        "a creation": Case(outcome=PASSED, store=made(created(), step("c2pa.cropped"))),
        "an opening": Case(outcome=PASSED, store=made(opened())),
        "another": Case(outcome=FAILED, says="begins with 'c2pa.cropped'", store=made(step("c2pa.cropped"), created())),
        "two": Case(outcome=FAILED, says="c2pa.created, c2pa.opened", store=made(created(), opened())),
        "none": Case(outcome=FAILED, says="is empty", store=made()),
        "in what is updated": Case(
            outcome=FAILED, store=updating(a_manifest("old", actions=(step("c2pa.edited"),))), subject="old"
        ),
        "content changed": Case(outcome=UNDECIDED, store=changed(a_manifest("a", actions=(created(),)))),
        "no credentials": Case(outcome=UNDECIDED),
    },
    "content.source-types-stated": {
        "all": Case(outcome=PASSED, store=made(created(), step("c2pa.cropped", "humanEdits"), step("c2pa.published"))),
        "of one's own, without": Case(outcome=PASSED, store=made(created(), step("org.example.blurred"))),
        "missing": Case(outcome=FAILED, says="c2pa.cropped states no", store=made(created(), step("c2pa.cropped"))),
        "of an opening": Case(
            outcome=FAILED, says="has none", store=made(replace(opened(), source_type=IPTC + "print"))
        ),
        "retired": Case(outcome=FAILED, says="not in force", store=made(created("minorHumanEdits"))),
        "invented": Case(outcome=FAILED, says="not in force", store=made(created("dreamt"))),
        "content changed": Case(outcome=UNDECIDED, store=changed(a_manifest("a", actions=(created(),)))),
        "no credentials": Case(outcome=UNDECIDED),
    },
}


@pytest.mark.parametrize(("rule", "case"), flat(CASES))
def test_the_question_is_answered(rule, case):
    check(rule, case)
