"""Renewing: a new certificate in time, with the same key or another, and never less than there was."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from provenance.errors import KeyUnavailable, NoIdentity, SigningError, WrongSecret
from provenance.keys import IdentityStore, check_chain, parse_chain
from provenance.keys.identity import read_identity
from provenance.keys.renewal import Renewal, renew_identity
from provenance.model.ports import Algorithm
from tests.support.campaign import cases
from tests.support.certificates import AT
from tests.support.certificates import key as make_key
from tests.support.identities import create, everything, never
from tests.support.material import PASSPHRASE, answer, ask, bring, key_bytes, request_of, write

LATER = AT + timedelta(days=20)


@pytest.fixture
def store(tmp_path):
    return IdentityStore(tmp_path / "identities")


def renew(store, name="Desk", *, secret=never, at=LATER, **wish):
    return renew_identity(store, name, Renewal(**wish), secret=secret, at=at)


def chain_of(identity):
    return parse_chain(identity.chain_path.read_text())


def issued(store, tmp_path, **more):
    """Make an identity with a certificate from an authority."""
    identity = ask(store, **more)
    (path,) = write(tmp_path, {"first answer": answer(request_of(identity))})
    return bring(store, [path]).identity


@cases("algorithm", [Algorithm.ES256, Algorithm.PS384, Algorithm.ED25519], more=Algorithm)
def test_a_development_identity_gets_another_certificate_for_its_key(store, algorithm):
    first = create(store, "Desk", algorithm=algorithm)
    key = first.key_path.read_bytes()
    (before,) = chain_of(first)
    second = renew(store, days=100)
    (after,) = chain_of(second)
    assert second.not_after == LATER + timedelta(days=100)
    assert after.public_key() == before.public_key()
    assert after.subject == before.subject
    assert after.serial_number != before.serial_number
    assert second.key_path.read_bytes() == key
    after.verify_directly_issued_by(parse_chain(second.root_path.read_text())[0])
    assert check_chain((after,), at=LATER) == ()
    assert store.open("Desk", secret=never).sign(b"x")


def test_no_passphrase_is_needed_where_the_key_stays(store):
    create(store, "Desk", passphrase=PASSPHRASE)
    second = renew(store)
    assert b"ENCRYPTED" in second.key_path.read_bytes()
    assert store.open("Desk", secret=lambda wanted: PASSPHRASE).sign(b"x")


def test_what_was_signed_under_the_old_root_stays_trusted_on_this_machine(store):
    first = create(store, "Desk")
    old = first.root_path.read_text()
    second = renew(store)
    assert {pem for _, pem in store.roots()} == {old, second.root_path.read_text()}
    (history,) = second.directory.glob("previous/*")
    history.joinpath("identity.json").write_text("damaged")
    assert {pem for _, pem in store.roots()} == {second.root_path.read_text()}


def test_a_development_identity_keeps_its_organisation_with_another_key_too(store):
    from provenance.keys import issue_development_identity

    made = issue_development_identity(
        "Desk", algorithm=Algorithm.ED25519, days=30, at=AT, organisation="Example Holding"
    )
    first = store.add(made.material(), at=AT)
    second = renew(store, new_key=True)
    (before,), (after,) = chain_of(first_state(second)), chain_of(second)
    assert after.public_key() != before.public_key()
    assert (after.subject, second.organisation) == (before.subject, "Example Holding")
    assert second.algorithm is Algorithm.ED25519
    assert first_state(second).key_path.read_bytes() == made.key_pem
    assert first.fingerprint == first_state(second).fingerprint
    assert store.open("Desk", secret=never).sign(b"x")


def first_state(identity):
    (history,) = identity.directory.glob("previous/*")
    return read_identity(history)


@pytest.mark.parametrize("development", [True, False])
def test_a_new_key_is_not_less_protected_than_the_old_one(store, tmp_path, development):
    if development:
        create(store, "Desk", passphrase=PASSPHRASE)
    else:
        issued(store, tmp_path, passphrase=PASSPHRASE)
    before = everything(store)
    with pytest.raises(KeyUnavailable, match="no passphrase for the new key"):
        renew(store, new_key=True)
    assert everything(store) == before
    renew(store, new_key=True, protect=lambda: "the new one")
    keys = [content for content in everything(store).values() if content and b"PRIVATE KEY" in content]
    assert len(set(keys)) == 2
    assert all(b"ENCRYPTED" in content for content in keys)


def test_a_new_key_is_encrypted_when_that_is_asked_for(store):
    create(store, "Desk")
    second = renew(store, new_key=True, encrypt=True, protect=lambda: PASSPHRASE)
    assert b"ENCRYPTED" in second.key_path.read_bytes()
    with pytest.raises(WrongSecret):
        store.open("Desk", secret=lambda wanted: "another")


def test_an_issued_identity_asks_again_and_signs_until_the_answer_is_there(store, tmp_path):
    first = issued(store, tmp_path)
    second = renew(store)
    assert replace(second, request=None) == first
    assert (second.waiting, second.request_key) == (False, None)
    request = request_of(second)
    (before,) = chain_of(first)
    assert (request.subject, request.public_key()) == (before.subject, before.public_key())
    assert store.open("Desk", secret=never).sign(b"x")
    third = bring(store, write(tmp_path, {"answer": answer(request, at=LATER)}), at=LATER).identity
    assert third.not_after == LATER + timedelta(days=90)
    assert (third.request, third.key) == (None, first.key)
    assert store.open("Desk", secret=never).sign(b"x")


def test_the_same_other_names_are_asked_for(store, tmp_path):
    from provenance.keys.request import Subject

    subject = Subject(organisation="Example News", common_name="Desk", names=("desk@example.com",))
    first = issued(store, tmp_path, subject=subject)
    wanted = {item.oid.dotted_string: item.value for item in request_of(renew(store)).extensions}
    assert wanted["2.5.29.17"] == chain_of(first)[0].extensions.get_extension_for_oid(
        next(item.oid for item in chain_of(first)[0].extensions if item.oid.dotted_string == "2.5.29.17")
    ).value  # fmt: skip


def test_another_key_counts_only_when_its_certificate_is_there(store, tmp_path):
    first = issued(store, tmp_path)
    old = first.key_path.read_bytes()
    second = renew(store, new_key=True)
    assert second.key == first.key
    assert second.request_key not in {None, first.key}
    assert request_of(second).public_key() != chain_of(first)[0].public_key()
    assert store.open("Desk", secret=never).sign(b"x")
    third = bring(store, write(tmp_path, {"answer": answer(request_of(second), at=LATER)}), at=LATER).identity
    assert third.key == second.request_key
    assert third.key_path.read_bytes() != old
    assert old in everything(store).values()
    assert store.open("Desk", secret=never).sign(b"x")


def test_asking_twice_keeps_both_keys(store, tmp_path):
    issued(store, tmp_path)
    once = renew(store, new_key=True)
    key, asked = (once.directory / once.request_key.removeprefix("file:")).read_bytes(), request_of(once)
    twice = renew(store, new_key=True)
    assert twice.request_key != once.request_key
    assert key in everything(store).values()
    with pytest.raises(KeyUnavailable, match="none of these certificates belongs"):
        bring(store, write(tmp_path, {"answer": answer(asked, at=LATER)}), at=LATER)


def test_a_certificate_for_the_present_key_does_not_end_a_request_for_another(store, tmp_path):
    first = issued(store, tmp_path)
    second = renew(store, new_key=True)
    again = answer(request_of_first(first), at=LATER)
    third = bring(store, write(tmp_path, {"again": again}), at=LATER, replace=True).identity
    assert (third.key, third.request, third.request_key) == (first.key, second.request, second.request_key)
    fourth = bring(store, write(tmp_path, {"answer": answer(request_of(third), at=LATER)}), at=LATER).identity
    assert fourth.key == second.request_key


def request_of_first(identity):
    from cryptography import x509

    (path,) = identity.directory.glob("previous/*/request.pem")
    return x509.load_pem_x509_csr(path.read_bytes())


def test_a_key_by_uri_takes_the_place_of_the_one_that_is_kept_here(store, tmp_path):
    issued(store, tmp_path)
    (path,) = write(tmp_path, {"elsewhere.pem": key_bytes(make_key("es384", "elsewhere"))})
    second = renew(store, key=f"file:{path}")
    third = bring(store, write(tmp_path, {"answer": answer(request_of(second), at=LATER)}), at=LATER).identity
    assert (third.key, third.algorithm) == (f"file:{path}", Algorithm.ES384)
    assert store.open("Desk", secret=never).sign(b"x")


def test_what_cannot_be_renewed_is_refused(store):
    with pytest.raises(NoIdentity):
        renew(store)
    ask(store)
    with pytest.raises(SigningError, match="no certificate yet"):
        renew(store)
    create(store, "Trial")
    for days in (0, 4000):
        with pytest.raises(SigningError, match="not possible"):
            renew(store, "Trial", days=days)
    with pytest.raises(SigningError, match="development identity, whose key is made here"):
        renew(store, "Trial", key="file:/elsewhere.pem")
