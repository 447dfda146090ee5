"""What cannot become an identity is refused with its cause, and leaves everything as it was."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat

from provenance.errors import KeyUnavailable, SigningError, UnsuitableCertificate, WrongSecret
from provenance.keys import IdentityStore, parse_chain
from tests.support.certificates import FAULTS, Plan, build, make_chain
from tests.support.certificates import key as make_key
from tests.support.identities import create, everything, no_secret
from tests.support.material import (
    AUTHORITY,
    ENCRYPTED,
    INTERMEDIATE,
    LEAF,
    PASSPHRASE,
    bring,
    key_bytes,
    p12,
    pem,
    write,
)


@pytest.fixture
def store(tmp_path):
    return IdentityStore(tmp_path / "identities")


@pytest.fixture
def place(tmp_path):
    """Write files that only their owner may read."""
    return lambda **files: write(tmp_path, files)


BAD = {
    "no key": (lambda: {"a": pem(LEAF, INTERMEDIATE)}, KeyUnavailable, "no private key for these certificates"),
    "no certificate": (lambda: {"a": key_bytes()}, KeyUnavailable, "no certificate in these files"),
    "another key": (
        lambda: {"a": pem(LEAF, INTERMEDIATE), "b": key_bytes(make_key("es256", "another"))},
        KeyUnavailable,
        "none of the certificates belongs to the private key: “Example News desk”",
    ),
    "two keys": (
        lambda: {"a": pem(LEAF) + key_bytes(), "b": key_bytes(make_key("es256", "another"))},
        KeyUnavailable,
        "more than one private key",
    ),
    "two keys in a file": (
        lambda: {"a": pem(LEAF) + key_bytes() + key_bytes(make_key("es256", "another"))},
        KeyUnavailable,
        "more than one private key",
    ),
    "nothing": (lambda: {"a": b""}, KeyUnavailable, "neither a certificate nor a private key"),
    "a picture": (lambda: {"a": b"\xff\xd8\xff" * 99}, KeyUnavailable, "neither a certificate nor a private key"),
    "other PEM": (
        lambda: {"a": b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"},
        KeyUnavailable,
        "there is a x509 crl in this file",
    ),
    "PEM that is cut off": (lambda: {"a": pem(LEAF)[:-30]}, KeyUnavailable, "no certificate and no private key"),
    "a damaged certificate": (
        lambda: {"a": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + key_bytes()},
        KeyUnavailable,
        "a certificate in this file is damaged",
    ),
    "an OpenSSH key": (
        lambda: {"a": pem(LEAF) + key_bytes(form=PrivateFormat.OpenSSH)},
        KeyUnavailable,
        "no private key could be read",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_become_an_identity_is_refused_and_leaves_nothing(store, place, case):
    files, error, message = BAD[case]
    with pytest.raises(error, match=message) as caught:
        bring(store, place(**files()), secret=no_secret)
    assert caught.value.path or "more than one" in message
    assert caught.value.hint
    assert everything(store) == {}


@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in {"wrong_order", "root_included", "gap"}])
def test_a_chain_that_could_not_sign_is_refused(store, place, fault):
    key, chain_pem, _ = make_chain(fault)
    with pytest.raises(UnsuitableCertificate) as caught:
        bring(store, place(a=chain_pem.encode() + key_bytes(key)))
    assert caught.value.path
    assert everything(store) == {}


@pytest.mark.parametrize(
    ("secret", "error", "message"),
    [(no_secret, KeyUnavailable, "no passphrase was given"), (lambda wanted: "wrong", WrongSecret, "does not open")],
)
@pytest.mark.parametrize("form", ENCRYPTED)
def test_without_its_passphrase_nothing_is_imported(store, place, form, secret, error, message):
    with pytest.raises(error, match=message):
        bring(store, place(**ENCRYPTED[form]()), secret=secret)
    assert everything(store) == {}


@pytest.mark.skipif(os.name != "posix", reason="modes are a thing of POSIX")
@pytest.mark.parametrize("files", [{"a": key_bytes() + pem(LEAF)}, {"a": p12("")}], ids=["PEM", "PKCS#12"])
def test_a_key_that_others_may_read_is_refused(store, place, files):
    (path,) = place(**files)
    path.chmod(0o644)
    with pytest.raises(KeyUnavailable, match="others on this machine may read"):
        bring(store, [path])


def test_a_missing_file_is_named(store, tmp_path):
    with pytest.raises(KeyUnavailable, match="is not there") as caught:
        bring(store, [tmp_path / "gone.pem"])
    assert caught.value.path == str(tmp_path / "gone.pem")


def test_an_identity_is_replaced_only_when_that_is_asked_for(store, place):
    first = create(store, "Desk")
    files = place(a=key_bytes() + pem(LEAF, INTERMEDIATE, AUTHORITY))
    before = everything(store)
    with pytest.raises(SigningError, match="an identity named Desk already") as caught:
        bring(store, files, name="desk")
    assert "--replace" in caught.value.hint
    assert everything(store) == before
    done = bring(store, files, name="desk", replace=True)
    assert parse_chain(done.identity.chain_path.read_text()) == (LEAF, INTERMEDIATE)
    assert done.identity.name == "Desk"
    kept = [content for name, content in everything(store).items() if "/previous/" in f"/{name}"]
    assert before["desk/key.pem"] in kept
    assert first.fingerprint != done.identity.fingerprint


def test_another_certificate_for_the_key_of_an_identity_needs_no_key(store, place):
    files = place(a=key_bytes(passphrase=PASSPHRASE) + pem(LEAF, INTERMEDIATE, AUTHORITY))
    first = bring(store, files, secret=lambda wanted: PASSPHRASE).identity
    newer = parse_chain(build(Plan(starts=-1))[1])[0]
    (answer,) = place(answer=pem(newer))
    with pytest.raises(SigningError, match="already"):
        bring(store, [answer])
    done = bring(store, [answer], replace=True)
    assert parse_chain(done.identity.chain_path.read_text()) == (newer, INTERMEDIATE)
    assert done.identity.key == first.key
    assert parse_chain(done.identity.root_path.read_text()) == (AUTHORITY,)
    assert store.open("Desk", secret=lambda wanted: PASSPHRASE).sign(b"x")


def test_a_certificate_of_another_key_does_not_fit_an_identity(store, place):
    create(store, "Desk")
    with pytest.raises(KeyUnavailable, match="none of these certificates belongs to the key of Desk"):
        bring(store, place(a=pem(LEAF)), replace=True)
