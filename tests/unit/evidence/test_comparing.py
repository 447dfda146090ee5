"""Two verdicts side by side: every difference is listed, and what could not be checked is told from what differs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance import codec
from provenance.evidence import form
from provenance.evidence.comparing import differences, record, stricter
from provenance.evidence.outcome import Difference
from provenance.model.policy import Outcome, Severity
from provenance.model.verdict import Decision, Finding
from tests.unit.stores import SOUND, a_store, a_verdict, bad, good

INTACT = a_verdict(a_store())
UNBOUND = a_verdict(a_store(statuses=good(*SOUND[:2])))
CHANGED = a_verdict(a_store(statuses=(*good(*SOUND[:2]), *bad("assertion.dataHash.mismatch")), reported="Invalid"))
UNTRUSTED = a_verdict(
    a_store(
        statuses=(*good(*SOUND[1:]), *bad("signingCredential.untrusted")), reported="Valid", trust_list=None,
    )
)  # fmt: skip
UNTRUSTED_UNBOUND = a_verdict(
    a_store(
        statuses=(*good(SOUND[1]), *bad("signingCredential.untrusted")), reported="Valid", trust_list=None,
    )
)  # fmt: skip
ABSENT = a_verdict()


def told(found):
    return {item.about: (item.then, item.now, item.unchecked) for item in found}


@pytest.mark.parametrize("verdict", [INTACT, UNBOUND, CHANGED, UNTRUSTED, ABSENT])
def test_a_verdict_is_the_same_as_itself(verdict):
    assert differences(record(verdict), verdict) == ()


@pytest.mark.parametrize("verdict", [INTACT, CHANGED, ABSENT])
def test_a_record_survives_being_written(verdict):
    written = codec.to_json(record(verdict))

    assert codec.from_json(written, form.VerdictRecord) == record(verdict)


def test_every_difference_is_listed():
    found = told(differences(record(INTACT), UNTRUSTED))

    assert found == {
        "decision": ("accepted", "review", False),
        "signer": ("trusted", "untrusted", False),
        "signer.trusted": ("passed", "failed (review)", False),
    }


def test_a_milder_verdict_differs_as_a_stricter_one_does():
    assert told(differences(record(CHANGED), INTACT))["decision"] == ("rejected", "accepted", False)
    assert told(differences(record(INTACT), CHANGED))["decision"] == ("accepted", "rejected", False)


def test_a_finding_or_a_facet_that_is_only_on_one_side_differs():
    then = record(INTACT)
    less = form.VerdictRecord(
        decision=then.decision, facets={"new": form.FacetRecord(state="x", reason="")}, findings=()
    )

    found = differences(less, INTACT)

    assert Difference(about="new", then="x", now="nothing") in found
    assert Difference(about="signer", then="nothing", now="trusted") in found
    assert Difference(about="integrity.content-intact", then="nothing", now="passed") in found


def test_a_rule_that_is_used_twice_is_compared_twice():
    then = record(INTACT)
    twice = form.VerdictRecord(
        decision=then.decision, facets=then.facets, findings=(*then.findings, then.findings[0])
    )  # fmt: skip

    assert differences(twice, INTACT) == (
        Difference(about=then.findings[0].rule, then="passed", now="nothing"),
    )  # fmt: skip


WITHOUT_THE_FILE = {
    "nothing else differs": (INTACT, UNBOUND, INTACT, set()),
    "it was changed then": (CHANGED, UNBOUND, CHANGED, set()),
    "the signer differs": (INTACT, UNTRUSTED_UNBOUND, UNTRUSTED, {"decision", "signer", "signer.trusted"}),
    "only the supposed verdict differs": (UNTRUSTED, UNBOUND, INTACT, {"decision", "signer", "signer.trusted"}),
}


@pytest.mark.parametrize("case", WITHOUT_THE_FILE.values(), ids=WITHOUT_THE_FILE)
def test_what_was_not_checked_is_told_from_what_differs(case):
    then, now, supposing, certain = case

    found = differences(record(then), now, supposing=supposing)

    assert {item.about for item in found if not item.unchecked} == certain
    assert {"content", "integrity.content-intact"} <= {item.about for item in found if item.unchecked}


def with_finding(verdict, outcome, severity):
    asked = Finding(rule="metadata.x", outcome=outcome, severity=severity, message="")
    return replace(verdict, findings=(*verdict.findings, asked))


def test_a_rule_that_nobody_can_decide_without_the_file_does_not_differ():
    """Such as one that asks for its metadata; the decision follows."""
    then = record(with_finding(INTACT, Outcome.FAILED, Severity.FAIL))
    now = with_finding(UNBOUND, Outcome.UNDECIDED, Severity.REVIEW)
    supposing = with_finding(INTACT, Outcome.UNDECIDED, Severity.REVIEW)

    found = told(differences(then, now, supposing=supposing))

    assert found["metadata.x"] == ("failed (rejected)", "undecided (review)", True)
    assert found["decision"] == ("rejected", "review", True)
    assert all(item[2] for item in found.values())


@pytest.mark.parametrize(
    ("one", "other", "worst"),
    [("accepted", "review", "review"), ("rejected", "review", "rejected"), ("accepted", "accepted", "accepted")],
)
def test_the_stricter_of_two_decisions_counts(one, other, worst):
    assert stricter(Decision(one), Decision(other)) is Decision(worst)
