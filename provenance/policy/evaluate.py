"""Judge facts by a policy: every rule is asked, and each answer becomes a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model.policy import Answer, Outcome, Severity
from provenance.model.verdict import Finding, Verdict
from provenance.policy.registry import Need, failed, find, passed, undecided

if TYPE_CHECKING:
    from provenance.model.policy import Policy, RuleUse
    from provenance.policy.facts import Facts

CUSTOM = "custom."
"""What the ids of a policy's own conditions begin with."""


def evaluate(facts: Facts, policy: Policy) -> Verdict:
    """Ask every rule of a policy; a rule whose condition does not hold is not asked."""
    findings = [found for use in policy.rules if (found := _finding(facts, use)) is not None]
    return Verdict(inspection=facts.inspection, policy=policy, findings=tuple(findings))


def needs(policy: Policy) -> Need:
    """Say what must be collected before a policy can be asked."""
    found = Need.NOTHING
    for use in policy.rules:
        known = find(use.rule)
        found |= known.needs if known else Need.NOTHING
    return found


def _finding(facts: Facts, use: RuleUse) -> Finding | None:
    if use.when is not None:
        held = facts.holds(use.when)
        if held.value is False:
            return None
        if held.value is None:
            why = f"whether the rule applies cannot be said: {held.why}"
            return _weighed(use, undecided(why))
    return _weighed(use, _answer(facts, use))


def _answer(facts: Facts, use: RuleUse) -> Answer:
    if use.require is not None:
        held = facts.holds(use.require)
        if held.value is None:
            return undecided(f"the condition cannot be decided: {held.why}")
        said = use.message or use.require
        return passed(f"it holds: {use.require}") if held.value else failed(said)
    known = find(use.rule)
    # A policy is parsed before it is used, and a rule that nobody knows is refused there.
    return known.ask(facts, **use.options) if known else undecided(f"there is no rule {use.rule!r}")


def _weighed(use: RuleUse, answer: Answer) -> Finding:
    severity = use.severity
    if answer.outcome is Outcome.UNDECIDED:
        severity = use.on_missing
    elif answer.outcome is Outcome.PASSED:
        severity = Severity.INFO
    return Finding(
        rule=use.rule,
        outcome=answer.outcome,
        severity=severity,
        message=answer.message,
        subject=answer.subject,
        evidence=answer.evidence,
    )
