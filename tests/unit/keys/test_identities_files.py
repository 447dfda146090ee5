"""The files of identities: who may read them, and what a failure leaves."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from provenance.errors import KeyUnavailable, OutputError, SigningError, WrongSecret
from provenance.keys import IdentityStore, authority, parse_chain
from provenance.keys.identity import read_identity
from provenance.keys.keeping import material_of
from provenance.model.ports import Algorithm
from tests.support.certificates import AT, make_chain
from tests.support.identities import create, everything, no_secret

POSIX = pytest.mark.skipif(os.name != "posix", reason="modes are a thing of POSIX")


@pytest.fixture
def store(tmp_path):
    return IdentityStore(tmp_path / "state" / "identities")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_encrypted_identity_opens_with_its_passphrase_only(store):
    identity = create(store, passphrase="pässword")
    assert b"ENCRYPTED" in identity.key_path.read_bytes()
    assert store.open("Example News", secret=lambda wanted: "pässword").sign(b"x")
    with pytest.raises(WrongSecret):
        store.open("Example News", secret=lambda wanted: "password")
    with pytest.raises(KeyUnavailable, match="no passphrase"):
        store.open("Example News", secret=no_secret)


@POSIX
def test_modes(store):
    identity = create(store)
    assert mode(store.directory) == 0o700
    assert mode(identity.directory) == 0o700
    assert mode(identity.key_path) == 0o600


@POSIX
def test_key_is_private_from_its_first_moment(store, monkeypatch):
    opened = {}
    real = os.open

    def watch(path, flags, *rest, **more):
        descriptor = real(path, flags, *rest, **more)
        opened[path.name] = (flags, stat.S_IMODE(os.fstat(descriptor).st_mode))
        return descriptor

    monkeypatch.setattr("provenance.keys.keeping.os.open", watch)
    create(store)
    flags, found = opened["key.pem"]
    assert flags & os.O_EXCL
    assert found == 0o600


@POSIX
@pytest.mark.parametrize("loose", [0o640, 0o604, 0o660, 0o602])
def test_key_that_others_may_touch_is_refused(store, loose):
    identity = create(store)
    identity.key_path.chmod(loose)
    with pytest.raises(KeyUnavailable, match="others on this machine") as caught:
        store.open("Example News", secret=no_secret)
    assert f"chmod 600 {identity.key_path}" in caught.value.hint


def test_missing_key_is_said(store):
    identity = create(store)
    identity.key_path.unlink()
    with pytest.raises(KeyUnavailable, match="not there"):
        store.open("Example News", secret=no_secret)


@pytest.mark.parametrize("failing", ["os.open", "os.fsync"])
def test_failed_creation_leaves_nothing(store, monkeypatch, failing):
    create(store, "First")
    before = everything(store)
    calls = []
    real = {"os.open": os.open, "os.fsync": os.fsync}[failing]

    def fail_late(*args, **more):
        calls.append(args)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args, **more)

    monkeypatch.setattr(f"provenance.keys.keeping.{failing}", fail_late)
    with pytest.raises(OutputError, match="No space left"):
        create(store, "Second")
    assert everything(store) == before
    assert store.names() == ("First",)


def test_interrupted_creation_leaves_nothing(store, monkeypatch):
    def interrupt(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr("provenance.keys.keeping.os.fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        create(store)
    assert everything(store) == {}


def test_name_taken_meanwhile_by_another_process(store, monkeypatch):
    def overtake(*args, **more):
        monkeypatch.undo()
        create(store)
        return issue(*args, **more)

    issue = authority.issue_development_identity
    monkeypatch.setattr(authority, "issue_development_identity", overtake)
    with pytest.raises(SigningError, match="already"):
        create(store)
    assert store.names() == ("Example News",)
    assert not [name for name in everything(store) if name.startswith(".")]


def test_directory_that_is_a_file(tmp_path):
    (tmp_path / "identities").write_text("x")
    store = IdentityStore(tmp_path / "identities")
    with pytest.raises((OutputError, KeyUnavailable)):
        create(store)


def test_removed_identity_leaves_nothing(store):
    create(store)
    store.remove("Example News")
    assert everything(store) == {}
    assert store.names() == ()


@pytest.mark.parametrize(
    "content",
    [None, b"", b"{", b"[]", b"{}", b'{"name": "x", "algorithm": "rot13"}', b"\xff"],
    ids=["missing", "empty", "cut", "list", "no fields", "wrong algorithm", "not text"],
)
def test_damaged_identity_is_listed_refused_and_removable(store, content):
    create(store, "Other")
    path = create(store).directory / "identity.json"
    path.unlink() if content is None else path.write_bytes(content)
    assert store.names() == ("example-news", "Other")
    assert store.get("Other")
    with pytest.raises(KeyUnavailable, match="missing or damaged") as caught:
        store.get("example-news")
    assert caught.value.path == str(path)
    store.remove("example-news")
    assert store.names() == ("Other",)


def test_damaged_root_is_said(store):
    identity = create(store)
    identity.root_path.unlink()
    with pytest.raises(KeyUnavailable, match="missing or damaged"):
        store.roots()


def other(store, identity):
    """Return material for another key and another certificate."""
    issued = authority.issue_development_identity(
        "Example News", algorithm=Algorithm.ES384, days=9, at=AT, organisation="Example Holding"
    )
    return replace(issued.material(), development=False)


def test_what_is_replaced_is_kept_whole_in_previous(store):
    first = create(store, passphrase="pässword")
    before = {path.name: path.read_bytes() for path in first.directory.iterdir()}
    second = store.replace(first, other(store, first), at=AT + timedelta(days=1))
    history = first.directory / "previous" / "20260302T120000Z"
    assert {path.name: path.read_bytes() for path in history.iterdir()} == before
    assert (second.algorithm, second.organisation, second.development) == (Algorithm.ES384, "Example Holding", False)
    assert (second.created_at, second.slug) == (first.created_at, first.slug)
    assert second.not_after == AT + timedelta(days=9)
    assert store.open("Example News", secret=no_secret).sign(b"x")
    past = read_identity(history)
    assert past.fingerprint == first.fingerprint


def test_only_files_that_count_stay_beside_the_description(store):
    second = store.replace(create(store), other(store, None), at=AT)
    named = {second.key_path, second.chain_path, second.root_path, second.directory / "identity.json"}
    assert {path for path in second.directory.iterdir() if path.is_file()} == named


@POSIX
def test_keys_stay_private_when_they_are_replaced(store):
    second = store.replace(create(store), other(store, None), at=AT)
    for path in (second.key_path, *second.directory.glob("previous/*/key.pem")):
        assert mode(path) == 0o600
    assert mode(second.directory / "previous") == 0o700


def test_what_did_not_change_is_not_written_again(store):
    first = create(store)
    again = store.replace(first, material_of(first), at=AT)
    assert again == first
    assert not (first.directory / "previous").exists()


def test_two_changes_at_the_same_second_are_both_kept(store):
    first = create(store)
    second = store.replace(first, other(store, first), at=AT)
    store.replace(second, other(store, second), at=AT)
    kept = [read_identity(path).fingerprint for path in first.directory.glob("previous/*")]
    assert set(kept) == {first.fingerprint, second.fingerprint}


class FailingAt:
    """Let a function of the operating system fail the n-th time it is called."""

    def __init__(self, real, number, error):
        self.real, self.left, self.error = real, number, error

    def __call__(self, *args, **more):
        self.left -= 1
        if self.left == 0:
            raise self.error
        return self.real(*args, **more)


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("error", [FULL, KeyboardInterrupt()], ids=["disk full", "interrupted"])
@pytest.mark.parametrize(("place", "real"), [("os.open", os.open), ("os.fsync", os.fsync)], ids=["open", "sync"])
@pytest.mark.parametrize("number", range(1, 9))
def test_a_change_that_fails_anywhere_leaves_everything_as_it_was(store, monkeypatch, place, real, number, error):
    identity = create(store, passphrase="pässword")
    before = {name: content for name, content in everything(store).items() if content is not None}
    material = other(store, identity)
    with monkeypatch.context() as patch:
        # Four old files, three new ones, and the description.
        patch.setattr(f"provenance.keys.keeping.{place}", FailingAt(real, number, error))
        with pytest.raises(KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else OutputError):
            store.replace(identity, material, at=AT)
    assert {name: content for name, content in everything(store).items() if content is not None} == before
    assert store.get("Example News") == identity


def test_a_change_counts_when_the_description_has_its_name_even_if_tidying_fails(store, monkeypatch):
    identity = create(store)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *args, **more: (_ for _ in ()).throw(PermissionError(13, "denied")))
        changed = store.replace(identity, other(store, identity), at=AT)
    assert store.get("Example News") == changed
    assert changed.fingerprint != identity.fingerprint


def test_a_key_that_lives_elsewhere_is_named_and_not_copied(store, tmp_path):
    key, chain_pem, _ = make_chain()
    place = tmp_path / "elsewhere" / "desk key.pem"
    place.parent.mkdir(mode=0o700)
    place.touch(mode=0o600)
    place.write_bytes(authority.key_pem(key, None))
    material = replace(other(store, None), key=f"file:{place}", chain_pem=chain_pem, algorithm=Algorithm.ES256)
    made = store.add(material, at=AT)
    assert made.key_path == place
    assert sorted(path.name for path in made.directory.iterdir()) == ["chain.pem", "identity.json", "root.pem"]
    signer = store.open("Example News", secret=no_secret)
    assert signer.public_key == parse_chain(chain_pem)[0].public_key()
