"""The fourth level: everything that the verdict rests on, for whoever looks into it or archives it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model.policy import Outcome
from provenance.reports.to_html import labels
from provenance.reports.to_html.evidence import certificate, manifests, revocation, statuses, trust
from provenance.reports.to_html.markup import Markup, element, join, text
from provenance.reports.to_html.parts import (
    bounded,
    code,
    listed,
    moment,
    phrase,
    rows,
    section,
    state,
    table,
    told,
)

if TYPE_CHECKING:
    from provenance.model.verdict import Finding, Verdict

_FINDINGS = 200
_CODES = 20
_LONG = 2000
"""Characters of a policy's purpose and of an error."""


def judgement(verdict: Verdict) -> Markup:
    """Show what the policy found, and which policy that was."""
    return join((*_findings(verdict), _policy(verdict)))


def detail(verdict: Verdict) -> Markup:
    """Show what the facts rest on: certificates, manifests, status codes, trust lists, and the look itself."""
    found = verdict.inspection
    return join(
        (certificate(found), revocation(found), *manifests(found), *statuses(found), trust(found), _run(verdict))
    )


def facets(verdict: Verdict) -> Markup:
    """Show one answer to each question."""
    answers = verdict.facets
    found = [(name, getattr(answers, name)) for name in type(answers).__dataclass_fields__]
    lines = [(name, state(facet.state), told(facet.reason)) for name, facet in found]
    return section(
        labels.FACETS, table(labels.FACETS, (labels.QUESTION, labels.ANSWER, labels.REASON), lines, class_="facets")
    )


def _findings(verdict: Verdict) -> list[Markup | None]:
    shown, more = bounded(verdict.findings, _FINDINGS)
    columns = (labels.RULE, labels.OUTCOME, labels.WEIGHT, labels.FOUND)
    lines = [(code(item.rule), state(labels.OUTCOMES[item.outcome]), _weight(item), _finding(item)) for item in shown]
    return [section(labels.FINDINGS, table(labels.FINDINGS, columns, lines, class_="findings"), more)]


def _weight(item: Finding) -> str:
    return labels.DASH if item.outcome is Outcome.PASSED else labels.SEVERITIES[item.severity]


def _finding(item: Finding) -> Markup:
    evidence = listed(code(entry) for entry in item.evidence[:_CODES])
    return join(
        (
            told(item.message),
            element("p", phrase(labels.SUBJECT, subject=code(item.subject)), class_="small") if item.subject else None,
            element("p", phrase(labels.EVIDENCE, codes=evidence), class_="small") if evidence else None,
        )
    )


def _policy(verdict: Verdict) -> Markup:
    policy = verdict.policy
    return section(
        labels.POLICY,
        rows(
            (
                (labels.NAME, phrase(labels.POLICY_NAME, name=policy.name, version=policy.version)),
                (labels.PURPOSE, told(policy.purpose.strip(), limit=_LONG)),
                (labels.SHA256, code(policy.digest)),
            )
        ),
    )


def _run(verdict: Verdict) -> Markup:
    found = verdict.inspection
    media = found.media
    carrier: Markup | None = None
    if found.carrier is not None:
        carrier = text(found.carrier)
        if found.found_in:
            carrier = phrase(labels.CARRIER_IN, carrier=carrier, place=code(found.found_in))
    return section(
        labels.RUN,
        rows(
            (
                (labels.NAME, code(media.name)),
                (labels.MEDIA_TYPE, code(media.media_type)),
                (labels.SIZE, phrase(labels.BYTES, count=Markup(f"{media.size:,}"))),
                (labels.SHA256, code(media.digest.value) if media.digest else labels.NO_DIGEST),
                (labels.CARRIER, carrier),
                (labels.REMOTE, code(found.remote_url) if found.remote_url else None),
                (labels.AT, moment(found.at)),
                (labels.DERIVED_FOR, moment(found.further.as_of.at) if found.further.as_of else None),
                (labels.REPORTED, told(found.store.reported_state) if found.store else None),
            )
        ),
    )
