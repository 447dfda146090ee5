"""What follows from an answer: for which moments it vouches, and which of several weighs most."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.x509 import ReasonFlags

from provenance.model.facets import Revocation
from provenance.model.revocation import LEAVES_GOOD, WITHOUT_NEXT_UPDATE, RevocationAnswer, worst

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def an_answer(state, **facts):
    known = {"produced_at": AT, "this_update": AT - HOUR, "next_update": AT + HOUR, "source": "stapled", "reason": "so"}
    return RevocationAnswer(state=state, **(known | facts))


HARMLESS = {"affiliationChanged", "superseded", "cessationOfOperation", "privilegeWithdrawn"}
REASONS = [None, *sorted(flag.value for flag in ReasonFlags)]


@pytest.mark.parametrize("reason", REASONS)
def test_only_a_harmless_reason_leaves_what_was_signed_before_good(reason):
    revoked = an_answer(Revocation.REVOKED, revoked_at=AT, revocation_reason=reason)

    assert revoked.holds_at(AT - SECOND) is (reason in HARMLESS)


def test_every_harmless_reason_is_spelt_as_the_library_spells_it():
    assert set(REASONS) >= LEAVES_GOOD == HARMLESS


@pytest.mark.parametrize("later", [timedelta(0), SECOND, 1000 * HOUR])
def test_nothing_holds_from_the_moment_of_revocation_on(later):
    revoked = an_answer(Revocation.REVOKED, revoked_at=AT, revocation_reason="superseded")

    assert not revoked.holds_at(AT + later)


def test_a_revocation_without_a_date_leaves_nothing_good():
    assert not an_answer(Revocation.REVOKED, revocation_reason="superseded").holds_at(AT - HOUR)


@pytest.mark.parametrize("state", [Revocation.UNKNOWN, Revocation.NOT_CHECKED])
def test_what_is_not_known_holds_at_no_time(state):
    assert not an_answer(state).holds_at(AT)


@pytest.mark.parametrize(
    ("moment", "holds"),
    [
        (AT - 10000 * HOUR, True),  # nobody revokes a certificate and takes that back, so good now was good then
        (AT, True),
        (AT + HOUR, True),
        (AT + HOUR + SECOND, False),
    ],
)
def test_a_good_answer_vouches_until_its_next_update(moment, holds):
    assert an_answer(Revocation.GOOD).holds_at(moment) is holds


def test_a_good_answer_without_a_next_update_vouches_for_a_day_from_when_it_was_made():
    good = an_answer(Revocation.GOOD, next_update=None)

    assert WITHOUT_NEXT_UPDATE == 24 * HOUR
    assert good.until == AT + 24 * HOUR
    assert good.holds_at(AT + 24 * HOUR)
    assert not good.holds_at(AT + 24 * HOUR + SECOND)


def test_an_answer_without_any_date_vouches_for_nothing():
    bare = RevocationAnswer(state=Revocation.GOOD, reason="so", source="stapled")

    assert bare.until is None
    assert not bare.holds_at(AT)


@pytest.mark.parametrize(
    ("states", "found"),
    [
        ("good", "good"),
        ("good good", "good"),
        ("good not_checked", "not_checked"),
        ("not_checked unknown good", "unknown"),
        ("good unknown revoked not_checked", "revoked"),
    ],
)
def test_the_worst_answer_is_the_one_that_counts(states, found):
    answers = [an_answer(Revocation[state.upper()]) for state in states.split()]

    assert worst(answers).state is Revocation[found.upper()]


def test_of_equal_answers_the_first_one_counts():
    assert worst([an_answer(Revocation.GOOD, reason=reason) for reason in ("first", "second")]).reason == "first"


def test_an_answer_does_not_show_its_bytes():
    assert "response" not in repr(an_answer(Revocation.GOOD, response=b"0123456789"))
