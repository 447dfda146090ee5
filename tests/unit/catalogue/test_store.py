"""What is entered is there, once, as it was said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.catalogue import Catalogue, store
from provenance.errors import CatalogueError
from provenance.model.record import Recording
from tests.support.catalogue import AT, a_full_record, a_record, a_recording, an_id, digest, kept, recordings


@pytest.mark.parametrize("record", [a_record(), a_full_record()], ids=["sparse", "full"])
def test_what_was_entered_comes_back_as_it_was(record, catalogue):
    assert catalogue.add([kept(record)]) == 1
    assert catalogue.get(record.id) == record
    assert catalogue.get("another") is None


def test_what_was_entered_is_there_when_the_catalogue_is_opened_again(url):
    with Catalogue.open(url) as catalogue:
        catalogue.add([a_recording()])
    with Catalogue.open(url) as catalogue:
        assert catalogue.get(an_id(1)) == a_record()
        assert catalogue.manifest(digest("store 1")) == b"store 1"


def test_a_record_is_entered_once_however_often_it_is_given(catalogue):
    one, two = recordings(2)
    assert catalogue.add([one, one, two]) == 2
    assert catalogue.add([two, one, a_recording(3)]) == 1
    assert catalogue.head().number == 3


@pytest.mark.parametrize(("batch", "size"), [(10, 64_000_000), (5000, 70), (1, 1)])
def test_more_than_one_transaction_holds_is_entered_in_order(batch, size, catalogue, monkeypatch):
    monkeypatch.setattr(store, "BATCH", batch)
    monkeypatch.setattr(store, "BYTES", size)
    assert catalogue.add(iter(recordings(33))) == 33
    assert catalogue.head().number == 33
    assert catalogue.prove(an_id(33)).entry.number == 33


@pytest.mark.parametrize("together", [True, False], ids=["in one call", "later"])
def test_another_record_of_the_same_id_is_refused_and_nothing_of_the_group_is_written(together, catalogue):
    first = a_recording(1)
    other = replace(first, record=replace(first.record, title="another"))
    if together:
        groups = [[first, a_recording(2), other]]
    else:
        catalogue.add([first])
        groups = [[a_recording(2), other]]
    before = catalogue.head()
    for group in groups:
        with pytest.raises(CatalogueError, match=f"record {an_id(1)} is there already, and says something else"):
            catalogue.add(group)
    assert catalogue.head() == before
    assert catalogue.get(an_id(2)) is None


def test_a_manifest_store_is_kept_once(catalogue):
    shared = digest("shared")
    catalogue.add(Recording(record=a_record(n, manifest=shared), store=b"shared") for n in (1, 2))
    catalogue.add([Recording(record=a_record(3, manifest=shared), store=b"shared")])
    assert catalogue.manifest(shared) == b"shared"
    assert catalogue.manifest(digest("unknown")) is None


def test_a_manifest_store_that_is_not_what_its_record_says_is_refused(catalogue):
    with pytest.raises(CatalogueError, match="another digest than its record says"):
        catalogue.add([Recording(record=a_record(), store=b"something else")])
    assert catalogue.head().number == 0


@pytest.mark.parametrize(
    ("field", "given", "stored"),
    [
        ("title", "caf\udce9.jpg", "caf\\udce9.jpg"),
        ("title", "a\0b", "a\\x00b"),
        ("title", "日本 🎞 Ünïcödé", "日本 🎞 Ünïcödé"),
        ("written_to", "https://user:pass@host.example/a.jpg?X-Amz-Signature=1#x", "https://host.example/a.jpg"),
        ("written_to", "s3://bucket/a b.jpg", "s3://bucket/a b.jpg"),
        ("written_to", "out/a?b@c.jpg", "out/a?b@c.jpg"),
        ("written_to", "http://[bad", "http://…"),
        ("width", 2**40, 2**40),
    ],
)
def test_what_no_database_can_keep_is_written_out_and_secrets_are_left_out(field, given, stored, catalogue):
    catalogue.add([kept(a_record(**{field: given}))])
    assert getattr(catalogue.get(an_id(1)), field) == stored
    assert catalogue.prove(an_id(1)).holds()


@pytest.mark.parametrize("name", ["", "../x", "a b", "x" * 65, "é"])
def test_an_id_can_be_a_name_anywhere(name):
    with pytest.raises(ValueError, match="is no id"):
        a_record(id=name)


def test_a_time_without_a_zone_is_refused(catalogue):
    with pytest.raises(ValueError, match="without a zone"):
        catalogue.add([kept(a_record(signed_at=AT.replace(tzinfo=None)))])
    assert catalogue.head().number == 0
