"""Who asks, with proxies between: what anybody could have written is never believed."""

from __future__ import annotations

import pytest

from provenance.errors import SettingsError
from provenance.web.callers.forwarded import client_of, networks, party, scheme_of

PROXIES = networks(["10.0.0.0/8", "fd00::/8", "192.0.2.7"])
CLIENTS = {
    "nobody between": ("203.0.113.9", [], "203.0.113.9"),
    "a client that says it is another": ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
    "a proxy that says nothing": ("10.0.0.1", [], "10.0.0.1"),
    "one proxy": ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
    "a client that lies to the proxy": ("10.0.0.1", ["127.0.0.1, 10.0.0.2, 203.0.113.9"], "203.0.113.9"),
    "two proxies": ("10.0.0.1", ["203.0.113.9, 10.0.0.2"], "203.0.113.9"),
    "a field of each proxy": ("10.0.0.1", ["203.0.113.9", "10.0.0.2"], "203.0.113.9"),
    "a proxy that is not ours before ours": ("10.0.0.1", ["203.0.113.9, 198.51.100.4, 10.0.0.2"], "198.51.100.4"),
    "a client within": ("10.0.0.1", ["10.0.0.99"], "10.0.0.99"),
    "what is no address": ("10.0.0.1", ["203.0.113.9, unknown"], "10.0.0.1"),
    "nothing in the field": ("10.0.0.1", [""], "10.0.0.1"),
    "markup": ("10.0.0.1", ["<script>"], "10.0.0.1"),
    "a port": ("10.0.0.1", ["203.0.113.9:4711"], "203.0.113.9"),
    "IPv6": ("fd00::1", ["2001:DB8:0::9"], "2001:db8::9"),
    "IPv6 with a port": ("fd00::1", ["[2001:db8::9]:4711"], "2001:db8::9"),
    "IPv4 in IPv6": ("::ffff:10.0.0.1", ["::ffff:203.0.113.9"], "203.0.113.9"),
    "a single address": ("192.0.2.7", ["203.0.113.9"], "203.0.113.9"),
    "a megabyte": ("10.0.0.1", ["9" * 1_000_000], "10.0.0.1"),
    "a zone": ("10.0.0.1", ["fe80::1%eth0"], "fe80::1%eth0"),
    "digits of another script": ("10.0.0.1", ["٢٠٣.0.113.9"], "10.0.0.1"),
    "zeros before": ("10.0.0.1", ["010.0.0.1"], "10.0.0.1"),
    "a socket of the system": ("", ["203.0.113.9"], ""),
}


@pytest.mark.parametrize(("peer", "stated", "client"), CLIENTS.values(), ids=CLIENTS)
def test_the_client_is_the_last_that_is_no_proxy_of_ours(peer, stated, client):
    assert client_of(peer, stated, PROXIES) == client


def test_without_proxies_nothing_is_believed():
    assert client_of("127.0.0.1", ["203.0.113.9"], ()) == "127.0.0.1"
    assert scheme_of("127.0.0.1", "http", ["https"], ()) == "http"


SCHEMES = {
    "a proxy that speaks TLS": ("10.0.0.1", ["https"], "https"),
    "a client that says so": ("203.0.113.9", ["https"], "http"),
    "two proxies: the nearer one": ("10.0.0.1", ["https, http"], "http"),
    "another field after it": ("10.0.0.1", ["http", "HTTPS"], "https"),
    "what is no scheme of ours": ("10.0.0.1", ["javascript"], "http"),
    "nothing": ("10.0.0.1", [], "http"),
}


@pytest.mark.parametrize(("peer", "stated", "scheme"), SCHEMES.values(), ids=SCHEMES)
def test_the_scheme_is_what_a_proxy_of_ours_says(peer, stated, scheme):
    assert scheme_of(peer, "http", stated, PROXIES) == scheme


PARTIES = {
    "203.0.113.9": "203.0.113.9",
    "::ffff:203.0.113.9": "203.0.113.9",
    "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
    "2001:db8:1:2::1": "2001:db8:1:2::/64",
    "fe80::1%eth0": "fe80::/64",
    "testclient": "testclient",
    "": "",
}


@pytest.mark.parametrize(("address", "name"), PARTIES.items())
def test_addresses_of_one_customer_count_together(address, name):
    assert party(address) == name


@pytest.mark.parametrize("text", ["proxy.example.com", "10.0.0.0/99", "", "*"])
def test_what_is_no_network_is_refused_by_its_name(text):
    with pytest.raises(SettingsError, match=r"service\.trusted_proxies holds"):
        networks([text])
