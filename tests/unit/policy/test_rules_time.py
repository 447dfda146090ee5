"""Rules about when it was signed, and whether the certificate was revoked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from provenance.model.as_of import AsOf
from provenance.model.facets import Revocation
from provenance.model.further import Further
from provenance.model.revocation import RevocationAnswer
from provenance.model.trust import Trust
from provenance.policy.registry import find
from tests.unit.policy.asking import (
    DAY,
    FAILED,
    PASSED,
    STAMP,
    STAMPED,
    UNDECIDED,
    Case,
    certificate,
    changed,
    check,
    created,
    flat,
    opened,
)
from tests.unit.stores import AT, SIGNED, SOUND, a_list, a_manifest, a_store, an_ingredient, bad, good, some_facts

TOLD = {"further": Further(stamp=STAMP)}
TIMED = a_store(a_manifest(signature=replace(SIGNED, time=STAMP.time)), statuses=STAMPED)
UNKNOWN_AUTHORITY = a_store(statuses=(*good(*SOUND), *good("timeStamp.validated", "timeStamp.untrusted")))
MISMATCH = a_store(statuses=(*good(*SOUND), *bad("timeStamp.mismatch")))
NO_LIST = {"trust": Trust(lists=(a_list(),))}
FORGED = replace(TIMED, statuses=(*STAMPED, *bad("claimSignature.mismatch")))


def moment(days=0, **more):
    return (AT + timedelta(days=days, **more)).isoformat()


def stating(*actions, **more):
    return a_store(a_manifest("active", actions=actions, **more))


def made(when, *later, **more):
    return stating(created(when=when), *later, **more)


def published(when):
    return replace(opened(), name="c2pa.published", when=when)


def a_history(first, last, **more):
    parent = an_ingredient("old", **more)
    return a_store(
        a_manifest("new", parent, actions=(opened(), published(last))),
        a_manifest("old", actions=(created(when=first),)),
    )


def revocation(state):
    answer = RevocationAnswer(state=state, reason=f"it is {state}", source="x")
    return {"further": Further(revocation=answer)}


def by_answer(**outcomes):
    states = {item.name: item for item in Revocation}
    return {
        name: Case(outcome=outcome, says=f"it is {states[name]}", store=a_store(), told=revocation(states[name]))
        for name, outcome in outcomes.items()
    }


CASES = {
    "time.stamp-sound": {
        "trusted": Case(outcome=PASSED, store=TIMED, told=TOLD),
        "none": Case(outcome=PASSED, says="no time-stamp", store=a_store()),
        "of something else": Case(outcome=FAILED, says="belongs to something else", store=MISMATCH),
        "no credentials": Case(outcome=UNDECIDED),
    },
    "time.trusted": {
        "trusted": Case(outcome=PASSED, says="through the list 'stamps'", store=TIMED, told=TOLD),
        "none": Case(outcome=FAILED, says="own word", store=a_store()),
        "by an authority that nobody knows": Case(outcome=FAILED, store=UNKNOWN_AUTHORITY),
        "of something else": Case(outcome=FAILED, store=MISMATCH),
        "without a list": Case(outcome=UNDECIDED, says="no list", store=UNKNOWN_AUTHORITY, told=NO_LIST),
        "for a signature that does not hold": Case(outcome=UNDECIDED, says="does not fit", store=FORGED, told=TOLD),
        "no credentials": Case(outcome=UNDECIDED),
    },
    "time.within-validity": {
        "within, when it was used": Case(outcome=PASSED, says="used on", store=TIMED, told=certificate(stamp=STAMP)),
        "expired since it was used": Case(
            outcome=PASSED, store=TIMED, told=certificate(stamp=STAMP, valid_until=AT - DAY)
        ),
        "expired, and nobody says when it was used": Case(
            outcome=FAILED, says="looked at on 2026-05-01", store=a_store(), told=certificate(valid_until=AT - DAY)
        ),
        "not valid yet when it was used": Case(
            outcome=FAILED, store=TIMED, told=certificate(stamp=STAMP, valid_from=AT - DAY)
        ),
        "a time for a signature that does not hold": Case(
            outcome=FAILED, store=FORGED, told=certificate(stamp=STAMP, valid_until=AT - DAY)
        ),
        "valid today": Case(outcome=PASSED, store=a_store(), told=certificate()),
        "certificate not at hand": Case(outcome=UNDECIDED, store=a_store()),
    },
    "time.not-in-future": {
        "gone by": Case(outcome=PASSED, says="1 time", store=made(moment(-1))),
        "to come": Case(outcome=FAILED, says="c2pa.created is stated for", store=made(moment(1))),
        "a little fast": Case(outcome=PASSED, store=made(moment(minutes=4))),
        "a little faster": Case(outcome=FAILED, store=made(moment(minutes=6))),
        "faster than is forgiven": Case(
            outcome=FAILED, store=made(moment(minutes=4)), options={"tolerance_minutes": 1}
        ),
        "an ancestor's": Case(outcome=FAILED, store=a_history(moment(2), moment(-1)), subject="old"),
        "a time-stamp's": Case(
            outcome=FAILED, says="time-stamp", store=a_store(a_manifest(signature=replace(SIGNED, time=AT + DAY)))
        ),
        "on an earlier day": Case(
            outcome=FAILED, store=made(moment(-1)), told={"further": Further(as_of=AsOf(at=AT - 2 * DAY, paths=()))}
        ),
        "no time": Case(outcome=UNDECIDED, says="no time", store=made(None)),
        "without a zone": Case(outcome=UNDECIDED, store=made("2030-01-01T12:00:00")),
        "no time at all": Case(outcome=UNDECIDED, store=made("yesterday")),
        "at the end of times": Case(outcome=UNDECIDED, store=made("0001-01-01T00:00:00+23:59")),
        "content changed": Case(
            outcome=UNDECIDED,
            says="nothing in it can be attributed",
            store=changed(a_manifest(actions=(created(when=moment(-1)),))),
        ),
        "no credentials": Case(outcome=UNDECIDED),
    },
    "time.capture-before-publication": {
        "before": Case(outcome=PASSED, store=made(moment(-2), published(moment(-1)))),
        "after": Case(outcome=FAILED, says="which is after", store=made(moment(-1), published(moment(-2)))),
        "a little after": Case(outcome=PASSED, store=made(moment(minutes=4), published(moment()))),
        "after the trusted time": Case(
            outcome=FAILED,
            told=TOLD,
            store=replace(made(moment(-1), signature=replace(SIGNED, time=STAMP.time)), statuses=STAMPED),
        ),
        "before the trusted time": Case(
            outcome=PASSED,
            told=TOLD,
            store=replace(made(moment(-9), signature=replace(SIGNED, time=STAMP.time)), statuses=STAMPED),
        ),
        "by an earlier step": Case(outcome=PASSED, store=a_history(moment(-2), moment(-1))),
        "by an earlier step, after": Case(outcome=FAILED, store=a_history(moment(-1), moment(-2))),
        "by an earlier step that is broken": Case(
            outcome=UNDECIDED,
            store=a_history(moment(-2), moment(-1), statuses=bad("claimSignature.mismatch", label="old")),
        ),
        "one of two": Case(
            outcome=UNDECIDED,
            says="one of the files",
            store=a_store(
                a_manifest("new", an_ingredient("old"), an_ingredient(), actions=(opened(), published(moment(-1)))),
                a_manifest("old", actions=(created(when=moment(-2)),)),
            ),
        ),
        "no time of capture": Case(
            outcome=UNDECIDED, says="captured is not said", store=made(None, published(moment(-1)))
        ),
        "no publication": Case(outcome=UNDECIDED, says="published is not said", store=made(moment(-1))),
        "content changed": Case(
            outcome=UNDECIDED, store=changed(a_manifest(actions=(created(when=moment(-2)), published(moment(-1)))))
        ),
        "no credentials": Case(outcome=UNDECIDED),
    },
    "time.max-age": {
        "lately": Case(outcome=PASSED, says="signed 3 days ago", store=TIMED, told=TOLD, options={"days": 3}),
        "long ago": Case(outcome=FAILED, says="longer than 2 days", store=TIMED, told=TOLD, options={"days": 2}),
        "just now": Case(
            outcome=PASSED,
            says="within a day",
            store=TIMED,
            options={"days": 0},
            told={"further": Further(stamp=replace(STAMP, time=AT))},
        ),
        "nobody says": Case(outcome=UNDECIDED, store=a_store(), options={"days": 3}),
        "of a signature that does not hold": Case(outcome=UNDECIDED, store=FORGED, told=TOLD, options={"days": 3}),
    },
    "revocation.not-revoked": {
        **by_answer(GOOD=PASSED, REVOKED=FAILED, UNKNOWN=UNDECIDED, NOT_CHECKED=UNDECIDED),
        "no credentials": Case(outcome=UNDECIDED),
    },
    "revocation.known": by_answer(GOOD=PASSED, REVOKED=PASSED, UNKNOWN=FAILED, NOT_CHECKED=UNDECIDED),
    "revocation.checked": {
        **by_answer(GOOD=PASSED, REVOKED=FAILED, UNKNOWN=FAILED, NOT_CHECKED=FAILED),
        "no signature": Case(outcome=UNDECIDED, store=a_store(a_manifest(signature=None))),
        "no credentials": Case(outcome=UNDECIDED),
    },
}


@pytest.mark.parametrize(("rule", "case"), flat(CASES))
def test_the_question_is_answered(rule, case):
    check(rule, case)


def test_answers_name_the_codes_that_they_rest_on():
    store = a_store(statuses=(*good(*SOUND), *bad("signingCredential.ocsp.revoked", "timeStamp.mismatch")))
    assert find("revocation.not-revoked").ask(some_facts(store)).evidence == ("signingCredential.ocsp.revoked",)
    assert find("time.trusted").ask(some_facts(store)).evidence == ("timeStamp.mismatch",)
