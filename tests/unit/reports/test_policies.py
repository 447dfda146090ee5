"""What is said is true under any policy: what was found, and which rule decided where that does not follow from it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from provenance.history import trace
from provenance.model.claim import Action
from provenance.model.policy import Outcome, Policy, RuleUse, Severity
from provenance.model.verdict import Decision, Finding, Verdict
from provenance.policy import evaluate, parse
from provenance.reports import to_terminal, wording
from provenance.reports.result import Result
from tests.unit.stores import SOUND, a_manifest, a_store, a_verdict, an_ingredient, an_inspection, bad, good, some_facts

CHANGED = a_store(statuses=bad("assertion.dataHash.mismatch"), reported="Invalid")
UNTRUSTED = a_store(statuses=(*good(*SOUND[1:]), *bad("signingCredential.untrusted")), reported="Valid")
OPEN = '[[rules]]\nrule = "integrity.signature-valid"\nseverity = "info"\non_missing = "info"\n'
STRICT = '[[rules]]\nrule = "time.trusted"\nseverity = "fail"\n'
DESK = '[[rules]]\nrule = "signer.organization"\nseverity = "review"\nnames = ["Elsewhere"]\n'
NEEDS = '[[rules]]\nrule = "integrity.credentials-present"\nseverity = "fail"\n'


def judged(rules, store=None, **facts):
    policy = parse(f'name = "newsroom"\nversion = "1"\npurpose = "x"\n{rules}', source="newsroom")
    return evaluate(some_facts(store, **facts), policy)


SENTENCES = {
    "sound, accepted": (OPEN, a_store(), "accepted", "Signed by Example News / Desk, and intact since."),
    "changed, accepted": (
        OPEN, CHANGED, "accepted",
        "It was changed after signing: nothing in it can be attributed to the signer; "
        "the policy 'newsroom' accepts it all the same.",
    ),
    "untrusted, accepted": (
        OPEN, UNTRUSTED, "accepted",
        "Intact since it was signed, but the identity of the signer (Example News / Desk) can't be verified; "
        "the policy 'newsroom' accepts it all the same.",
    ),
    "sound, rejected for its time": (
        STRICT, a_store(), "rejected",
        "Signed by Example News / Desk and intact since, but no time-stamp: any time is only the signer's own word.",
    ),
    "sound, to review for its signer": (
        DESK, a_store(), "review",
        "Signed by Example News / Desk and intact since, but the organisation is 'Example News', "
        "which is not one of Elsewhere (signer.organization).",
    ),
    "untrusted, rejected for its time": (
        STRICT, UNTRUSTED, "rejected",
        "Intact since it was signed, but the identity of the signer (Example News / Desk) can't be verified; "
        "rejected: no time-stamp: any time is only the signer's own word.",
    ),
    "absent, rejected for that": (
        NEEDS, None, "rejected", "No Content Credentials: nothing is said about where it comes from."
    ),
    "absent, undecided for that": (
        DESK, None, "review", "No Content Credentials: nothing is said about where it comes from."
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rules", "store", "decision", "sentence"), SENTENCES.values(), ids=SENTENCES)
def test_a_sentence_is_true_under_any_policy(rules, store, decision, sentence):
    verdict = judged(rules, store)
    assert (verdict.decision, wording.headline(verdict)) == (decision, sentence)


def test_a_policy_none_of_whose_rules_applies_accepts_nothing_and_says_so():
    policy = Policy(name="newsroom", version="1", purpose="x", rules=(), digest="00", text="")
    verdict = Verdict(inspection=an_inspection(a_store()), policy=policy, findings=())
    assert verdict.decision is Decision.REVIEW
    assert (
        wording.headline(verdict)
        == "Signed by Example News / Desk, and intact since; no rule of the policy applies to it."
    )


# ---- text

OPENED = (Action(name="c2pa.opened"),)


def shown(verdict, store, width=80):
    console = Console(file=io.StringIO(), width=width, highlight=False, emoji=False, markup=False)
    history = trace(store) if store else None
    console.print(to_terminal.result(Result(name="photo.jpg", verdict=verdict, history=history)))
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def custom(outcome, severity=Severity.REVIEW):
    use = RuleUse(rule="custom.screen", severity=severity, require="x", message="it is a screenshot")
    policy = Policy(name="newsroom", version="2", purpose="x", rules=(use,), digest="00", text="")
    finding = Finding(rule=use.rule, outcome=outcome, severity=severity, message="it is a screenshot")
    return Verdict(inspection=an_inspection(a_store()), policy=policy, findings=(finding,))


def test_the_standard_policy_on_an_ordinary_file_says_no_more_than_its_facets():
    lines = shown(a_verdict(a_store()), a_store())
    assert lines[0] == " ACCEPTED  photo.jpg"
    assert lines[1] == " Signed by Example News / Desk, and intact since."
    assert [line.split()[0] for line in lines[3:]] == [
        "credential", "content", "signature", "signer", "time", "revocation", "ancestry"
    ]  # fmt: skip


def test_a_published_photo_is_not_flagged_for_what_its_ancestry_tells_already():
    store = a_store(a_manifest("a", an_ingredient(), actions=OPENED))
    lines = shown(a_verdict(store), store)
    assert lines[-1] == " ancestry    unknown      the file that it was made from has no credentials"


def test_another_policy_is_named():
    assert " policy      newsroom     version 2" in shown(custom(Outcome.PASSED), a_store())


TOLD = {
    "failed and decides: the sentence says it": (Outcome.FAILED, Severity.REVIEW, False),
    "failed, for information": (Outcome.FAILED, Severity.INFO, True),
    "undecided and decides: the sentence says it": (Outcome.UNDECIDED, Severity.REVIEW, False),
    "undecided, for information": (Outcome.UNDECIDED, Severity.INFO, False),
    "passed": (Outcome.PASSED, Severity.INFO, False),
}


@pytest.mark.parametrize(("outcome", "severity", "marked"), TOLD.values(), ids=TOLD)
def test_a_finding_that_no_facet_tells_is_told_once(outcome, severity, marked):
    lines = shown(custom(outcome, severity), a_store())
    assert (" !  it is a screenshot (custom.screen)" in lines) is marked
    decides = custom(outcome, severity).decision is not Decision.ACCEPTED
    assert ("it is a screenshot (custom.screen)." in " ".join(" ".join(lines).split())) is decides


def test_red_flags_are_pointed_to():
    store = a_store(a_manifest("a", an_ingredient("gone", title="left.jpg"), actions=OPENED))
    text = " ".join(" ".join(shown(a_verdict(store), store)).split())
    assert "look at missing ancestor: 'left.jpg': its manifest is named, but not there" in text


def test_many_red_flags_are_counted_and_not_all_shown():
    parts = (an_ingredient(f"gone{n}", title=f"{n}.jpg", label=f"c2pa.ingredient__{n}") for n in range(30))
    store = a_store(a_manifest("a", *parts, actions=OPENED))
    lines = [line for line in shown(a_verdict(store), store, width=200) if line.startswith(" look at")]
    assert len(lines) == 6
    assert lines[-1].endswith("25 more red flags, which other formats list")
