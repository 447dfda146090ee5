"""The address book: single certificates that the user added, never authorities, never for time-stamps."""

from __future__ import annotations

import pytest

from provenance.errors import SettingsError
from provenance.model.trust import Purpose
from provenance.trust.bundle import fingerprint_of
from provenance.trust.sources import CLAIM_SIGNING, TIME_STAMPING
from tests.support.certificates import AT
from tests.support.list_server import BROKEN, FIRST, certificate, official, private_key

ANNA, BEN, CARL = (certificate(name, ca=False, usages=(CLAIM_SIGNING,)) for name in ("Anna", "Ben", "Carl"))


@pytest.fixture
def add(store, tmp_path):
    def work(text, *, purpose=Purpose.SIGNER, label=None):
        path = tmp_path / "certificate.pem"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return store.add_certificate(path, purpose=purpose, at=AT, label=label)

    return work


def test_a_signer_one_knows(store, add):
    name, entry = add(ANNA, label=" Anna  from\nphotos ")
    assert name == "address-book"
    assert (entry.common_name, entry.entity, entry.single) == ("Anna", "Anna from photos", True)
    found = store.load(name)
    assert (found.purpose, found.anchors, found.allowed) == (Purpose.SIGNER, (), (ANNA,))
    assert found.source == str(store.directory / "address-book")
    assert store.members(name) == (entry,)


def test_several_signers_and_their_labels(store, add):
    add(ANNA, label="mine")
    add(BEN)
    add(CARL)
    assert store.load("address-book").allowed == (ANNA, BEN, CARL)
    assert [item.entity for item in store.members("address-book")] == ["mine", None, None]
    folders = [item for item in (store.directory / "address-book").iterdir() if item.is_dir()]
    assert len(folders) == 2


def test_a_signer_who_is_there_already_is_there_once(store, add):
    add(ANNA, label="old")
    add(ANNA, label="new")
    assert [item.entity for item in store.members("address-book")] == ["new"]


def test_publishers_have_a_book_of_their_own(store, add):
    add(ANNA)
    name, _ = add(BEN, purpose=Purpose.IDENTITY)
    assert (name, store.load(name).purpose) == ("address-book-identity", Purpose.IDENTITY)
    assert [item.allowed for item in store.lists()] == [(ANNA,), (BEN,)]


REFUSED = {
    "authority": (FIRST, {}, "belongs to an authority"),
    "chain": (ANNA + FIRST, {}, "belongs to an authority"),
    "two": (ANNA + BEN, {}, "2 certificates"),
    "damaged beside it": (ANNA + BROKEN, {}, "2 certificates"),
    "damaged": (BROKEN, {}, "counts: 1 damaged"),
    "expired": (certificate("Old", ca=False, ends=-1), {}, "counts: 1 expired"),
    "private key": (ANNA + private_key(), {}, "private key"),
    "empty": ("", {}, "empty"),
    "official list": (official(FIRST), {}, "belongs to an authority"),
    "for time-stamps": (ANNA, {"purpose": Purpose.TIMESTAMP}, "never vouch for time-stamps"),
    "made for time-stamps": (certificate("Clock", ca=False, usages=(TIME_STAMPING,)), {}, "made for time-stamps"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_belong_into_the_book(store, add, state, case):
    text, wishes, message = REFUSED[case]
    add(CARL)
    before = state()
    with pytest.raises(SettingsError, match=message) as caught:
        add(text, **wishes)
    assert caught.value.hint
    assert state() == before


def test_signers_are_removed_by_fingerprint(store, add):
    add(ANNA)
    add(BEN)
    found = fingerprint_of(ANNA)
    spelt = ":".join(found[number : number + 2] for number in range(0, 64, 2)).upper()
    name, entry = store.remove_certificate(spelt, at=AT)
    assert (name, entry.common_name, store.load(name).allowed) == ("address-book", "Anna", (BEN,))
    store.remove_certificate(fingerprint_of(BEN)[:8], at=AT)
    assert store.names() == ()


@pytest.mark.parametrize("fingerprint", ["0" * 64, "", "12", "\x1b[2J"])
def test_nobody_is_removed_by_a_wrong_fingerprint(store, add, state, fingerprint):
    add(ANNA)
    before = state()
    with pytest.raises(SettingsError, match="no certificate in the address book"):
        store.remove_certificate(fingerprint, at=AT)
    assert state() == before


def test_the_book_has_no_source(store, add, publisher):
    add(ANNA)
    with pytest.raises(SettingsError, match="no source to update from"):
        store.update("address-book", at=AT, fetch=publisher.fetch)
    with pytest.raises(SettingsError, match="only by your own hand"):
        store.pin("address-book")


def test_a_book_that_was_altered_is_refused(store, add):
    add(ANNA)
    folder = store.directory / "address-book" / store.get("address-book").current.place
    (folder / "allowed.pem").write_text(BEN)
    with pytest.raises(SettingsError, match="changed or damaged") as caught:
        store.lists()
    assert "provenance trust remove address-book" in caught.value.hint
