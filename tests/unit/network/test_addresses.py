"""Which addresses lead to the public network; the ones that test_fetch refuses are not repeated here."""

from __future__ import annotations

import ipaddress

import pytest

from provenance.network.addresses import is_public, resolve

INSIDE = [
    "192.0.0.1", "192.0.0.8", "192.0.0.192", "192.88.99.1", "198.18.0.1", "203.0.113.1", "100.100.100.200",
    "fec0::1", "feff::1", "fd00:ec2::254", "100::1", "2001:db8::1", "::7f00:1", "64:ff9b::a9fe:a9fe", "2001:0:1::1",
]  # fmt: skip
OUTSIDE = ["93.184.216.34", "1.1.1.1", "192.0.1.1", "2606:4700::1111", "2a00:1450:4001::1"]


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_that_lead_inside_are_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_ordinary_addresses_are_public(address):
    assert is_public(ipaddress.ip_address(address))


def test_the_systems_resolver_names_addresses():
    assert set(resolve("localhost", 80)) <= {"127.0.0.1", "::1"}
    assert resolve("192.0.2.1", 80) == ["192.0.2.1"]
