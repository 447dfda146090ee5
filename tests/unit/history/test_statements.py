"""What two manifests state differently: only that, and field by field."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from provenance.history.statements import differences
from provenance.model.claim import Assertion, Generator
from provenance.model.manifest import IdentityAssertion
from tests.unit.stores import SIGNED, a_manifest


def between(one, other):
    return [(item.about, item.field, item.one, item.other) for item in differences(one, other)]


def stating(*assertions):
    return a_manifest("a", assertions=tuple(Assertion(label=label, data=data) for label, data in assertions))


def test_two_manifests_that_state_the_same_differ_in_nothing():
    said = (("cawg.metadata", {"dc:title": "Ufer", "place": {"city": "Ulm"}}),)
    assert between(stating(*said), stating(*said)) == []


CLAIMS = {
    "title": ({"title": "x"}, "title", "title of a", "x"),
    "type": ({"media_type": "image/png"}, "media type", "image/jpeg", "image/png"),
    "generator": ({"generators": (Generator(name="new", version=None),)}, "claim generator", "test 1", "new"),
    "signer": (
        {"signature": replace(SIGNED, organization="Other")}, "signed by", "Example News / Desk", "Other / Desk",
    ),
    "nobody": ({"signature": None}, "signed by", "Example News / Desk", None),
    "time": (
        {"signature": replace(SIGNED, time=datetime(2026, 1, 1, tzinfo=UTC))}, "time-stamp", None,
        "2026-01-01T00:00:00+00:00",
    ),
    "publisher": (
        {"identities": (IdentityAssertion(
            label="cawg.identity", organization="Daily", common_name=None, roles=(), kind=None
        ),)},
        "stands behind it", None, "Daily",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("more", "field", "one", "other"), CLAIMS.values(), ids=CLAIMS)
def test_claims_are_compared(more, field, one, other):
    assert between(a_manifest("a"), a_manifest("a", **more)) == [("claim", field, one, other)]


def test_assertions_are_compared_field_by_field():
    one = stating(("cawg.metadata", {"dc:title": "Ufer", "dc:rights": "mine", "place": {"city": "Ulm", "n": 1}}))
    other = stating(("cawg.metadata", {"dc:title": "Strand", "dc:rights": "mine", "place": {"city": "Ulm", "n": [2]}}))
    assert between(one, other) == [
        ("cawg.metadata", "dc:title", "Ufer", "Strand"),
        ("cawg.metadata", "place.n", "1", "[2]"),
    ]


def test_an_assertion_of_one_side_only_is_told_of_that_side():
    one, other = stating(("a", {"x": 1})), stating(("b", {"value": None}))
    assert between(one, other) == [("a", "x", "1", None)]
    assert between(other, one) == [("a", "x", None, "1")]


def test_assertions_of_one_label_are_compared_in_their_order():
    one = stating(("note", {"x": 1}), ("note", {"x": 2}))
    other = stating(("note", {"x": 1}), ("note", {"x": 3}))
    assert between(one, other) == [("note (2)", "x", "2", "3")]


@pytest.mark.parametrize(
    "label", ["c2pa.actions.v2", "c2pa.hash.bmff.v3", "c2pa.thumbnail.claim", "c2pa.ingredient.v3", "cawg.identity"]
)
def test_what_is_compared_elsewhere_is_not_told_here(label):
    assert between(stating((label, {"x": 1})), stating((label, {"x": 2}))) == []


def test_what_prefixes_stand_for_is_no_difference():
    assert between(stating(("m", {"@context": {"dc": "1"}})), stating(("m", {"@context": {"dc": "2"}}))) == []


def test_deep_and_long_values_are_bounded():
    deep = {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}
    ((_, field, one, other),) = between(stating(("m", deep)), stating(("m", {"a": "x" * 5000})))[:1]
    assert (field, one) == ("a", None)
    assert other.endswith("… (5000 characters)")
    wide = {str(number): number for number in range(2000)}
    assert len(between(stating(("m", wide)), stating(("m", {})))) < 600
