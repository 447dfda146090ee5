"""Keys, rates and what a token shows of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from provenance.model.service import (
    ApiKey,
    NewKey,
    Rate,
    Scope,
    digest_of_token,
    id_in_token,
    new_token,
    parse_rate,
)

AT = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)

RATES = {
    "60/min": Rate(count=60, seconds=60),
    "60/minute": Rate(count=60, seconds=60),
    " 5 / s ": Rate(count=5, seconds=1),
    "5/second": Rate(count=5, seconds=1),
    "1000/h": Rate(count=1000, seconds=3600),
    "1000/day": Rate(count=1000, seconds=86_400),
    "0": None,
}


@pytest.mark.parametrize(("text", "rate"), RATES.items())
def test_a_rate_is_read_and_written(text, rate):
    assert parse_rate(text) == rate
    assert rate is None or parse_rate(str(rate)) == rate


@pytest.mark.parametrize(
    "text", ["", "60", "60/", "/min", "0/min", "-1/min", "1.5/min", "60/fortnight", "9" * 12 + "/s"]
)
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(ValueError, match=r"is no rate such as 60/min"):
        parse_rate(text)


@pytest.mark.parametrize(("count", "seconds"), [(0, 60), (1, 0)])
def test_a_rate_of_nothing_is_refused(count, seconds):
    with pytest.raises(ValueError, match="at least one"):
        Rate(count=count, seconds=seconds)


def test_a_token_names_its_key_and_is_never_the_same():
    one, other = new_token(AT), new_token(AT)
    assert one[1] != other[1]
    assert id_in_token(one[1]) == one[0]
    assert one[1].startswith("pk_")
    assert len(one[1]) == 3 + 26 + 1 + 43


@pytest.mark.parametrize(
    "text", ["", "pk_", "Bearer", "pk_" + "A" * 26 + "_" + "x" * 42, "sk_" + "A" * 26 + "_" + "x" * 43,
             "pk_" + "A" * 26 + "_" + "x" * 43 + "\n", "pk_" + "é" * 26 + "_" + "x" * 43, "x" * 100_000],
)  # fmt: skip
def test_what_is_no_token_names_no_key(text):
    assert id_in_token(text) is None


def a_key(**more):
    return ApiKey(**{"id": "K", "name": "desk", "scopes": (Scope.VERIFY,), "created_at": AT} | more)


VOID = {
    "a key that lasts": ({}, None),
    "a key that has a second left": ({"expires_at": AT + timedelta(seconds=1)}, None),
    "a key whose time is up": ({"expires_at": AT}, "expired"),
    "a key that was revoked": ({"revoked_at": AT - timedelta(days=1)}, "revoked"),
}


@pytest.mark.parametrize(("more", "why"), VOID.values(), ids=VOID)
def test_a_key_opens_something_until_it_is_void(more, why):
    said = a_key(**more).why_void(AT)
    assert said is None if why is None else why in said


WRONG = {
    "no name": ({"name": " "}, "the name of a key"),
    "a name that is a story": ({"name": "x" * 101}, "the name of a key"),
    "a name that moves the cursor": ({"name": "desk\x1b[2J"}, "the name of a key"),
    "no scope": ({"scopes": ()}, "opens nothing"),
    "an identity to verify with": ({"identities": ("Example News",)}, "signs as nobody"),
}


@pytest.mark.parametrize(("more", "why"), WRONG.values(), ids=WRONG)
def test_a_key_that_makes_no_sense_is_refused(more, why):
    with pytest.raises(ValueError, match=why):
        a_key(**more)


def test_the_token_is_in_no_representation_and_what_is_kept_of_it_is_its_digest():
    name, token = new_token(AT)
    made = NewKey(key=replace(a_key(), id=name), token=token)
    assert token not in repr(made)
    assert made.digest == digest_of_token(token)
    assert made.digest not in repr(made)
