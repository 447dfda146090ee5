"""Why a policy decides as it does: the facts that each rule rests on."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from provenance.history import trace
from provenance.model.policy import Held, RuleUse, Severity
from provenance.policy import Facts, evaluate
from provenance.policy.explain import explain
from tests.unit.stores import STANDARD, a_manifest, a_store, an_ingredient, an_inspection, bad, some_facts

STORES = {
    "sound": a_store(),
    "with an ancestor": a_store(a_manifest("a", an_ingredient("b")), a_manifest("b")),
    "broken": a_store(statuses=bad("assertion.dataHash.mismatch"), reported="Invalid"),
    "none": None,
}


@pytest.mark.parametrize("store", STORES.values(), ids=STORES)
def test_an_explanation_says_what_the_verdict_says(store):
    found = explain(some_facts(store), STANDARD)
    assert tuple(item.finding for item in found) == evaluate(some_facts(store), STANDARD).findings
    assert [item.use for item in found] == list(STANDARD.rules)
    assert all(item.question.endswith("?") for item in found)
    assert all(item.facts for item in found)


def used(rule, **more):
    return RuleUse(rule=rule, severity=Severity.FAIL, **more)


RESTS = {
    "integrity.content-intact": "content: intact",
    "signer.trusted": "signer: trusted",
    "time.trusted": "time: absent",
    "history.depth": "steps of the history: 1",
    "integrity.exclusions-allowed": "manifests: 1",
    "signer.key-at-least": "the certificate: not at hand",
    "metadata.creator-as-signed": "the file's metadata: not read",
}


@pytest.mark.parametrize(("rule", "fact"), RESTS.items(), ids=RESTS)
def test_the_facts_are_those_that_the_rule_looked_at(rule, fact):
    options = {"most": 3} if rule == "history.depth" else {}
    policy = replace(STANDARD, rules=(used(rule, options=options),))
    (found,) = explain(some_facts(a_store()), policy)
    assert fact in found.facts


def test_a_rule_that_is_not_asked_has_the_facts_of_its_condition():
    held = Held(value=False, evidence=('facets.time.state = "absent"',))
    facts = Facts(an_inspection(a_store()), trace=trace, report=dict, conditions=SimpleNamespace(holds=lambda *_: held))
    policy = replace(STANDARD, rules=(used("time.trusted", when="x"), used("custom.a", require="y")))
    first, second = explain(facts, policy)
    assert first.finding is None
    assert first.facts == held.evidence
    assert second.finding.evidence == second.facts == held.evidence
    assert second.question == "Does its condition hold?"
