"""URIs of keys on tokens: what is understood, and what is refused before anything is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from provenance.errors import KeyUnavailable
from provenance.keys.pkcs11_uri import parse


def test_a_whole_uri():
    found = parse(
        "pkcs11:model=SoftHSM%20v2;token=The%20Desk;serial=ab%3B1;slot-id=007;id=%01%ff%2F;object=k%C3%BCche;type=private;"
        "x-vendor=1?module-path=/usr/lib/a%20module.so&pin-source=file:/etc/pin&x-more=2"
    )
    assert found.token == {"model": "SoftHSM v2", "token": "The Desk", "serial": "ab;1", "slot-id": "7"}
    assert (found.label, found.id) == ("küche", b"\x01\xff/")
    assert (found.module, found.pin_file) == (Path("/usr/lib/a module.so"), Path("/etc/pin"))
    assert found.place.endswith("x-vendor=1")


def test_a_uri_that_says_nothing_fits_everything():
    found = parse("pkcs11:")
    assert (found.token, found.label, found.id, found.module, found.pin_file) == ({}, None, None, None, None)


@pytest.mark.parametrize("form", ["/etc/pin", "file:/etc/pin", "file:///etc/pin", "file%3A%2Fetc%2Fpin"])
def test_forms_of_a_file_of_a_pin(form):
    assert parse(f"pkcs11:?pin-source={form}").pin_file == Path("/etc/pin")


@pytest.mark.parametrize(
    ("uri", "message", "hint"),
    [
        ("pkcs11:token=a?pin-value=4711", "a PIN does not belong into a URI", "pin-source=file:/path"),
        ("pkcs11:token=a;pin-value=4711", "a PIN does not belong into a URI", "pin-source=file:/path"),
        ("pkcs11:tokn=a", "'tokn' is not known", "did you mean token?"),
        ("pkcs11:zzzzz=a", "'zzzzz' is not known", "known here are token, serial"),
        ("pkcs11:a", "'a' is not known", "token"),
        ("pkcs11:token", "token has no value", "write pkcs11:token=LABEL"),
        ("pkcs11:token=", "token has no value", "write pkcs11:token=LABEL"),
        ("pkcs11:token=a;token=b", "token is there twice", "write pkcs11:token=LABEL"),
        ("pkcs11:token=50%", "begins no %XX", "write pkcs11:token=LABEL"),
        ("pkcs11:id=%0", "begins no %XX", "write pkcs11:token=LABEL"),
        ("pkcs11:type=cert", "another kind of object", "write pkcs11:token=LABEL"),
        ("pkcs11:slot-id=one", "slot-id is not a number", "write pkcs11:token=LABEL"),
        ("pkcs11:?module-path=module.so", "module-path is not a whole path", "module-path=/whole/path"),
        ("pkcs11:?module-name=softhsm", "'module-name' is not known", "did you mean module-path?"),
        ("pkcs11:?pin-source=pin", "pin-source is not a whole path", "pin-source=/whole/path"),
        ("pkcs11:?pin-source=%7Ccat%20pin", "is a command, and none is run here", "pin-source=file:/path"),
        ("pkcs11:?pin-source=https://host/pin", "pin-source is not a whole path", "pin-source=/whole/path"),
        ("pkcs11:token=\x1b[2J?tokn=1", "'tokn' is not known", "known here are module-path, pin-source"),
    ],
)
def test_uris_that_are_refused(uri, message, hint):
    with pytest.raises(KeyUnavailable) as caught:
        parse(uri)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert "4711" not in str(caught.value)
    assert "\x1b" not in str(caught.value)
