"""A directory of trust lists: what is kept of them, how they are found again, and what a failure leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from provenance.errors import SettingsError, TrustError
from provenance.model.trust import Purpose
from provenance.trust import Wanted, parse_pem
from provenance.trust.sources import CLAIM_SIGNING, DOCUMENT_SIGNING, EMAIL_PROTECTION, KNOWN, TIME_STAMPING
from tests.support.certificates import AT
from tests.support.list_server import BROKEN, EXPIRED, FIRST, SECOND, THIRD, certificate, official, private_key

SINGLE = certificate("A signer", ca=False)
AUTHORITY_AMONG_SINGLE = certificate("Authority among publishers")


def add(store, path, name="ours", **wishes):
    wanted = {"source": str(path), "purpose": Purpose.SIGNER} | wishes
    return store.add(name, Wanted(**wanted), at=AT, fetch=no_fetch)


def no_fetch(url):
    raise AssertionError(f"{url} was fetched")


@pytest.fixture
def roots(tmp_path):
    path = tmp_path / "roots.pem"
    path.write_text(FIRST + SINGLE + BROKEN + EXPIRED)
    return path


def test_list_from_a_file(store, roots):
    change = add(store, roots)
    assert [item.common_name for item in change.added] == ["First root", "A signer"]
    assert (change.removed, change.unchanged, change.before, change.held) == ((), 0, None, False)
    found = store.load("ours")
    assert (found.name, found.purpose, found.source) == ("ours", Purpose.SIGNER, str(roots))
    assert (found.anchors, found.allowed, found.skipped) == ((FIRST,), (SINGLE,), 2)
    assert (found.as_of, found.obtained, found.sequence, found.note, found.local) == (None, AT, None, None, False)
    assert found.digest == parse_pem(roots.read_text(), name="x", purpose=Purpose.SIGNER, source="x", at=AT).digest
    assert store.lists() == (found,)
    assert store.names() == ("ours",)
    assert store.get("ours").current.skipped == {"damaged": 1, "expired": 1}
    assert store.skipped("ours") == (
        ("damaged", "certificate number 3"),
        ("expired", "certificate number 4: Example CA · Old root, until 2026-02-28"),
    )


def test_what_the_source_gave_is_kept_to_the_byte(store, roots):
    add(store, roots)
    folder = store.directory / "ours" / store.get("ours").current.place
    assert (folder / "source-1.pem").read_bytes() == roots.read_bytes()
    assert (folder / "anchors.pem").read_text() == FIRST
    assert (folder / "allowed.pem").read_text() == SINGLE


def test_nothing_is_there_before_the_first_list(store):
    assert (store.names(), store.lists()) == ((), ())
    assert not store.directory.exists()


@pytest.mark.parametrize(
    ("purpose", "usages"),
    [
        (Purpose.SIGNER, (CLAIM_SIGNING, EMAIL_PROTECTION, DOCUMENT_SIGNING, "1.3.6.1.4.1.311.76.59.1.9")),
        (Purpose.TIMESTAMP, (TIME_STAMPING,)),
        (Purpose.IDENTITY, (EMAIL_PROTECTION, DOCUMENT_SIGNING)),
    ],
)
def test_a_list_accepts_the_usages_of_its_purpose(store, roots, purpose, usages):
    add(store, roots, purpose=purpose)
    add(store, roots, "narrow", purpose=purpose, key_usages=("1.2.3",))
    assert [item.key_usages for item in store.lists()] == [("1.2.3",), usages]


def test_a_date_can_be_given_to_a_list_without(store, roots):
    day = AT - timedelta(days=30)
    add(store, roots, as_of=day)
    found = store.load("ours")
    assert (found.as_of, found.skipped) == (day, 1)
    assert EXPIRED in found.anchors


def test_expired_certificates_can_be_kept(store, roots):
    add(store, roots, keep_expired=True)
    assert store.load("ours").anchors == (FIRST, EXPIRED)


def test_a_digest_can_be_demanded(store, roots):
    digest = parse_pem(FIRST + SINGLE, name="x", purpose=Purpose.SIGNER, source="x").digest
    add(store, roots, digest=digest.upper())
    with pytest.raises(SettingsError, match=f"its digest is {digest}"):
        add(store, roots, "other", digest="0" * 64)
    assert store.names() == ("ours",)


def test_known_lists_come_from_their_publishers(store, publisher):
    publisher.pages |= {
        "/raw.githubusercontent.com/c2pa-org/conformance-public/main/trust-list/C2PA-TRUST-LIST.json": official(FIRST),
        "/raw.githubusercontent.com/c2pa-org/conformance-public/main/trust-list/C2PA-TSA-TRUST-LIST.json": official(
            SECOND, scheme="C2PA TSA Trust List"
        ),
        "/verify.contentauthenticity.org/trust/anchors.pem": THIRD + EXPIRED + certificate("Older", ends=-90),
        "/verify.contentauthenticity.org/trust/allowed.pem": SINGLE,
        "/trust.iptc.org/anchor-list.pem": "",
        "/trust.iptc.org/end-entity-list.pem": SINGLE + AUTHORITY_AMONG_SINGLE,
    }
    for name in KNOWN:
        store.add(name, Wanted(source=name), at=AT, fetch=publisher.fetch)
    c2pa, interim, tsa, iptc = store.lists()
    assert (c2pa.purpose, c2pa.anchors, c2pa.key_usages) == (Purpose.SIGNER, (FIRST,), (CLAIM_SIGNING,))
    assert (c2pa.sequence, c2pa.as_of) == (3, datetime(2026, 2, 1, tzinfo=UTC))
    assert (tsa.purpose, tsa.anchors, tsa.key_usages) == (Purpose.TIMESTAMP, (SECOND,), (TIME_STAMPING,))
    assert (interim.purpose, interim.allowed, interim.as_of) == (
        Purpose.SIGNER, (SINGLE,), datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    # What was valid when it was frozen counts.
    assert (interim.anchors, interim.skipped) == ((THIRD, EXPIRED), 1)
    assert "frozen on 2026-01-01" in interim.note
    # Nobody under an authority on the list of end entities is trusted.
    assert (iptc.purpose, iptc.anchors, iptc.allowed) == (Purpose.IDENTITY, (), (SINGLE, AUTHORITY_AMONG_SINGLE))
    assert iptc.key_usages == (EMAIL_PROTECTION, DOCUMENT_SIGNING)
    assert iptc.source == "https://trust.iptc.org/anchor-list.pem and https://trust.iptc.org/end-entity-list.pem"


def test_a_known_list_can_serve_another_purpose_under_another_name(store, publisher):
    publisher.pages |= {"/trust.iptc.org/anchor-list.pem": FIRST, "/trust.iptc.org/end-entity-list.pem": SINGLE}
    store.add("press", Wanted(source="iptc", purpose=Purpose.SIGNER), at=AT, fetch=publisher.fetch)
    found = store.load("press")
    assert (found.purpose, CLAIM_SIGNING in found.key_usages) == (Purpose.SIGNER, True)


def test_the_note_of_a_known_list_stays_under_another_name(store, publisher):
    publisher.pages |= {f"/verify.contentauthenticity.org/trust/{name}.pem": FIRST for name in ("anchors", "allowed")}
    store.add("old", Wanted(source="c2pa-interim"), at=AT, fetch=publisher.fetch)
    assert "frozen" in store.load("old").note


def test_an_official_list_may_come_from_a_file_under_its_own_name(store, tmp_path):
    path = tmp_path / "list.json"
    path.write_bytes(official(FIRST))
    add(store, path, "c2pa", purpose=None)
    assert store.load("c2pa").key_usages == (CLAIM_SIGNING,)


REFUSED = {
    "name of another list": ("c2pa", {}, SettingsError, "the name of a known list"),
    "name of the development list": ("development", {}, SettingsError, "cannot be the name"),
    "name of the address book": ("address-book", {}, SettingsError, "cannot be the name"),
    "name with a path": ("../ours", {}, SettingsError, "cannot be the name"),
    "name with a dot first": (".ours", {}, SettingsError, "cannot be the name"),
    "name in capitals": ("Ours", {}, SettingsError, "cannot be the name"),
    "name with control characters": ("a\x1b[2Jb", {}, SettingsError, r"a\\x1b\[2Jb cannot"),
    "no purpose": ("ours", {"purpose": None}, SettingsError, "what this list vouches for"),
    "http": ("ours", {"source": "http://lists.example/list.pem"}, TrustError, "https only"),
    "ftp": ("ours", {"source": "ftp://lists.example/list.pem"}, TrustError, "https only"),
    "a secret in the address": ("ours", {"source": "http://me:secret@lists.example/"}, TrustError, "https only"),
    "no such file": ("ours", {"source": "nowhere.pem"}, SettingsError, "neither a file nor a known list"),
    "no such known list": ("ours", {"source": "itpc"}, SettingsError, "neither a file nor a known list"),
    "no key usage": ("ours", {"key_usages": ("email",)}, SettingsError, "no extended key usage"),
    "date in the future": ("ours", {"as_of": AT + timedelta(days=2)}, SettingsError, "in the future"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_wishes_leave_nothing_behind(store, roots, case):
    name, wishes, kind, message = REFUSED[case]
    with pytest.raises(kind, match=message) as caught:
        add(store, roots, name, **wishes)
    assert caught.value.hint
    assert "secret" not in str(caught.value)
    assert not store.directory.exists()


def test_a_misspelt_known_list_is_recognised(store):
    with pytest.raises(SettingsError, match="did you mean iptc"):
        add(store, "itpc")


def test_a_date_is_refused_for_a_list_that_bears_one(store, tmp_path):
    path = tmp_path / "list.json"
    path.write_bytes(official(FIRST))
    with pytest.raises(SettingsError, match="bears its own date"):
        add(store, path, as_of=AT)


def test_a_name_is_taken_once(store, roots, state):
    add(store, roots)
    before = state()
    with pytest.raises(SettingsError, match="already") as caught:
        add(store, roots)
    assert "trust update ours" in caught.value.hint
    assert state() == before


@pytest.mark.parametrize("text", [private_key(), FIRST + private_key()], ids=["alone", "with a certificate"])
def test_a_private_key_is_kept_nowhere(store, tmp_path, text):
    path = tmp_path / "roots.pem"
    path.write_text(text)
    with pytest.raises(SettingsError, match="private key"):
        add(store, path)
    assert not store.directory.exists()


def test_a_removed_list_is_gone(store, roots):
    add(store, roots)
    store.remove("ours")
    assert (store.names(), list(store.directory.iterdir())) == ((), [])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ourz", "did you mean ours"),
        ("c2pa", "provenance trust add c2pa"),
        ("development", "development = false"),
        ("zzz", "there are: ours"),
        ("../ours", "there are|did you mean"),
    ],
)
@pytest.mark.parametrize("verb", ["get", "load", "remove", "pin", "unpin", "members", "skipped"])
def test_an_unknown_list_is_named_with_what_there_is(store, roots, verb, name, words):
    add(store, roots)
    with pytest.raises(SettingsError, match=words):
        getattr(store, verb)(name)
    assert store.names() == ("ours",)
