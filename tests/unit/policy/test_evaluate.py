"""The built-in policy: no state of any facet is forgotten, and nothing broken is milder than review."""

from __future__ import annotations

import typing
from importlib import import_module

import pytest

from provenance.model import facets
from provenance.model.facets import Facets
from provenance.model.verdict import Decision
from provenance.policy import STANDARD
from tests.unit.stores import SOUND, a_manifest, a_store, a_verdict, an_ingredient, bad, good

OUTCOMES = import_module("provenance.policy.evaluate")._OUTCOMES
STATES = {
    name: typing.get_args(hint)[0] for name, hint in typing.get_type_hints(Facets, vars(facets)).items()
}  # fmt: skip


@pytest.mark.parametrize("name", Facets.__dataclass_fields__)
def test_every_state_of_every_facet_has_an_outcome(name):
    assert set(OUTCOMES[name]) == set(STATES[name])


def test_there_are_no_outcomes_for_facets_that_do_not_exist():
    assert set(OUTCOMES) == set(Facets.__dataclass_fields__)
    assert set(STANDARD.rules) == {*OUTCOMES, "engine"}


def test_bad_news_is_never_accepted_and_broken_news_always_rejected():
    for outcomes in OUTCOMES.values():
        for state, decision in outcomes.items():
            if state in {"changed", "malformed", "invalid", "revoked", "broken", "unreadable"}:
                assert decision is not Decision.ACCEPTED
            if state in {"changed", "malformed", "revoked", "broken", "unreadable"}:
                assert decision is Decision.REJECTED


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
    assert len(verdict.findings) == len(OUTCOMES)


def test_findings_carry_the_codes_that_they_rest_on():
    verdict = a_verdict(a_store(statuses=bad("unheard.of", "cawg.new.thing"), reported="Invalid"))
    evidence = {item.rule: item.evidence for item in verdict.findings}
    assert evidence["publisher"] == ("cawg.new.thing",)
    assert evidence["engine"] == ("unheard.of", "cawg.new.thing")
