"""What must hold for every policy and every file: more rules never accept more, and their order does not matter."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.model.claim import Action
from provenance.model.policy import Outcome, Severity
from provenance.model.verdict import SEVERITY, Decision
from provenance.policy import evaluate
from provenance.policy.registry import KINDS, every
from tests.properties import judged
from tests.support.campaign import examples
from tests.unit.stores import SIGNED, a_manifest, a_store, an_ingredient, some_facts

some = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""The same examples in every run: a test that fails only sometimes is of no use here."""
WEIGHTS = (Severity.INFO, Severity.REVIEW, Severity.FAIL)
"""From light to heavy."""


def decision(facts, policy):
    return SEVERITY.index(evaluate(facts, policy).decision)


@examples(60, campaign=250, like=some)
@given(facts=judged.facts(), policy=judged.policies(), more=judged.uses(severity=Severity.FAIL))
def test_one_more_rule_that_fails_never_accepts_more(facts, policy, more):
    assert decision(facts, replace(policy, rules=(*policy.rules, more))) >= decision(facts, policy)


@examples(40, campaign=400, like=some)
@given(facts=judged.facts(), policy=judged.policies(), more=judged.uses())
def test_one_more_rule_of_any_weight_never_makes_a_verdict_milder(facts, policy, more):
    assert decision(facts, replace(policy, rules=(more, *policy.rules))) >= decision(facts, policy)


@examples(50, campaign=400, like=some)
@given(facts=judged.facts(), policy=judged.policies(), order=st.randoms(use_true_random=False))
def test_the_order_of_rules_never_changes_a_verdict(facts, policy, order):
    rules = list(policy.rules)
    order.shuffle(rules)
    there, back = evaluate(facts, policy), evaluate(facts, replace(policy, rules=tuple(rules)))
    assert there.decision is back.decision
    assert sorted(map(repr, there.findings)) == sorted(map(repr, back.findings))


@examples(50, campaign=400, like=some)
@given(
    facts=judged.facts(),
    policy=judged.policies(),
    which=st.integers(0),
    key=st.sampled_from(("severity", "on_missing")),
)
def test_more_weight_never_makes_a_verdict_milder(facts, policy, which, key):
    rules = list(policy.rules)
    place = which % len(rules)
    for weight in WEIGHTS[WEIGHTS.index(getattr(rules[place], key)) :]:
        rules[place] = replace(rules[place], **{key: weight})
        assert decision(facts, replace(policy, rules=tuple(rules))) >= decision(facts, policy)


@examples(50, campaign=400, like=some)
@given(facts=judged.facts(), policy=judged.policies())
def test_what_was_not_decided_is_never_taken_for_passed(facts, policy):
    asked = [item for item in policy.rules if item.when != "no"]
    findings = evaluate(facts, policy).findings
    assert [item.rule for item in findings] == [item.rule for item in asked]
    for use, finding in zip(asked, findings, strict=True):
        if use.when == "open":
            assert finding.outcome is Outcome.UNDECIDED
        if finding.outcome is Outcome.UNDECIDED and use.on_missing is not Severity.INFO:
            assert finding.decision is not Decision.ACCEPTED
        if finding.outcome is Outcome.FAILED and use.severity is Severity.FAIL:
            assert finding.decision is Decision.REJECTED


@pytest.mark.parametrize("rule", every(), ids=lambda item: item.id)
def test_a_rule_is_described_as_policies_need_it(rule):
    assert rule.question.endswith("?")
    assert rule.explanation
    assert {item.kind for item in rule.options.values()} <= KINDS


@examples(60, campaign=400, like=some)
@given(facts=judged.facts(), seed=st.integers(0, 10**6))
def test_every_rule_has_an_answer_for_every_file(facts, seed):
    for rule in every():
        given_options = judged.options(rule, Random(seed))
        answer = rule.ask(facts, **given_options)
        assert answer.outcome in Outcome, rule.id
        assert answer.message.strip(), rule.id
        assert not answer.message.endswith("."), f"{rule.id}: one clause, without a full stop"
        assert all(isinstance(item, str) for item in answer.evidence), rule.id
        assert answer.subject is None or isinstance(answer.subject, str), rule.id
        assert rule.ask(facts, **given_options) == answer, rule.id


@pytest.mark.parametrize("moment", [judged.EARLY, judged.LATE], ids=["first", "last"])
def test_times_at_either_end_of_the_calendar_are_no_accident(moment):
    """Whatever a file states, and whatever its time-stamps say."""
    signed = replace(SIGNED, time=moment)
    stated = (Action(name="c2pa.created", when=moment.isoformat()), Action(name="c2pa.published", when="9999-12-31"))
    store = a_store(
        a_manifest("a", an_ingredient("b"), signature=signed, actions=stated),
        a_manifest("b", signature=signed, actions=stated),
    )
    for rule in every():
        for seed in range(3):
            assert rule.ask(some_facts(store), **judged.options(rule, Random(seed))).message, rule.id
