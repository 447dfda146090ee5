"""Identities out of other people's files: any order, any form; sorted, compared with the key, kept as they were."""

from __future__ import annotations

import itertools
import os
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, load_pem_private_key, pkcs7

from provenance.errors import WrongSecret
from provenance.keys import IdentityStore, check_chain, keeping, parse_chain
from provenance.model.ports import Algorithm
from tests.support.certificates import AT, FAULTS, Plan, build
from tests.support.identities import everything, never
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


def the_one(store, identity):
    """See that an identity has the factory's chain and root, and signs."""
    assert parse_chain(identity.chain_path.read_text()) == (LEAF, INTERMEDIATE)
    assert parse_chain(identity.root_path.read_text()) == (AUTHORITY,)
    assert check_chain(parse_chain(identity.chain_path.read_text()), at=AT) == ()
    assert (identity.organisation, identity.development) == ("Example News", False)
    assert (identity.algorithm, identity.not_after) == (Algorithm.ES256, LEAF.not_valid_after_utc)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_any_order_in_one_file(store, place, order):
    parts = [key_bytes(), pem(LEAF), pem(INTERMEDIATE), pem(AUTHORITY)]
    done = bring(store, place(all=b"comment\n".join(parts[number] for number in order)))
    the_one(store, done.identity)
    assert done.left_out == ()
    assert store.open("Desk", secret=never).sign(b"x")
    assert store.default() == done.identity


FORMS = {
    "one file each": lambda: {"a": pem(AUTHORITY), "b": key_bytes(), "c": pem(INTERMEDIATE), "d": pem(LEAF)},
    "DER each": lambda: {
        "a": LEAF.public_bytes(Encoding.DER),
        "b": key_bytes(encoding=Encoding.DER),
        "c": AUTHORITY.public_bytes(Encoding.DER),
        "d": INTERMEDIATE.public_bytes(Encoding.DER),
    },
    "PKCS#7 in PEM": lambda: {
        "a": pkcs7.serialize_certificates([AUTHORITY, INTERMEDIATE, LEAF], Encoding.PEM),
        "b": key_bytes(),
    },
    "PKCS#7 in DER": lambda: {
        "a": pkcs7.serialize_certificates([AUTHORITY, INTERMEDIATE, LEAF], Encoding.DER),
        "b": key_bytes(),
    },
    "traditional key": lambda: {
        "a": pem(LEAF, INTERMEDIATE, AUTHORITY), "b": key_bytes(form=PrivateFormat.TraditionalOpenSSL)
    },
    "traditional key in DER": lambda: {
        "a": pem(LEAF, INTERMEDIATE, AUTHORITY),
        "b": key_bytes(form=PrivateFormat.TraditionalOpenSSL, encoding=Encoding.DER),
    },
    "PKCS#12 without passphrase": lambda: {"a": p12("")},
    "everything twice": lambda: {"a": pem(LEAF, INTERMEDIATE, AUTHORITY) + key_bytes(), "b": pem(LEAF) + key_bytes()},
    "beside curve parameters and a public key": lambda: {
        "a": b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + key_bytes(),
        "b": pem(LEAF, INTERMEDIATE, AUTHORITY),
    },
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_any_form(store, place, form):
    done = bring(store, place(**FORMS[form]()))
    the_one(store, done.identity)
    assert done.key_in_clear
    assert store.open("Desk", secret=never).sign(b"x")


@pytest.mark.parametrize("protect", [None, lambda: "another one"], ids=["as it was", "asked to encrypt"])
@pytest.mark.parametrize("form", ENCRYPTED)
def test_an_encrypted_key_is_never_written_in_the_clear(store, place, form, protect, monkeypatch):
    written = []
    real = keeping.write_new

    def watch(path, content, *, mode):
        written.append(content)
        real(path, content, mode=mode)

    files = place(**ENCRYPTED[form]())
    monkeypatch.setattr(keeping, "write_new", watch)
    done = bring(store, files, secret=lambda wanted: PASSPHRASE, protect=protect)
    the_one(store, done.identity)
    assert not done.key_in_clear
    keys = [content for content in written if b"PRIVATE KEY" in content]
    assert keys == [done.identity.key_path.read_bytes()]
    assert b"ENCRYPTED" in keys[0]
    with pytest.raises(WrongSecret):
        store.open("Desk", secret=lambda wanted: "another one")
    assert store.open("Desk", secret=lambda wanted: PASSPHRASE).sign(b"x")


def test_the_copy_of_an_encrypted_key_is_that_key_to_the_byte(store, place):
    data = key_bytes(passphrase=PASSPHRASE)
    done = bring(store, place(a=data, b=pem(LEAF)), secret=lambda wanted: PASSPHRASE)
    assert done.identity.key_path.read_bytes() == data


def test_the_passphrase_is_asked_for_once_and_in_words(store, place):
    asked = []
    bring(store, place(a=p12()), secret=lambda wanted: asked.append(wanted) or PASSPHRASE)
    assert asked == ["the passphrase of Desk"]


def test_a_key_in_the_clear_is_encrypted_when_that_is_asked_for(store, place):
    done = bring(store, place(a=key_bytes() + pem(LEAF, INTERMEDIATE)), protect=lambda: PASSPHRASE)
    assert not done.key_in_clear
    assert load_pem_private_key(done.identity.key_path.read_bytes(), PASSPHRASE.encode())


@pytest.mark.skipif(os.name != "posix", reason="modes are a thing of POSIX")
def test_the_copy_is_for_its_owner_only(store, place):
    done = bring(store, place(a=key_bytes() + pem(LEAF)))
    assert done.identity.key_path.stat().st_mode & 0o777 == 0o600


def test_strays_are_told_and_not_kept(store, place):
    _, other, _ = build(Plan(common="A stranger", kind="es384"))
    stranger = parse_chain(other)[0]
    done = bring(store, place(a=pem(stranger, LEAF, INTERMEDIATE) + key_bytes()))
    assert done.left_out == ("“A stranger”",)
    assert parse_chain(done.identity.chain_path.read_text()) == (LEAF, INTERMEDIATE)
    assert done.identity.root is None


def test_of_several_certificates_for_one_key_the_newest_that_somebody_issued_is_taken(store, place):
    _, older, _ = build(Plan(starts=-30))
    _, alone, _ = build(replace(Plan(), **FAULTS["self_signed"], starts=-1))
    given = pem(parse_chain(alone)[0], parse_chain(older)[0], LEAF, INTERMEDIATE)
    done = bring(store, place(a=given + key_bytes()))
    assert parse_chain(done.identity.chain_path.read_text()) == (LEAF, INTERMEDIATE)
    assert len(done.left_out) == 2


def test_a_key_by_uri_stays_where_it_is(store, place, tmp_path):
    key_path, chain = place(**{"desk key.pem": key_bytes(passphrase=PASSPHRASE), "chain": pem(INTERMEDIATE, LEAF)})
    done = bring(store, [chain], key=f"file:{key_path}", secret=lambda wanted: PASSPHRASE)
    assert done.identity.key == f"file:{str(key_path).replace(' ', '%20')}"
    assert not any(b"PRIVATE" in (content or b"") for content in everything(store).values())
    assert store.open("Desk", secret=lambda wanted: PASSPHRASE).sign(b"x")


def test_a_relative_place_of_a_key_does_not_depend_on_where_the_command_was_run(store, place, monkeypatch, tmp_path):
    (_, chain) = place(key=key_bytes(), chain=pem(LEAF))
    monkeypatch.chdir(tmp_path)
    bring(store, [chain], key="file:key")
    monkeypatch.chdir("/")
    assert store.open("Desk", secret=never).sign(b"x")
