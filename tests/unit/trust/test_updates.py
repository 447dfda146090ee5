"""Lists are updated from their publishers, never back, and a bad one leaves what is installed as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from provenance.errors import SettingsError, TrustError
from provenance.model.trust import Purpose
from provenance.trust import Wanted
from tests.support.certificates import AT
from tests.support.list_server import (
    BROKEN,
    EXPIRED,
    FIRST,
    SECOND,
    THIRD,
    UNTRUSTED,
    bad_lists,
    certificate,
    official,
    redirect,
    service,
)

LATER = AT + timedelta(days=3)
NEWER = {"sequence": 4, "issued": "2026-02-10T00:00:00Z"}


@pytest.fixture
def install(store, publisher):
    """Publish a list and install it."""

    def work(page, **wishes):
        publisher.pages["/list"] = page
        wanted = {"source": publisher.url("/list"), "purpose": Purpose.SIGNER} | wishes
        return store.add("ours", Wanted(**wanted), at=AT, fetch=publisher.fetch)

    return work


@pytest.fixture
def update(store, publisher):
    """Publish another list and update."""

    def work(page, *, at=LATER):
        publisher.pages["/list"] = page
        return store.update("ours", at=at, fetch=publisher.fetch)

    return work


def names(entries):
    return [item.common_name for item in entries]


def test_a_newer_list_takes_the_place(store, install, update):
    install(official(FIRST, SECOND))
    change = update(official(SECOND, THIRD, **NEWER))
    assert (names(change.added), names(change.removed), change.unchanged) == (["Third root"], ["First root"], 1)
    assert (change.before.sequence, change.after.sequence) == (3, 4)
    assert (change.held, change.unannounced, change.same) == (False, False, False)
    assert change.added[0].entity == "Entity 2 Ltd"
    assert change.removed[0].entity == "Entity 1 Ltd"
    found = store.load("ours")
    assert (found.anchors, found.sequence, found.obtained) == ((SECOND, THIRD), 4, LATER)
    assert found.as_of == datetime(2026, 2, 10, tzinfo=UTC)


def test_the_one_before_is_kept_and_no_more(store, install, update):
    install(official(FIRST))
    update(official(SECOND, **NEWER))
    record = store.get("ours")
    assert (record.previous.sequence, record.added, record.checked) == (3, AT, LATER)
    assert (store.directory / "ours" / record.previous.place / "anchors.pem").read_text() == FIRST
    update(official(THIRD, sequence=5, issued="2026-02-12T00:00:00Z"))
    folders = [item.name for item in (store.directory / "ours").iterdir() if item.is_dir()]
    record = store.get("ours")
    assert sorted(folders) == sorted([record.current.place, record.previous.place])
    assert (record.current.sequence, record.previous.sequence) == (5, 4)


def test_the_same_list_changes_only_when_it_was_checked(store, install, update):
    install(official(FIRST))
    before = store.get("ours")
    change = update(official(FIRST))
    assert (change.same, change.unchanged) == (True, 1)
    after = store.get("ours")
    assert (after.current, after.previous, after.checked) == (before.current, None, LATER)
    assert store.load("ours").obtained == LATER


def test_a_new_date_for_the_same_certificates_is_taken(store, install, update):
    install(official(FIRST))
    change = update(official(FIRST, more={"NextUpdate": "2027-01-01T00:00:00Z"}, **NEWER))
    assert change.same
    record = store.get("ours")
    assert (record.current.sequence, record.current.next_update.year, record.previous) == (4, 2027, None)
    assert store.load("ours").anchors == (FIRST,)


def test_a_content_that_changes_under_the_same_number_and_date_is_told(install, update):
    """As the official list does."""
    install(official(FIRST))
    change = update(official(FIRST, SECOND))
    assert (names(change.added), change.unannounced) == (["Second root"], True)


def test_what_is_withdrawn_is_removed_and_counted(store, install, update):
    install(official(FIRST, SECOND))
    change = update(official(FIRST, service(SECOND, status=UNTRUSTED), **NEWER))
    assert (names(change.removed), change.after.skipped) == (["Second root"], {"withdrawn": 1})
    assert store.skipped("ours") == (("withdrawn", "Entity 2 Ltd: The service: Example CA · Second root"),)


def test_what_expires_is_removed_at_the_next_update(store, install, update):
    page = FIRST + certificate("Short", ends=2)
    assert names(install(page).added) == ["First root", "Short"]
    assert store.load("ours").skipped == 0
    change = update(page)
    assert (names(change.removed), change.after.skipped) == (["Short"], {"expired": 1})


def test_what_shall_be_kept_although_expired_stays(store, install, update):
    install(FIRST + EXPIRED, keep_expired=True)
    assert update(FIRST + EXPIRED + SECOND).unchanged == 2
    assert store.load("ours").anchors == (FIRST, EXPIRED, SECOND)


def test_a_list_without_date_may_change_and_shows_how(store, install, update):
    install(FIRST + SECOND)
    change = update(SECOND + THIRD + BROKEN)
    assert (names(change.added), names(change.removed), change.unannounced) == (["Third root"], ["First root"], False)
    assert store.load("ours").skipped == 1


def test_a_date_that_was_given_holds_as_long_as_the_content_stays(store, install, update):
    install(FIRST, as_of=AT)
    update(FIRST)
    assert store.load("ours").as_of == AT
    update(FIRST + SECOND)
    assert store.load("ours").as_of is None


def test_a_list_without_date_may_become_an_official_one(store, install, update):
    install(FIRST)
    update(official(FIRST))
    assert store.load("ours").sequence == 3


BAD = bad_lists()


@pytest.mark.parametrize("case", BAD)
def test_a_bad_list_leaves_what_is_installed(install, update, state, case):
    install(official(FIRST))
    before = state()
    page, message = BAD[case]
    with pytest.raises(TrustError, match=message) as caught:
        update(page)
    assert "lists.example" in caught.value.path
    assert "nothing was changed" in caught.value.hint or "old list" in caught.value.hint
    assert state() == before


@pytest.mark.parametrize("case", BAD)
def test_a_bad_list_is_not_installed(store, install, case):
    page, message = BAD[case]
    if any(word in message for word in ("older", "bears no date", "another list")):
        assert install(page).added
        return
    with pytest.raises(TrustError, match=message):
        install(page)
    assert list(store.directory.glob("*")) == []


def test_a_redirect_on_the_same_host_is_followed(store, install, publisher):
    publisher.pages["/moved"] = FIRST
    install(redirect("/moved"))
    assert store.load("ours").anchors == (FIRST,)


@pytest.mark.parametrize("address", ["https://me:secret@lists.example/list", "https://", "https://[::1"])
def test_an_address_that_cannot_be_fetched_is_named_without_its_secret(store, publisher, address):
    with pytest.raises(TrustError, match="cannot be had") as caught:
        store.add("ours", Wanted(source=address, purpose=Purpose.SIGNER), at=AT, fetch=publisher.fetch)
    assert "secret" not in str(caught.value)
    assert publisher.asked == []


def test_the_publisher_of_a_known_list_must_publish_that_list(store, publisher):
    place = "/raw.githubusercontent.com/c2pa-org/conformance-public/main/trust-list/C2PA-TRUST-LIST.json"
    for page, message in (
        (official(FIRST, scheme="Other"), "calls this list Other"),
        (FIRST, "calls this list nothing"),
    ):
        publisher.pages[place] = page
        with pytest.raises(TrustError, match=message):
            store.add("c2pa", Wanted(source="c2pa"), at=AT, fetch=publisher.fetch)
    assert store.names() == ()


def test_a_pinned_list_is_not_changed_but_told_of(store, install, update, state):
    install(official(FIRST))
    assert store.pin("ours").pinned
    before = state()
    change = update(official(SECOND, **NEWER))
    assert (change.held, names(change.added), names(change.removed)) == (True, ["Second root"], ["First root"])
    assert state() == before
    store.unpin("ours")
    assert not update(official(SECOND, **NEWER)).held
    assert store.load("ours").anchors == (SECOND,)


def test_a_pinned_list_that_is_the_same_is_checked(store, install, update):
    install(official(FIRST))
    store.pin("ours")
    assert not update(official(FIRST)).held
    assert (store.get("ours").checked, store.get("ours").pinned) == (LATER, True)


def test_pinning_a_digest_goes_back_to_the_version_before(store, install, update):
    install(official(FIRST))
    update(official(SECOND, **NEWER))
    record = store.get("ours")
    store.pin("ours", record.previous.digest[:16].upper())
    assert store.load("ours").anchors == (FIRST,)
    after = store.get("ours")
    assert (after.pinned, after.current, after.previous) == (True, record.previous, record.current)


@pytest.mark.parametrize("digest", ["0" * 64, "", "ff"])
def test_a_digest_that_is_not_kept_cannot_be_pinned(store, install, state, digest):
    install(official(FIRST))
    before = state()
    with pytest.raises(SettingsError, match="no version of ours"):
        store.pin("ours", digest)
    assert state() == before


def test_differences_to_the_version_before(store, install, update):
    install(official(FIRST))
    with pytest.raises(SettingsError, match="no earlier version"):
        store.diff("ours", at=LATER)
    update(official(FIRST, SECOND, **NEWER))
    change = store.diff("ours", at=LATER)
    assert (names(change.added), names(change.removed), change.unchanged) == (["Second root"], [], 1)


def test_differences_to_another_list_and_to_a_file(store, install, publisher, tmp_path):
    install(official(FIRST, SECOND))
    path = tmp_path / "file.pem"
    path.write_text(SECOND + THIRD)
    store.add("other", Wanted(source=str(path), purpose=Purpose.SIGNER), at=AT, fetch=publisher.fetch)
    for other in ("other", str(path)):
        change = store.diff("ours", other, at=AT)
        assert (names(change.added), names(change.removed), change.unchanged) == (["Third root"], ["First root"], 1)
    with pytest.raises(SettingsError, match="not installed"):
        store.diff("ours", "iptc", at=AT)
    with pytest.raises(SettingsError, match="neither a file nor a known list"):
        store.diff("ours", "nothing", at=AT)


def test_a_file_that_went_away_is_named(store, tmp_path, state, publisher):
    path = tmp_path / "file.pem"
    path.write_text(FIRST)
    store.add("ours", Wanted(source=str(path), purpose=Purpose.SIGNER), at=AT, fetch=publisher.fetch)
    before = state()
    path.unlink()
    with pytest.raises(SettingsError, match="neither a file"):
        store.update("ours", at=LATER, fetch=publisher.fetch)
    assert state() == before
