"""What two states of a file make of each other: every cause, with what weighs how much."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from provenance.batch.auditing import drift
from provenance.batch.auditing.causes import Cause
from provenance.batch.auditing.drift import Kind, Weight
from provenance.batch.auditing.states import Context, Facts, ListState, State
from provenance.model.trust import Purpose
from provenance.model.verdict import Decision

AT = datetime(2026, 5, 1, tzinfo=UTC)
HOUSE = ListState(name="house", purpose=Purpose.SIGNER, digest="a" * 64, dated="2026-01-01")
STAMPS = ListState(name="stamps", purpose=Purpose.TIMESTAMP, digest="b" * 64, dated="")
CONTEXT = Context(
    policy="standard", policy_version="3", policy_digest="c" * 64, program="1", online=False, lists=(HOUSE, STAMPS)
)
FACETS = {
    "credential": "present", "content": "intact", "signature": "valid", "signer": "trusted", "time": "trusted",
    "revocation": "not checked", "ancestry": "none", "publisher": "none",
}  # fmt: skip
BARE = dict.fromkeys(FACETS, "not checked") | {"credential": "absent"}


def state(*, facets=FACETS, context=CONTEXT, digest="1" * 64, gone=False, size=10, **facts):
    told = {
        "decision": Decision.ACCEPTED, "facets": facets, "through": {"signer": "house", "time": "stamps"},
        "manifest": "urn:1", "signer": "Example News, 7",
    } | facts  # fmt: skip
    reasons = {name: f"because of {name}" for name in facets}
    return State(
        name="/a.jpg", size=size, version="1", digest=digest, facts=Facts(**told), context=context, at=AT, gone=gone,
        reasons=reasons,
    )  # fmt: skip


def around(**changes):
    return replace(CONTEXT, **changes)


def with_lists(*lists):
    return around(lists=lists)


def untrusted(**more):
    facets = FACETS | {"signer": "untrusted"}
    return {"facets": facets, "through": {"time": "stamps"}, "decision": Decision.REVIEW} | more


GOOD = state()
NOTHING_THERE = {"facets": BARE, "through": {}, "manifest": "", "signer": "", "decision": Decision.REVIEW}
UNREADABLE = {"facets": {}, "through": {}, "manifest": "", "signer": "", "decision": None}
CASES = {
    "other bytes, and they break it": (
        GOOD, state(digest="2" * 64, facets=FACETS | {"content": "changed"}, decision=Decision.REJECTED),
        Weight.WORSE, {Cause.ALTERED}, ["sha256", "content", "decision"],
    ),
    "other bytes, and all is well": (
        GOOD, state(digest="2" * 64, size=11), Weight.WORSE, {Cause.ALTERED}, ["sha256", "size"],
    ),
    "stripped": (
        GOOD, state(digest="2" * 64, **NOTHING_THERE), Weight.WORSE, {Cause.ALTERED, Cause.CREDENTIALS_GONE},
        ["sha256", "credential", "content", "signature", "signer", "time", "ancestry", "publisher", "decision"],
    ),
    "its sidecar is gone": (
        GOOD, state(**NOTHING_THERE), Weight.WORSE, {Cause.CREDENTIALS_GONE},
        ["credential", "content", "signature", "signer", "time", "ancestry", "publisher", "decision"],
    ),
    "a sidecar has come": (
        state(**NOTHING_THERE), GOOD, Weight.NOTHING, {Cause.CREDENTIALS_APPEARED},
        ["credential", "content", "signature", "signer", "time", "ancestry", "publisher", "decision"],
    ),
    "another sidecar of the same signer": (
        GOOD, state(manifest="urn:2"), Weight.WORSE, {Cause.CREDENTIALS_REPLACED}, ["manifest"],
    ),
    "another sidecar of somebody else": (
        GOOD, state(signer="Eve, 8"), Weight.WORSE, {Cause.CREDENTIALS_REPLACED}, ["signed by"],
    ),
    "the list is gone": (
        GOOD, state(**untrusted(context=with_lists(STAMPS))), Weight.REVIEW, {Cause.LIST_GONE}, ["signer", "decision"],
    ),
    "the list is another version": (
        GOOD, state(**untrusted(context=with_lists(replace(HOUSE, digest="d" * 64, dated="2026-03-01"), STAMPS))),
        Weight.REVIEW, {Cause.LIST_CHANGED}, ["signer", "decision"],
    ),
    "the list has come": (
        state(**untrusted(context=with_lists(STAMPS))), GOOD, Weight.NOTHING, {Cause.LIST_NEW}, ["signer", "decision"],
    ),
    "another list vouches": (
        GOOD,
        state(context=with_lists(replace(HOUSE, name="other"), STAMPS), through={"signer": "other", "time": "stamps"}),
        Weight.NOTHING, {Cause.LIST_GONE, Cause.LIST_NEW}, ["signer"],
    ),
    "another list of the same purpose has gone": (
        state(context=with_lists(HOUSE, STAMPS, replace(HOUSE, name="other"))), state(**untrusted(expired=True)),
        Weight.REVIEW, {Cause.EXPIRED}, ["signer", "decision"],
    ),
    "the list of time-stamp authorities is gone": (
        GOOD, state(context=with_lists(HOUSE), facets=FACETS | {"time": "not checked"}, through={"signer": "house"}),
        Weight.REVIEW, {Cause.LIST_GONE}, ["time"],
    ),
    "expired": (
        GOOD,
        state(**untrusted(facets=FACETS | {"signer": "invalid"}, decision=Decision.REJECTED, expired=True)),
        Weight.WORSE, {Cause.EXPIRED}, ["signer", "decision"],
    ),
    "revoked": (
        state(context=around(online=True), facets=FACETS | {"revocation": "good"}),
        state(context=around(online=True), facets=FACETS | {"revocation": "revoked"}, decision=Decision.REJECTED),
        Weight.WORSE, {Cause.REVOKED}, ["revocation", "decision"],
    ),
    "asked for the first time, and revoked": (
        GOOD, state(context=around(online=True), facets=FACETS | {"revocation": "revoked"}, decision=Decision.REJECTED),
        Weight.WORSE, {Cause.REVOKED, Cause.ONLINE}, ["revocation", "decision"],
    ),
    "a revocation that nobody asks about any more": (
        state(context=around(online=True), facets=FACETS | {"revocation": "revoked"}, decision=Decision.REJECTED), GOOD,
        Weight.NOTHING, {Cause.ONLINE}, ["revocation", "decision"],
    ),
    "a stapled answer that is out of date": (
        state(facets=FACETS | {"revocation": "good"}), GOOD, Weight.REVIEW, {Cause.OTHER}, ["revocation"],
    ),
    "judged by another policy": (
        GOOD, state(context=around(policy="archive", policy_digest="e" * 64), decision=Decision.REVIEW), Weight.REVIEW,
        {Cause.POLICY}, ["decision"],
    ),
    "looked at by another version": (
        GOOD, state(context=around(program="2"), facets=FACETS | {"ancestry": "unknown"}), Weight.REVIEW,
        {Cause.PROGRAM}, ["ancestry"],
    ),
    "nobody knows why": (
        GOOD, state(decision=Decision.REVIEW, why="it is old"), Weight.REVIEW, {Cause.OTHER}, ["decision"],
    ),
    "it cannot be verified any more": (
        GOOD, state(**UNREADABLE, why="the format is not known"), Weight.REVIEW, {Cause.OTHER}, ["decision"],
    ),
    "it can be verified now": (state(**UNREADABLE), GOOD, Weight.NOTHING, {Cause.OTHER}, ["decision"]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_change_names_its_causes_and_what_is_different(case):
    before, after, weight, causes, names = case
    found = drift.change(before, after)
    assert (found.kind, found.weight) == (Kind.CHANGED, weight)
    assert {item.cause for item in found.reasons} == causes
    assert [item.what for item in found.differences] == names
    assert all(item.says for item in found.reasons)


SAME = {
    "the same": GOOD,
    "copied: another version": replace(GOOD, version="2"),
    "looked at later": replace(GOOD, at=AT.replace(year=2027)),
    "other words for the same": replace(GOOD, reasons={}),
    "the list that vouches has another version": state(context=with_lists(replace(HOUSE, digest="d" * 64), STAMPS)),
    "asked, and not revoked": state(context=around(online=True), facets=FACETS | {"revocation": "good"}),
    "another policy decides the same": state(context=around(policy_digest="e" * 64)),
}


@pytest.mark.parametrize("after", SAME.values(), ids=SAME)
def test_what_is_the_same_is_no_change(after):
    assert drift.change(GOOD, after) is None
    assert drift.change(after, GOOD) is None


@pytest.mark.parametrize(
    ("decision", "weight"),
    [(Decision.ACCEPTED, Weight.NOTHING), (Decision.REVIEW, Weight.REVIEW), (None, Weight.REVIEW),
     (Decision.REJECTED, Weight.WORSE)],
)  # fmt: skip
def test_a_new_file_weighs_what_its_decision_does(decision, weight):
    found = drift.change(None, state(decision=decision))
    assert (found.kind, found.weight, found.differences) == (Kind.NEW, weight, ())


def test_a_file_that_is_back_is_compared_with_what_it_was():
    same = drift.change(state(gone=True), GOOD)
    other = drift.change(state(gone=True), state(digest="2" * 64))
    assert (same.kind, same.weight, same.differences) == (Kind.BACK, Weight.NOTHING, ())
    assert (other.kind, other.weight) == (Kind.BACK, Weight.WORSE)
    assert [item.cause for item in other.reasons] == [Cause.ALTERED]


def test_a_file_of_which_nothing_but_its_name_was_known_is_new():
    known = replace(state(**UNREADABLE), digest=None, gone=True)
    assert drift.change(known, GOOD).kind is Kind.NEW


def test_the_list_and_its_day_stand_in_the_words():
    found = drift.change(GOOD, state(**untrusted(context=with_lists(STAMPS))))
    (signer, decision) = found.differences
    assert (signer.before, signer.after) == ("trusted (list 'house', 2026-01-01)", "untrusted")
    assert signer.why == "because of signer"
    assert (decision.before, decision.after) == ("accepted", "review")
    assert [item.says for item in found.reasons] == ["the list 'house' that vouched does not count any more"]


def test_what_is_different_for_all_files_is_said_apart():
    after = Context(
        policy="archive", policy_version="1", policy_digest="e" * 64, program="2", online=True,
        lists=(replace(HOUSE, digest="d" * 64, dated="2026-03-01"), replace(HOUSE, name="new")),
    )  # fmt: skip
    found = drift.circumstances(CONTEXT, after)
    told = [(item.kind, item.differences[0].before, item.differences[0].after) for item in found]
    assert told == [
        (Kind.POLICY, "standard 3 (cccccccccccc)", "archive 1 (eeeeeeeeeeee)"),
        (Kind.PROGRAM, "1", "2"),
        (Kind.ONLINE, "nobody is asked", "authorities are asked"),
        (Kind.TRUST, "'house' (signer, 2026-01-01, aaaaaaaaaaaa)", "'house' (signer, 2026-03-01, dddddddddddd)"),
        (Kind.TRUST, "none", "'new' (signer, 2026-01-01, aaaaaaaaaaaa)"),
        (Kind.TRUST, "'stamps' (timestamp, bbbbbbbbbbbb)", "none"),
    ]
    assert drift.circumstances(CONTEXT, CONTEXT) == ()
