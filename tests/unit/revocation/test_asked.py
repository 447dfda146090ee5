"""The engine puts requests into addresses as they are; here they are told apart again."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from provenance.revocation.asked import split
from tests.support.ocsp import Pki


@pytest.fixture(scope="module")
def requests():
    """Requests whose text has slashes at any place, sooner or later."""
    pki = Pki()
    leaf = pki.leaf(url="http://responder.example/")
    found = []
    for number in range(200):
        serial = leaf.serial_number + number
        builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(bytes(20), bytes(20), serial, hashes.SHA1())
        found.append(builder.build().public_bytes(Encoding.DER))
    assert any(b"//" in b64encode(item) for item in found) or any(b"/" in b64encode(item) for item in found)
    return found


@pytest.mark.parametrize(
    "base", ["http://responder.example", "http://responder.example/a/path", "https://x.example:8080"]
)
@pytest.mark.parametrize("encode", [str, quote, lambda text: quote(text, safe="")], ids=["bare", "part", "whole"])
def test_responder_and_request_are_told_apart(requests, base, encode):
    for request in requests:
        assert split(f"{base}/{encode(b64encode(request).decode())}") == (base, request)


@pytest.mark.parametrize(
    "url", ["http://x.example", "http://x.example/", "http://x.example/a/b", "x", "", "http://x/AAAA"]
)
def test_an_address_without_a_request_is_none(url):
    assert split(url) is None
