"""Judge facts by a policy: every rule is asked, and each answer becomes a finding."""

from __future__ import annotations

from functools import reduce
from operator import or_
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
    findings = (ask(facts, use) for use in policy.rules)
    return Verdict(
        inspection=facts.inspection, policy=policy, findings=tuple(item for item in findings if item is not None)
    )


def needs(policy: Policy) -> Need:
    """Say what must be collected before a policy can be asked."""
    found = Need.NOTHING
    for use in policy.rules:
        known = find(use.rule)
        if known is not None:
            found |= known.needs
            found |= reduce(or_, (known.needs_for.get(name, Need.NOTHING) for name in use.options), Need.NOTHING)
    return found


def ask(facts: Facts, use: RuleUse) -> Finding | None:
    """Ask one rule; `None` where its condition does not hold.

    Whether it holds can be undecided: then the rule is neither asked nor passed over, and counts as undecided.
    """
    if use.when is not None:
        held = facts.holds(use.when)
        if held.value is False:
            return None
        if held.value is None:
            why = f"whether the rule applies cannot be said: {held.why}"
            return _weighed(use, undecided(why, evidence=held.evidence))
    return _weighed(use, _answer(facts, use))


def _answer(facts: Facts, use: RuleUse) -> Answer:
    if use.require is not None:
        held = facts.holds(use.require)
        if held.value is None:
            return undecided(f"its condition cannot be decided: {held.why}", evidence=held.evidence)
        if held.value:
            return passed("its condition holds", evidence=held.evidence)
        return failed(use.message or "its condition does not hold", evidence=held.evidence)
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
