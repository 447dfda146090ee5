"""DER is read strictly, and what is none is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from provenance import der

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

NOT_DER = {
    "nothing": "",
    "half a head": "30",
    "a length without an end": "3080020101" + "0000",
    "a length longer than need be": "308103020101",
    "a length with a zero before it": "3082000302010130",
    "a length beyond the end": "3004020101",
    "a length of five bytes": "30850000000003020101",
    "a tag of several bytes": "1f8101020101",
    "something after the end": "300302010100",
}


@pytest.mark.parametrize("encoded", NOT_DER.values(), ids=NOT_DER)
def test_what_is_not_der_is_not_read(encoded):
    with pytest.raises(ValueError, match=r"DER|cut off|its end"):
        der.read(bytes.fromhex(encoded))


@pytest.mark.parametrize(
    ("read", "encoded"),
    [(der.integer, "0200"), (der.integer, "0241" + "01" * 65), (der.oid, "0600"), (der.oid, "060181")]
    + [(der.oid, "0641" + "81" * 64 + "01"), (der.moment, "1804" + b"2026".hex())]
    + [(der.moment, "180f" + text.hex()) for text in (b"20260230120000Z", b"20260301126000Z", b"20260301120000+")]
    + [(der.moment, "170d" + b"260301120000+".hex())],
)
def test_a_value_that_means_nothing_is_not_read(read, encoded):
    with pytest.raises(ValueError, match=r"\w"):
        read(der.read(bytes.fromhex(encoded)))


MOMENTS = {
    "180f" + b"20260301120000Z".hex(): AT,
    "1812" + b"20260301120000.25Z".hex(): AT.replace(microsecond=250_000),
    "1817" + b"20260301120000.1234567Z".hex(): AT.replace(microsecond=123_456),
    "170d" + b"260301120000Z".hex(): AT,
    "170d" + b"990301120000Z".hex(): AT.replace(year=1999),
}


@pytest.mark.parametrize(("encoded", "time"), MOMENTS.items())
def test_times_are_read_in_both_forms(encoded, time):
    assert der.moment(der.read(bytes.fromhex(encoded))) == time


OIDS = {"0603550403": "2.5.4.3", "06082a864886f70d0205": "1.2.840.113549.2.5", "0603883703": "2.999.3"}


@pytest.mark.parametrize(("encoded", "dotted"), OIDS.items())
def test_object_identifiers_are_read(encoded, dotted):
    assert der.oid(der.read(bytes.fromhex(encoded))) == dotted
