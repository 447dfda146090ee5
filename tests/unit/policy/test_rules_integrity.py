"""Rules about integrity: content, ancestors, what no hash covers."""

from __future__ import annotations

import pytest

from provenance.model.as_of import AsOf
from provenance.model.claim import Carrier
from provenance.model.further import Further
from provenance.policy.registry import find
from tests.unit.policy.asking import FAILED, PASSED, UNDECIDED, Case, check, flat
from tests.unit.stores import AT, SOUND, a_manifest, a_store, an_ingredient, bad, good, some_facts

UNTRUSTED = (*good(*SOUND[1:]), *bad("signingCredential.untrusted"))
ELSEWHERE = {"remote_url": "https://example.org/x", "carrier": Carrier.REMOTE}
BROKEN_PART = a_store(a_manifest("a", an_ingredient("b", bad("assertion.dataHash.mismatch"))), a_manifest("b"))
GONE = a_store(a_manifest("a", an_ingredient("b")))
CASES = {
    "integrity.credentials-present": {
        "there": Case(outcome=PASSED, store=a_store()),
        "none": Case(outcome=FAILED, says="no Content Credentials"),
        "unreadable": Case(outcome=FAILED, says="cannot be read", told={"problem": "broken"}),
        "elsewhere": Case(outcome=UNDECIDED, says="example.org", told=ELSEWHERE),
    },
    "integrity.credentials-readable": {
        "there": Case(outcome=PASSED, store=a_store()),
        "none": Case(outcome=PASSED),
        "unreadable": Case(outcome=FAILED, told={"problem": "broken"}),
        "elsewhere": Case(outcome=UNDECIDED, told=ELSEWHERE),
    },
    "integrity.credentials-kept": {
        "in the file": Case(outcome=PASSED, says="in the file", store=a_store()),
        "beside it": Case(
            outcome=FAILED,
            says="in a sidecar",
            store=a_store(),
            options={"places": ("embedded",)},
            told={"carrier": Carrier.SIDECAR},
        ),
        "on the web": Case(outcome=FAILED, says="on the web", told=ELSEWHERE),
        "unreadable, in the file": Case(outcome=PASSED, told={"problem": "broken", "carrier": Carrier.EMBEDDED}),
        "none": Case(outcome=UNDECIDED),
    },
    "integrity.content-intact": {
        "intact": Case(outcome=PASSED, store=a_store()),
        "changed": Case(outcome=FAILED, store=a_store(statuses=bad("assertion.dataHash.mismatch"))),
        "malformed": Case(outcome=FAILED, store=a_store(statuses=(*good(*SOUND), *bad("unheard.of")))),
        "not checked": Case(outcome=UNDECIDED, store=a_store(statuses=good(*SOUND[:2]))),
        "none": Case(outcome=UNDECIDED),
        "none, and that is allowed": Case(outcome=PASSED, options={"if_present": True}),
        "elsewhere, though none is allowed": Case(outcome=UNDECIDED, options={"if_present": True}, told=ELSEWHERE),
        "changed, though none is allowed": Case(
            outcome=FAILED, options={"if_present": True}, store=a_store(statuses=bad("assertion.dataHash.mismatch"))
        ),
    },
    "integrity.signature-valid": {
        "valid": Case(outcome=PASSED, store=a_store()),
        "invalid": Case(outcome=FAILED, store=a_store(statuses=bad("claimSignature.mismatch"))),
        "not checked": Case(outcome=UNDECIDED, store=a_store(statuses=())),
        "none, and that is allowed": Case(outcome=PASSED, options={"if_present": True}),
        "unreadable, though none is allowed": Case(
            outcome=UNDECIDED, options={"if_present": True}, told={"problem": "broken"}
        ),
    },
    "integrity.ancestors-intact": {
        "no ancestors": Case(outcome=PASSED, store=a_store()),
        "without credentials": Case(outcome=PASSED, store=a_store(a_manifest("a", an_ingredient()))),
        "broken": Case(outcome=FAILED, store=BROKEN_PART, subject="b"),
        "not fetched": Case(
            outcome=UNDECIDED, store=a_store(a_manifest("a", an_ingredient(None, bad("manifest.inaccessible"))))
        ),
        "none, and that is allowed": Case(outcome=PASSED, options={"if_present": True}),
    },
    "integrity.manifests-complete": {
        "complete": Case(outcome=PASSED, store=a_store()),
        "named, and not there": Case(outcome=FAILED, says="not at hand", store=GONE, subject="b"),
        "not fetched": Case(
            outcome=FAILED,
            store=a_store(a_manifest("a", an_ingredient(None, bad("manifest.inaccessible")))),
            subject="a/c2pa.ingredient.v3/0",
        ),
        "no history": Case(outcome=UNDECIDED),
    },
    "integrity.engine-agrees": {
        "no objection": Case(outcome=PASSED, store=a_store()),
        "for want of trust": Case(
            outcome=UNDECIDED, says="want of trust", store=a_store(statuses=UNTRUSTED, reported="Invalid")
        ),
        "for another reason": Case(
            outcome=FAILED, store=a_store(statuses=(*UNTRUSTED, *bad("unheard.of")), reported="Invalid")
        ),
        "for no reason": Case(outcome=FAILED, store=a_store(reported="Invalid")),
        "by today's clock, asked about another day": Case(
            outcome=PASSED,
            told={"further": Further(as_of=AsOf(at=AT, paths=()))},
            store=a_store(statuses=(*good(*SOUND[1:]), *bad("signingCredential.expired")), reported="Invalid"),
        ),
        "none": Case(outcome=UNDECIDED),
        "none, and that is allowed": Case(outcome=PASSED, options={"if_present": True}),
    },
}


@pytest.mark.parametrize(("rule", "case"), flat(CASES))
def test_the_question_is_answered(rule, case):
    check(rule, case)


def test_answers_name_the_codes_and_assertions_that_they_rest_on():
    facts = some_facts(a_store(statuses=bad("assertion.dataHash.mismatch", "unheard.of"), reported="Invalid"))
    assert find("integrity.content-intact").ask(facts).evidence == ("assertion.dataHash.mismatch", "unheard.of")
    assert find("integrity.engine-agrees").ask(facts).evidence == ("assertion.dataHash.mismatch", "unheard.of")
