"""The policy that is used when none is named: no state of any facet is forgotten, and bad news is never accepted."""

from __future__ import annotations

import typing
from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace

import pytest

from provenance.model import facets
from provenance.model.facets import Facet, Facets
from provenance.model.policy import Held, Outcome, Policy, RuleUse, Severity
from provenance.model.verdict import Decision
from provenance.policy import Facts, Need, evaluate, needs
from provenance.policy.registry import every, find
from tests.unit.stores import SOUND, STANDARD, a_manifest, a_store, a_verdict, an_ingredient, bad, good, some_facts

STATES = {name: typing.get_args(hint)[0] for name, hint in typing.get_type_hints(Facets, vars(facets)).items()}
BAD = {"changed", "malformed", "invalid", "revoked", "broken", "unreadable"}
BROKEN = {"changed", "malformed", "revoked", "broken", "unreadable"}
NO_FEWER = {"content": "not checked", "signature": "not checked", "signer": "not checked", "credential": "absent"}
"""States in which the main questions are open: never accepted."""


class Given(Facts):
    """Facts of a sound file, one facet of which is in another state."""

    def __init__(self, name, state):
        sound = some_facts(a_store())
        self.inspection = sound.inspection
        self._trace = sound._trace
        self._told = replace(sound.facets, **{name: Facet(state=state, reason=f"the {name} is {state}")})

    @property
    def facets(self):
        return self._told


def decided(name, state):
    return evaluate(Given(name, state), STANDARD)


ALL_STATES = [(name, state) for name, states in STATES.items() for state in states]


@pytest.mark.parametrize(("name", "state"), ALL_STATES, ids=str)
def test_every_state_of_every_facet_has_an_outcome(name, state):
    verdict = decided(name, state)
    told = [item for item in verdict.findings if item.message == f"the {name} is {state}"]
    assert told, "no rule of the standard policy looks at this facet"
    if state in BAD or state == NO_FEWER.get(name):
        assert verdict.decision is not Decision.ACCEPTED
    if state in BROKEN:
        assert verdict.decision is Decision.REJECTED


def test_the_facets_of_a_sound_file_are_all_good_news():
    assert a_verdict(a_store()).decision is Decision.ACCEPTED
    assert set(STATES) == set(Facets.__dataclass_fields__)


VERDICTS = {
    "sound": (a_store(), Decision.ACCEPTED),
    "valid only": (a_store(statuses=(*good(*SOUND[1:]), *bad("signingCredential.untrusted"))), Decision.REVIEW),
    "nothing reported at all": (a_store(statuses=()), Decision.REVIEW),
    "no word about the content": (a_store(statuses=good(*SOUND[:2])), Decision.REVIEW),
    "no word about the signature": (a_store(statuses=good(SOUND[0], SOUND[2])), Decision.REVIEW),
    "identity open": (
        a_store(statuses=(*good(*SOUND), *bad("cawg.x509.credential.untrusted")), reported="Valid"),
        Decision.REVIEW,
    ),
    "identity broken": (a_store(statuses=(*good(*SOUND), *bad("cawg.ica.signature_mismatch"))), Decision.REJECTED),
    "identity of an unknown kind": (a_store(statuses=(*good(*SOUND), *bad("cawg.new.thing"))), Decision.REJECTED),
    "one identity open, one broken": (
        a_store(statuses=(*good(*SOUND), *bad("cawg.x509.credential.untrusted", "cawg.ica.signature_mismatch"))),
        Decision.REJECTED,
    ),
    "invalid for no reason given": (a_store(reported="Invalid"), Decision.REJECTED),
    "invalid for want of trust only": (
        a_store(statuses=(*good(*SOUND[1:]), *bad("signingCredential.untrusted")), reported="Invalid"),
        Decision.REVIEW,
    ),
    "invalid for trust and more": (
        a_store(statuses=(*good(*SOUND), *bad("signingCredential.untrusted", "timeOfSigning.outsideValidity")),
                reported="Invalid"),
        Decision.REJECTED,
    ),
    "broken ancestor though the engine trusts it": (
        a_store(a_manifest("a", an_ingredient("b", bad("assertion.dataHash.mismatch"))), a_manifest("b")),
        Decision.REJECTED,
    ),
    "a time-stamp of something else": (a_store(statuses=(*good(*SOUND), *bad("timeStamp.mismatch"))), Decision.REVIEW),
    "revoked": (a_store(statuses=(*good(*SOUND), *bad("signingCredential.ocsp.revoked"))), Decision.REJECTED),
}  # fmt: skip


@pytest.mark.parametrize(("store", "decision"), VERDICTS.values(), ids=VERDICTS)
def test_facts_are_good_for_a_decision(store, decision):
    assert a_verdict(store).decision is decision


NO_STORE = {
    "absent": ({}, Decision.REVIEW),
    "unreadable": ({"problem": "broken"}, Decision.REJECTED),
    "elsewhere": ({"remote_url": "https://example.org/x"}, Decision.REVIEW),
}


@pytest.mark.parametrize(("facts", "decision"), NO_STORE.values(), ids=NO_STORE)
def test_without_credentials_nothing_is_accepted(facts, decision):
    verdict = a_verdict(**facts)
    assert verdict.decision is decision
    assert len(verdict.findings) == len(STANDARD.rules)


def test_findings_carry_the_codes_that_they_rest_on():
    verdict = a_verdict(a_store(statuses=bad("unheard.of", "cawg.new.thing"), reported="Invalid"))
    evidence = {item.rule: item.evidence for item in verdict.findings}
    assert "cawg.new.thing" in evidence["signer.publisher-unbroken"]
    assert "unheard.of" in evidence["integrity.engine-agrees"]


def a_policy(*rules):
    return Policy(name="test", version="1", purpose="", rules=rules, digest="", text="")


def a_use(rule="custom.x", **more):
    return RuleUse(rule=rule, **({"severity": Severity.FAIL, "require": "it", "message": "it is not so"} | more))


def asked(use, **answers):
    """Judge by one rule; expressions have the values that are given for them."""
    told = {name: Held(value=value, why="nobody knows", evidence=("a = 1",)) for name, value in answers.items()}
    conditions = SimpleNamespace(holds=lambda expression, facts: told[expression])
    facts = Facts(some_facts(a_store()).inspection, trace=lambda store: None, report=dict, conditions=conditions)
    return evaluate(facts, a_policy(use))


WEIGHED = {
    "holds": (a_use(), {"it": True}, Outcome.PASSED, Decision.ACCEPTED),
    "does not hold": (a_use(), {"it": False}, Outcome.FAILED, Decision.REJECTED),
    "does not hold, for review": (a_use(severity=Severity.REVIEW), {"it": False}, Outcome.FAILED, Decision.REVIEW),
    "does not hold, for information": (a_use(severity=Severity.INFO), {"it": False}, Outcome.FAILED, Decision.ACCEPTED),
    "open": (a_use(), {"it": None}, Outcome.UNDECIDED, Decision.REVIEW),
    "open, for information": (
        a_use(on_missing=Severity.INFO), {"it": None}, Outcome.UNDECIDED, Decision.ACCEPTED,
    ),
    "open, and fails": (a_use(on_missing=Severity.FAIL), {"it": None}, Outcome.UNDECIDED, Decision.REJECTED),
    "asked": (a_use(when="if"), {"if": True, "it": False}, Outcome.FAILED, Decision.REJECTED),
    "whether it is asked is open": (
        a_use(when="if"), {"if": None, "it": True}, Outcome.UNDECIDED, Decision.REVIEW,
    ),
    "whether it is asked is open, and fails": (
        a_use(when="if", on_missing=Severity.FAIL), {"if": None, "it": True}, Outcome.UNDECIDED, Decision.REJECTED,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("use", "answers", "outcome", "decision"), WEIGHED.values(), ids=WEIGHED)
def test_an_outcome_weighs_what_the_policy_says(use, answers, outcome, decision):
    verdict = asked(use, **answers)
    assert (verdict.findings[0].outcome, verdict.decision) == (outcome, decision)
    assert verdict.findings[0].evidence == ("a = 1",)


def test_a_finding_says_why_nothing_was_decided():
    assert asked(a_use(), it=None).findings[0].message == "its condition cannot be decided: nobody knows"
    message = asked(a_use(when="if"), **{"if": None}).findings[0].message
    assert message == "whether the rule applies cannot be said: nobody knows"
    assert asked(a_use(), it=False).findings[0].message == "it is not so"


def test_a_rule_whose_condition_does_not_hold_is_not_asked_and_nothing_asked_accepts_nothing():
    verdict = asked(a_use(when="if"), **{"if": False})
    assert verdict.findings == ()
    assert verdict.decision is Decision.REVIEW


def test_conditions_that_nobody_decides_are_undecided():
    verdict = evaluate(some_facts(a_store()), a_policy(a_use()))
    assert verdict.findings[0].outcome is Outcome.UNDECIDED
    assert verdict.decision is Decision.REVIEW


def test_a_policy_needs_what_its_rules_need():
    assert needs(STANDARD) is Need.NOTHING
    rules = [RuleUse(rule=item.id, severity=Severity.FAIL) for item in every()]
    assert Need.CERTIFICATE in needs(a_policy(*rules))
    assert find("signer.key-at-least").needs is Need.CERTIFICATE


@pytest.mark.parametrize("group", import_module("provenance.policy.registry").GROUPS)
def test_every_group_has_rules_and_every_rule_is_in_its_group(group):
    assert [item for item in every() if item.id.startswith(f"{group}.")]
    assert {item.id.partition(".")[0] for item in every()} == set(import_module("provenance.policy.registry").GROUPS)
