"""Explanations and cases of policies for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provenance.reports import wording
from provenance.reports.form import VERSION, PolicyReport

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provenance.errors import ProvenanceError
    from provenance.model.policy import Policy
    from provenance.model.trials import Explained, Tried
    from provenance.model.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReport:
    """One rule of a policy, asked of one file."""

    rule: str
    question: str
    asked: bool
    """`false` where its condition does not hold."""
    outcome: str | None
    """`passed`, `failed` or `undecided`."""
    decision: str | None
    """What the file gets if no other rule is more severe."""
    severity: str
    on_missing: str
    options: dict[str, Any]
    when: str | None
    require: str | None
    message: str | None
    subject: str | None
    evidence: tuple[str, ...]
    facts: tuple[str, ...]
    """What it looked at, and how that is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationReport:
    """Why a policy decides as it does on one file, or why it cannot."""

    file: str
    decision: str | None
    sentence: str
    error: str | None = None
    rules: tuple[RuleReport, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationDocument:
    """Everything that one run of `provenance policy explain` says."""

    version: int
    generator: str
    policy: PolicyReport
    files: tuple[ExplanationReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReport:
    """One file whose decision is known."""

    file: str
    expected: str | None
    decision: str | None
    differences: tuple[str, ...]
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesDocument:
    """Everything that one run of `provenance policy test` says."""

    version: int
    generator: str
    policy: PolicyReport
    as_expected: bool
    cases: tuple[CaseReport, ...]


def explanations(files: Iterable[ExplanationReport], *, policy: Policy, generator: str) -> ExplanationDocument:
    """Put the explanations of one run together."""
    return ExplanationDocument(version=VERSION, generator=generator, policy=_policy(policy), files=tuple(files))


def explanation(name: str, verdict: Verdict, rules: Iterable[Explained]) -> ExplanationReport:
    """Explain a verdict."""
    return ExplanationReport(
        file=name,
        decision=verdict.decision,
        sentence=wording.headline(verdict),
        rules=tuple(_rule(item) for item in rules),
    )


def not_explained(name: str, error: ProvenanceError) -> ExplanationReport:
    """Report a file that could not be looked at."""
    return ExplanationReport(file=name, decision=None, sentence=wording.NOT_LOOKED_AT, error=str(error))


def cases(results: Iterable[Tried], *, policy: Policy, generator: str) -> CasesDocument:
    """Report what a policy made of its cases."""
    found = tuple(_case(item) for item in results)
    return CasesDocument(
        version=VERSION,
        generator=generator,
        policy=_policy(policy),
        as_expected=not any(item.differences for item in found),
        cases=found,
    )


def _policy(policy: Policy) -> PolicyReport:
    return PolicyReport(name=policy.name, version=policy.version, purpose=policy.purpose, digest=policy.digest)


def _rule(item: Explained) -> RuleReport:
    use, finding = item.use, item.finding
    return RuleReport(
        rule=use.rule,
        question=item.question,
        asked=finding is not None,
        outcome=finding.outcome if finding else None,
        decision=finding.decision if finding else None,
        severity=use.severity,
        on_missing=use.on_missing,
        options=dict(use.options),
        when=use.when,
        require=use.require,
        message=finding.message if finding else None,
        subject=finding.subject if finding else None,
        evidence=finding.evidence if finding else (),
        facts=item.facts,
    )


def _case(item: Tried) -> CaseReport:
    return CaseReport(
        file=item.case.name,
        expected=item.case.decision,
        decision=item.verdict.decision if item.verdict else None,
        differences=item.differences,
        error=str(item.error) if item.error else None,
    )
