"""The ledger is one chain: what is in it can be proved, and what was done to it is noticed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from provenance.catalogue import Catalogue, integrity, pruning
from provenance.errors import CatalogueError, ManifestError
from provenance.model.ledger import EMPTY, GENESIS, Head, Proof, digest_of, link
from provenance.model.ledger import ProblemKind as Kind
from provenance.model.record import Prunable, Query
from tests.support.catalogue import (
    AT,
    a_check,
    a_full_record,
    a_print,
    a_record,
    alter,
    an_id,
    digest,
    kept,
    recordings,
)


def parse(store):
    if not store.startswith(b"store"):
        raise ManifestError("is no manifest store")


def problems(catalogue, expected=None, parse=parse):
    return [(item.kind, item.subject) for item in catalogue.check(parse=parse, expected=expected)]


@pytest.fixture
def filled(catalogue, monkeypatch):
    """Five records, checked in pages of two."""
    monkeypatch.setattr(integrity, "PAGE", 2)
    monkeypatch.setattr(integrity, "_STORES", 2)
    catalogue.add([*recordings(4), kept(a_full_record(5), a_print())])
    return catalogue


def test_the_hash_of_an_entry_is_what_the_documents_say():
    written = b"provenance ledger 1\0" + bytes(32) + bytes(7) + b"\1" + hashlib.sha256(b'{"id":"1"}').digest()
    assert link(GENESIS, 1, digest_of('{"id":"1"}')) == hashlib.sha256(written).hexdigest()


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_record_is_proved_up_to_the_head(number, filled):
    proof = filled.prove(an_id(number))
    assert proof.holds()
    assert proof.head == filled.head()
    assert proof.entry.number == number
    assert len(proof.following) == 5 - number
    assert json.loads(proof.body)["label"] == f"urn:c2pa:{number}"


@pytest.mark.parametrize(
    "change",
    [
        lambda proof: {"body": proof.body.replace("urn:c2pa:3", "urn:c2pa:4")},
        lambda proof: {"previous": GENESIS},
        lambda proof: {"following": proof.following[::-1]},
        lambda proof: {"following": proof.following[:-1]},
        lambda proof: {"head": replace(proof.head, number=6)},
        lambda proof: {"head": replace(proof.head, hash=GENESIS)},
        lambda proof: {"entry": replace(proof.entry, digest=digest("x"))},
        lambda proof: {"entry": replace(proof.entry, number=4)},
        lambda proof: {"entry": replace(proof.entry, hash=GENESIS)},
    ],
)
def test_a_proof_that_was_changed_does_not_hold(change, filled):
    proof = filled.prove(an_id(3))
    assert not replace(proof, **change(proof)).holds()


def test_a_proof_needs_nothing_but_what_is_in_it(filled):
    from provenance import codec

    proof = filled.prove(an_id(2))
    assert codec.from_json(codec.to_json(proof), Proof) == proof


def test_what_was_never_entered_cannot_be_proved(filled):
    with pytest.raises(CatalogueError, match="no record 'unknown' was ever entered"):
        filled.prove("unknown")


def test_what_is_exported_is_what_the_ledger_has_the_digests_of(filled):
    lines = list(filled.export(Query()))
    assert [json.loads(item)["id"] for item in lines] == [an_id(number) for number in (5, 4, 3, 2, 1)]
    assert digest_of(lines[0]) == filled.prove(an_id(5)).entry.digest


def test_a_line_holds_every_field_and_leaves_out_what_is_absent(catalogue):
    catalogue.add([kept(a_record(1)), kept(a_full_record(2))])
    full, sparse = (json.loads(item) for item in catalogue.export(Query()))
    assert full.keys() == {"kind", *a_record().__dataclass_fields__}
    assert sparse == {
        "id": an_id(1), "kind": "recorded", "label": "urn:c2pa:1", "manifest": digest("store 1"),
        "media_type": "image/jpeg", "operation": "signed", "recorded_at": "2026-05-01T12:01:00.000000+00:00",
        "size": 1001,
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "3", "3:abc", f"x:{GENESIS}", f"-1:{GENESIS}"])
def test_a_head_that_was_noted_is_read_back(text):
    assert Head.parse(f" {EMPTY}\n") == EMPTY
    with pytest.raises(ValueError, match="no head of a ledger"):
        Head.parse(text)


def test_nothing_is_wrong_with_what_nobody_has_touched(filled, url):
    before = filled.head()
    assert problems(filled, before) == []
    filled.add(recordings(2, first=6))
    assert problems(filled, before) == []
    assert problems(filled, EMPTY) == []


BEHIND_ITS_BACK = {
    "a record was altered": (["UPDATE records SET title = 'x' WHERE number = 2"], [(Kind.RECORD_ALTERED, an_id(2))]),
    "a record has another parent": (
        ["UPDATE parents SET label = 'urn:c2pa:x' WHERE number = 5 AND position = 0"],
        [(Kind.RECORD_ALTERED, an_id(5))],
    ),
    "a parent was taken away": (["DELETE FROM parents WHERE number = 5"], [(Kind.RECORD_ALTERED, an_id(5))]),
    "a record has another date to be found by": (
        ["UPDATE records SET dated_at = recorded_at WHERE number = 5"], [(Kind.RECORD_ALTERED, an_id(5))],
    ),
    "a record has another id": (["UPDATE records SET id = 'x' WHERE number = 2"], [(Kind.RECORD_ALTERED, an_id(2))]),
    "a record is no record": (
        ["UPDATE records SET operation = 'x' WHERE number = 2"], [(Kind.RECORD_ALTERED, an_id(2))],
    ),
    "a record has another's manifest": (
        ["UPDATE records SET store = 1 WHERE number = 2"], [(Kind.RECORD_ALTERED, an_id(2))],
    ),
    "a record was removed": (
        ["DELETE FROM texts WHERE number = 2", "DELETE FROM records WHERE number = 2"],
        [(Kind.RECORD_MISSING, an_id(2))],
    ),
    "an entry was removed": (
        ["DELETE FROM ledger WHERE number = 3"], [(Kind.ENTRY_MISSING, "3"), (Kind.RECORD_UNLISTED, an_id(3))],
    ),
    "an entry and its record were removed": (
        ["DELETE FROM ledger WHERE number = 1", "DELETE FROM texts WHERE number = 1",
         "DELETE FROM records WHERE number = 1"],
        [(Kind.ENTRY_MISSING, "1")],
    ),
    "an entry was altered to fit its record": (
        ["UPDATE ledger SET digest = hash WHERE number = 4"],
        [(Kind.ENTRY_ALTERED, "4"), (Kind.RECORD_ALTERED, an_id(4))],
    ),
    "entries were exchanged": (
        ["UPDATE ledger SET number = 99 WHERE number = 2", "UPDATE ledger SET number = 2 WHERE number = 3",
         "UPDATE ledger SET number = 3 WHERE number = 99"],
        [(Kind.ENTRY_ALTERED, "2"), (Kind.RECORD_ALTERED, an_id(3)), (Kind.ENTRY_ALTERED, "3"),
         (Kind.RECORD_ALTERED, an_id(2)), (Kind.ENTRY_ALTERED, "4")],
    ),
    "an entry names another record": (
        ["UPDATE ledger SET subject = 'x' WHERE number = 2"], [(Kind.RECORD_ALTERED, "x")],
    ),
    "an entry claims to be about pruning": (
        ["UPDATE ledger SET kind = 'pruned' WHERE number = 2"],
        [(Kind.ENTRY_ALTERED, "2"), (Kind.RECORD_UNLISTED, an_id(2))],
    ),
    "a manifest store was altered": (
        ["UPDATE manifests SET data = (SELECT data FROM manifests WHERE number = 1) WHERE number = 2"],
        [(Kind.MANIFEST_ALTERED, digest("store 2"))],
    ),
    "a manifest store was emptied": (
        ["UPDATE manifests SET data = NULL WHERE number = 2"], [(Kind.MANIFEST_MISSING, digest("store 2"))],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "found"), BEHIND_ITS_BACK.values(), ids=BEHIND_ITS_BACK)
def test_what_was_done_behind_its_back_is_noticed(changes, found, filled, url):
    alter(url, *changes)
    assert problems(filled) == found


def cut(url, after):
    alter(
        url,
        f"DELETE FROM ledger WHERE number > {after}",
        *(f"DELETE FROM {table} WHERE number > {after}" for table in ("fingerprints", "texts", "parents", "records")),
    )


def test_a_ledger_that_was_cut_off_is_noticed_by_who_has_noted_its_head(filled, url):
    before = filled.head()
    cut(url, 3)
    assert problems(filled) == []
    assert problems(filled, before) == [(Kind.HEAD, str(before))]


def test_a_ledger_that_was_made_anew_is_noticed_by_who_has_noted_its_head(filled, url):
    before = filled.head()
    cut(url, 2)
    filled.add(kept(replace(a_record(number), title="another")) for number in (3, 4, 5, 6))
    assert problems(filled) == []
    assert problems(filled, before) == [(Kind.HEAD, str(before))]


def test_a_manifest_store_that_nobody_can_read_is_noticed(filled):
    def nobody(store):
        raise ManifestError("is not JUMBF")

    assert problems(filled, parse=nobody) == [(Kind.MANIFEST_UNREADABLE, digest(f"store {n}")) for n in range(1, 6)]


# ---- another database


def test_a_catalogue_moves_to_another_database_and_back_with_its_ledger(filled, new_url):
    filled.add_checks([a_check(1), a_check(2)])
    filled.prune(Prunable.RECORDS, before=AT + timedelta(minutes=2), at=AT, by=None)
    with Catalogue.create(new_url) as other:
        assert filled.copy_to(other) == filled.head() == other.head()
        assert problems(other, filled.head()) == []
        assert list(other.export(Query())) == list(filled.export(Query()))
        assert list(other.checks()) == list(filled.checks())
        assert other.summary() == filled.summary()
        assert other.add([kept(a_record(8), a_print())]) == 1
        assert other.add_checks([a_check(3)]) == 1
        before = other.head()
        with pytest.raises(CatalogueError, match="there is something in this catalogue already"):
            filled.copy_to(other)
        assert other.head() == before


# ---- pruning


def prune(catalogue, what, before):
    return catalogue.prune(what, before=before, at=AT + timedelta(days=9), by="ann@desk")


LATER = AT + timedelta(minutes=3)
"""Records 1 and 2 are from before that, and so is 5, which was signed earlier than it was recorded."""


def test_what_would_go_is_counted_before_and_is_what_goes(filled, monkeypatch):
    monkeypatch.setattr(pruning, "GROUP", 2)
    plan = filled.plan(Prunable.RECORDS, before=LATER)
    assert (plan.records, plan.manifests, plan.manifest_bytes, plan.fingerprints) == (3, 3, 21, 1)
    assert filled.summary().records == 5
    assert prune(filled, Prunable.RECORDS, LATER) == plan
    assert [item.id for item in filled.find(Query())] == [an_id(4), an_id(3)]
    assert filled.manifest(digest("store 1")) is None
    assert filled.summary().fingerprints == 0


def test_the_ledger_keeps_what_was_pruned_and_says_so(filled, url):
    body, noted = filled.prove(an_id(2)).body, filled.head()
    prune(filled, Prunable.RECORDS, LATER)
    assert problems(filled, noted) == []
    proof = filled.prove(an_id(2))
    assert proof.body is None
    assert replace(proof, body=body).holds()
    assert filled.head().number == 8
    alter(url, "DELETE FROM texts WHERE number = 3", "DELETE FROM records WHERE number = 3")
    assert problems(filled) == [(Kind.RECORD_MISSING, an_id(3))]
    alter(url, "UPDATE ledger SET body = '{}' WHERE number = 6")
    assert (Kind.ENTRY_ALTERED, "6") in problems(filled)


def test_a_record_that_was_pruned_is_not_entered_again(filled):
    """Its entry is there: entering it again would be a second one."""
    prune(filled, Prunable.RECORDS, LATER)
    assert filled.add(recordings(1)) == 0
    assert filled.get(an_id(1)) is None


def test_a_manifest_store_stays_as_long_as_a_record_has_it(catalogue):
    shared = digest("store 1")
    catalogue.add(replace(kept(a_record(1)), record=a_record(number, manifest=shared)) for number in (1, 9))
    before = AT + timedelta(minutes=5)
    assert catalogue.plan(Prunable.RECORDS, before=before).manifests == 0
    assert prune(catalogue, Prunable.MANIFESTS, before).manifests == 0
    assert prune(catalogue, Prunable.RECORDS, before).manifests == 0
    assert catalogue.manifest(shared) == b"store 1"
    assert problems(catalogue) == []


def test_manifest_stores_alone_are_pruned_and_come_back_when_they_are_entered_again(filled, url):
    plan = filled.plan(Prunable.MANIFESTS, before=LATER)
    assert (plan.records, plan.manifests) == (0, 3)
    assert prune(filled, Prunable.MANIFESTS, LATER) == plan
    assert filled.get(an_id(1)) == a_record(1)
    assert filled.manifest(digest("store 1")) is None
    assert problems(filled) == []
    assert prune(filled, Prunable.MANIFESTS, LATER).manifests == 0
    filled.add([replace(kept(a_record(1)), record=a_record(30, manifest=digest("store 1")))])
    assert filled.manifest(digest("store 1")) == b"store 1"
    alter(url, "UPDATE manifests SET data = NULL WHERE number = 1")
    assert problems(filled) == [(Kind.MANIFEST_MISSING, digest("store 1"))]


def test_verifications_are_pruned(filled):
    filled.add_checks(a_check(number) for number in range(1, 6))
    before = AT + timedelta(hours=3)
    assert filled.plan(Prunable.CHECKS, before=before).checks == 2
    assert prune(filled, Prunable.CHECKS, before).checks == 2
    assert prune(filled, Prunable.CHECKS, before).checks == 0
    assert filled.summary().checks == 3
    assert filled.head().number == 6
    assert problems(filled) == []
