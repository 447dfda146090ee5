"""Inspections and verdicts: what is derived, and that nothing is accepted by default."""

from __future__ import annotations

import itertools

import pytest

from provenance.model.claim import Carrier
from provenance.model.facets import Credential
from provenance.model.policy import Outcome, Severity
from provenance.model.verdict import SEVERITY, Decision, Finding, Verdict
from tests.unit.stores import STANDARD, a_store, an_inspection

DECIDES = {Severity.FAIL: Decision.REJECTED, Severity.REVIEW: Decision.REVIEW, Severity.INFO: Decision.ACCEPTED}


def finding(severity, outcome=Outcome.FAILED):
    return Finding(rule="test", outcome=outcome, severity=severity, message="m")


def judged(*findings):
    return Verdict(inspection=an_inspection(a_store()), policy=STANDARD, findings=findings)


def test_no_findings_accept_nothing():
    assert judged().decision is Decision.REVIEW


@pytest.mark.parametrize("severities", list(itertools.product(Severity, repeat=3)), ids=" ".join)
def test_the_worst_finding_decides(severities):
    decisions = [DECIDES[item] for item in severities]
    worst = next(item for item in reversed(SEVERITY) if item in decisions)
    assert judged(*map(finding, severities)).decision is worst


@pytest.mark.parametrize("severity", Severity)
def test_a_finding_weighs_what_it_says_unless_it_passed(severity):
    assert finding(severity).decision is DECIDES[severity]
    assert finding(severity, Outcome.UNDECIDED).decision is DECIDES[severity]
    assert finding(severity, Outcome.PASSED).decision is Decision.ACCEPTED


def test_severity_knows_every_decision_once():
    assert sorted(SEVERITY) == sorted(Decision)


CREDENTIAL = {
    "a store": ({"store": a_store()}, Credential.PRESENT),
    "a store and a problem": ({"store": a_store(), "problem": "odd"}, Credential.PRESENT),
    "nothing": ({}, Credential.ABSENT),
    "something unreadable": ({"problem": "cannot be parsed"}, Credential.UNREADABLE),
    "an address": ({"remote_url": "https://example.org/x.c2pa"}, Credential.NOT_FETCHED),
    "an address that failed": ({"remote_url": "https://example.org/x", "problem": "gone"}, Credential.NOT_FETCHED),
}


@pytest.mark.parametrize(("facts", "state"), CREDENTIAL.values(), ids=CREDENTIAL)
def test_the_credential_facet_follows_from_what_was_found(facts, state):
    found = an_inspection(**facts)
    assert found.credential is state
    assert found.facets.credential.state is state


WHERE = {
    "embedded": ({"carrier": Carrier.EMBEDDED}, "embedded in the file"),
    "sidecar": ({"carrier": Carrier.SIDECAR, "found_in": "photo.jpg.c2pa"}, "in the sidecar photo.jpg.c2pa"),
    "remote": ({"carrier": Carrier.REMOTE, "found_in": "https://example.org/x"}, "fetched from https://example.org/x"),
}


@pytest.mark.parametrize(("facts", "words"), WHERE.values(), ids=WHERE)
def test_the_reason_says_where_credentials_were_found(facts, words):
    assert an_inspection(a_store(), **facts).facets.credential.reason == words


def test_what_went_wrong_is_part_of_the_reason():
    assert "cannot be parsed" in an_inspection(problem="cannot be parsed").facets.credential.reason
    reason = an_inspection(remote_url="https://example.org/x", problem="gone").facets.credential.reason
    assert "https://example.org/x" in reason
    assert "gone" in reason
