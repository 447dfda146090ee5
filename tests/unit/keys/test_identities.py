"""A directory of identities: what is kept, how it is named and guarded, and what a failure leaves."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from provenance.errors import KeyUnavailable, NoIdentity, OutputError, SigningError, WrongSecret
from provenance.keys import Identity, IdentityStore, check_chain, parse_chain
from provenance.keys.identity import slug_of
from provenance.model.ports import Algorithm
from tests.support.certificates import AT


@pytest.fixture
def store(tmp_path):
    return IdentityStore(tmp_path / "state" / "identities")


def create(store, name="Example News", *, passphrase=None, at=AT, algorithm=Algorithm.ES256):
    return store.create(name, algorithm=algorithm, days=30, passphrase=passphrase, at=at)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def everything(store):
    return sorted(path.name for path in store.directory.rglob("*")) if store.directory.exists() else []


def no_secret():
    return None


def test_identity_says_what_it_is(store):
    identity = create(store)
    assert identity == Identity(
        name="Example News",
        slug="example-news",
        directory=store.directory / "example-news",
        algorithm=Algorithm.ES256,
        created_at=AT,
        not_after=AT + timedelta(days=30),
        development=True,
        organisation="Example News",
        fingerprint=identity.fingerprint,
    )
    assert len(bytes.fromhex(identity.fingerprint)) == 32
    assert store.get("Example News") == identity


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_created_identity_opens_and_signs(store, algorithm):
    create(store, algorithm=algorithm)
    signer = store.open("Example News", secret=no_secret)
    assert (signer.name, signer.algorithm) == ("Example News", algorithm)
    assert signer.sign(b"x")
    assert check_chain(parse_chain(signer.chain_pem), at=AT) == ()


def test_encrypted_identity_opens_with_its_passphrase_only(store):
    identity = create(store, passphrase="pässword")
    assert b"ENCRYPTED" in identity.key_path.read_bytes()
    assert store.open("Example News", secret=lambda: "pässword").sign(b"x")
    with pytest.raises(WrongSecret):
        store.open("Example News", secret=lambda: "password")
    with pytest.raises(KeyUnavailable, match="no passphrase"):
        store.open("Example News", secret=no_secret)


@pytest.mark.skipif(os.name != "posix", reason="modes are a thing of POSIX")
def test_modes(store):
    identity = create(store)
    assert mode(store.directory) == 0o700
    assert mode(identity.directory) == 0o700
    assert mode(identity.key_path) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="modes are a thing of POSIX")
def test_key_is_private_from_its_first_moment(store, monkeypatch):
    opened = {}
    real = os.open

    def watch(path, flags, *rest, **more):
        descriptor = real(path, flags, *rest, **more)
        opened[path.name] = (flags, stat.S_IMODE(os.fstat(descriptor).st_mode))
        return descriptor

    monkeypatch.setattr("provenance.keys.identity.os.open", watch)
    create(store)
    flags, found = opened["key.pem"]
    assert flags & os.O_EXCL
    assert found == 0o600


@pytest.mark.skipif(os.name != "posix", reason="modes are a thing of POSIX")
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


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Example News", "example-news"),
        ("x", "x"),
        ("BBC 2", "bbc-2"),
        ("Ágora", "agora-"),
        ("新闻社", "identity-"),
        ("../../etc/passwd", "etc-passwd-"),
        ("..", "identity-"),
        ("default", "default-"),
        ("C:\\x", "c-x-"),
        ("-rf", "rf-"),
        ("a  b", "a-b-"),
        ("n" * 64, "n" * 48 + "-"),
    ],
)
def test_slug(store, name, slug):
    found = slug_of(name)
    assert found.startswith(slug)
    assert found.isascii()
    assert found.replace("-", "").isalnum()
    identity = create(store, name)
    assert identity.directory.parent == store.directory
    assert store.get(name).name == name
    assert store.get(found).name == name


@pytest.mark.parametrize("name", ["", "a\nb", "\ud800", "n" * 65], ids=["empty", "newline", "surrogate", "long"])
def test_impossible_names_leave_nothing(store, name):
    with pytest.raises(SigningError):
        create(store, name)
    assert everything(store) == []


@pytest.mark.parametrize("again", ["Example News", "EXAMPLE NEWS", "example-news"])
def test_taken_name(store, again):
    first = create(store)
    with pytest.raises(SigningError, match="an identity named Example News already"):
        create(store, again)
    assert store.get("Example News") == first


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

    monkeypatch.setattr(f"provenance.keys.identity.{failing}", fail_late)
    with pytest.raises(OutputError, match="No space left"):
        create(store, "Second")
    assert everything(store) == before
    assert store.names() == ("First",)


def test_interrupted_creation_leaves_nothing(store, monkeypatch):
    def interrupt(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr("provenance.keys.identity.os.fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        create(store)
    assert everything(store) == []


def test_name_taken_meanwhile_by_another_process(store, monkeypatch):
    def overtake(*args, **more):
        monkeypatch.undo()
        create(store)
        return issue(*args, **more)

    from provenance.keys import authority

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


def test_names_are_sorted_whatever_else_lies_there(store):
    for name in ("beta", "Alpha", "新闻社"):
        create(store, name)
    (store.directory / ".new-x").mkdir()
    (store.directory / "notes.txt").write_text("x")
    assert store.names() == ("Alpha", "beta", "新闻社")


def test_no_identity_at_all(store):
    assert store.names() == ()
    assert store.roots() == ()
    for ask in (
        store.default,
        lambda: store.get("x"),
        lambda: store.remove("x"),
        lambda: store.set_default("x"),
    ):
        with pytest.raises(NoIdentity, match="no identity yet") as caught:
            ask()
        assert "provenance identity new NAME" in caught.value.hint


@pytest.mark.parametrize(
    ("asked", "hint"),
    [("Exampel News", "did you mean Example News?"), ("zzz", "there are: Beta, Example News")],
)
def test_unknown_name(store, asked, hint):
    create(store)
    create(store, "Beta")
    with pytest.raises(NoIdentity, match=asked) as caught:
        store.get(asked)
    assert hint in caught.value.hint
    assert "provenance identity new NAME" in caught.value.hint


def test_first_created_is_the_default_until_another_is_chosen(store):
    first, second = create(store, "Zeta"), create(store, "Alpha", at=AT + timedelta(days=1))
    assert store.default() == first
    assert (store.directory / "default").read_text() == "zeta\n"
    store.set_default("Alpha")
    assert store.default() == second


@pytest.mark.parametrize("content", [None, b"", b"../../x", b"gone", b"\xff"])
def test_without_a_usable_choice_the_first_created_counts(store, content):
    first, _ = create(store, "Zeta"), create(store, "Alpha", at=AT + timedelta(days=1))
    chosen = store.directory / "default"
    chosen.unlink()
    if content is not None:
        chosen.write_bytes(content)
    assert store.default() == first


def test_removing_the_default_passes_it_on(store):
    create(store, "Zeta")
    second = create(store, "Alpha", at=AT + timedelta(days=1))
    store.remove("Zeta")
    assert store.default() == second
    assert not (store.directory / "default").exists()


def test_removed_identity_leaves_nothing(store):
    create(store)
    store.remove("Example News")
    assert everything(store) == []
    assert store.names() == ()


def test_roots_are_those_of_development_identities(store):
    first = create(store, "Alpha")
    second = create(store, "Beta")
    about = json.loads((second.directory / "identity.json").read_text())
    (second.directory / "identity.json").write_text(json.dumps({**about, "development": False}))
    assert store.roots() == (("Alpha", first.root_path.read_text()),)
    assert store.get("Beta") == replace(second, development=False)


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


def test_looking_needs_no_cryptography(store):
    create(store)
    script = (
        "import sys; from pathlib import Path; import provenance.trust;"
        "from provenance.keys import IdentityStore;"
        "store = IdentityStore(Path(sys.argv[1])); store.default(); store.roots();"
        "sys.exit('cryptography' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(store.directory)], check=False)
    assert done.returncode == 0


def test_public_names_are_true():
    import provenance.keys as package

    assert sorted(package.__all__) == package.__all__
    for name in package.__all__:
        assert getattr(package, name).__name__ == name
    with pytest.raises(AttributeError, match="nonsense"):
        _ = package.nonsense
