"""A directory of identities: how they are named and found, which one signs, whom they make trusted."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from provenance.errors import KeyUnavailable, NoIdentity, SigningError
from provenance.keys import Identity, IdentityStore, check_chain, parse_chain
from provenance.keys.identity import place_of, slug_of
from provenance.keys.keeping import Material
from provenance.model.ports import Algorithm
from tests.support.certificates import AT
from tests.support.identities import create, everything, no_secret


@pytest.fixture
def store(tmp_path):
    return IdentityStore(tmp_path / "state" / "identities")


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
    assert everything(store) == {}


@pytest.mark.parametrize("again", ["Example News", "EXAMPLE NEWS", "example-news"])
def test_taken_name(store, again):
    first = create(store)
    with pytest.raises(SigningError, match="an identity named Example News already"):
        create(store, again)
    assert store.get("Example News") == first


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


def test_roots_are_those_of_development_identities(store):
    first = create(store, "Alpha")
    second = create(store, "Beta")
    about = json.loads((second.directory / "identity.json").read_text())
    (second.directory / "identity.json").write_text(json.dumps({**about, "development": False}))
    assert store.roots() == (("Alpha", first.root_path.read_text()),)
    assert store.get("Beta") == replace(second, development=False)


def test_what_the_first_identities_did_not_say_has_one_answer(store):
    identity = create(store)
    path = identity.directory / "identity.json"
    about = json.loads(path.read_text())
    old = {name: about[name] for name in about if name not in {"key", "chain", "root", "request", "request_key"}}
    path.write_text(json.dumps(old))
    assert store.get("Example News") == identity
    assert store.open("Example News", secret=no_secret).sign(b"x")


def waiting(store, name="Waiting"):
    material = Material(name=name, organisation=name, algorithm=Algorithm.ES256, key=b"a key", request_pem="a request")
    return store.add(material, at=AT - timedelta(days=1))


def test_an_identity_that_waits_for_its_certificate_cannot_sign_and_says_how_to_go_on(store):
    identity = waiting(store)
    assert (identity.waiting, identity.not_after, identity.fingerprint) == (True, None, None)
    for ask, error in (
        (lambda: store.open("Waiting", secret=no_secret), KeyUnavailable),
        (lambda: store.set_default("Waiting"), KeyUnavailable),
        (store.default, NoIdentity),
    ):
        with pytest.raises(error, match="waits for its certificate") as caught:
            ask()
        assert "provenance identity import waiting --cert FILE" in caught.value.hint


def test_an_identity_that_waits_is_never_the_default(store):
    waiting(store)
    ready = create(store)
    assert store.default() == ready
    (store.directory / "default").unlink()
    assert store.default() == ready
    assert store.names() == ("Example News", "Waiting")
    assert [name for name, _ in store.roots()] == ["Example News"]


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("file:key.pem", "file:key.pem"),
        ("file:/keys/what?.pem", "file:/keys/what?.pem"),
        ("pkcs11:token=News;object=desk?pin-source=file:/etc/pin", "pkcs11:token=News;object=desk"),
        ("https://user:word@signer.example/desk?token=x", "https://signer.example/desk"),
        ("awskms:///alias/desk", "awskms:///alias/desk"),
    ],
)
def test_the_place_of_a_key_is_told_without_secrets(uri, place):
    assert place_of(uri) == place


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
