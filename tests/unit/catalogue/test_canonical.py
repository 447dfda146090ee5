"""The line of a record never changes: the hashes of every ledger that was ever written rest on it."""

from __future__ import annotations

import json

import pytest

from provenance.catalogue.canonical import body_of, line, storable
from provenance.model.ledger import digest_of
from tests.support.catalogue import a_full_record, a_record

ALL = "".join(map(chr, [*range(0x0300), 0x2028, 0x2029, 0xD7FF, 0xE000, 0xFEFF, 0xFFFF, 0x1F600, 0x10FFFF]))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (a_record(), "8f1573edccd1a312813c1802f4e14e0793b0b25cd5d7be32ec638253df1594ab"),
        (a_full_record(), "5762400b66b1a58d440df4196e0c7331c01286e760fc5c7d2580ebe23ce890d8"),
        (
            a_record(title=ALL, written_to="out/\udcff\0.jpg", asked_by=""),
            "f856e2a65126d79df8ca7dd5c529d86040b76a01cb565f4780d6ac4b34b521e8",
        ),
    ],
)
def test_a_record_has_the_digest_that_it_always_had(record, expected):
    assert digest_of(body_of(record)) == expected


@pytest.mark.parametrize(
    "said",
    [
        {"b": ALL, "a": 2**63, "c": -1, "d": 0, "e": ""},
        {"\uffff": 1, "\U0001f600": 2, "é": 3, "Z": 4, "a": 5},
        {"nested": {"z": ["y", {"b": 1, "a": 2}], "x": "/"}},
    ],
)
def test_a_line_is_what_other_writers_of_sorted_json_make_of_it(said):
    assert line(said) == json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


@pytest.mark.parametrize(("value", "there"), [(None, False), ([], False), ({}, False), (0, True), ("", True)])
def test_what_is_absent_is_left_out_and_what_is_empty_text_or_nought_is_not(value, there):
    assert json.loads(line({"value": value})) == ({"value": value} if there else {})


def test_text_that_no_database_keeps_is_written_out():
    assert storable("a\0\udcffä") == "a\\x00\\udcffä"
