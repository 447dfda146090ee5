"""What is asked for is found, and nothing else, the last one first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from provenance.catalogue import Catalogue, reading
from provenance.errors import CatalogueError
from provenance.model.record import Described, DigestOf, Query
from provenance.model.verdict import Decision
from tests.support.catalogue import (
    AT,
    a_check,
    a_full_record,
    a_print,
    a_record,
    a_recording,
    alter,
    an_id,
    digest,
    kept,
    recordings,
)

CAMERA = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
MODEL = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


def numbers(records):
    return [int(item.id) for item in records]


@pytest.fixture
def filled(catalogue):
    """Four records: two of the desk, one of an agency, one of which nothing is known."""
    desk = {"signer": "Example News", "certificate": digest("desk")}
    catalogue.add(
        [
            kept(a_record(1, title="Harbour at 50% light", source_type=CAMERA, output=digest("output 1"), **desk)),
            kept(a_record(2, title="Straße_1", signed_at=AT - timedelta(days=3), output=digest("output 2"), **desk)),
            kept(a_record(3, described=Described(creators=("Zoë Ågren",), caption="The harbour"), source_type=MODEL,
                          signer="Agency", source=digest("output 1"), written_to="out/Café.jpg")),
            kept(a_record(4)),
        ]
    )  # fmt: skip
    catalogue.add_checks(
        [
            a_check(1, decision=Decision.REJECTED),
            a_check(2),
            a_check(3, digest=digest("output 1"), decision=Decision.ACCEPTED),
            a_check(4, digest=digest("unknown"), decision=Decision.REJECTED),
        ]
    )
    return catalogue


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [4, 3, 2, 1]),
        ({"limit": 2}, [4, 3]),
        ({"limit": 0}, []),
        ({"text": "HARBOUR"}, [3, 1]),
        ({"text": "harbour light"}, [1]),
        ({"text": "arbo"}, [3, 1]),
        ({"text": "strasse"}, [2]),
        ({"text": "agren cafe"}, [3]),
        ({"text": "50%"}, [1]),
        ({"text": "%"}, [1]),
        ({"text": "e_1"}, [2]),
        ({"text": "_"}, [2]),
        ({"text": "agency"}, [3]),
        ({"text": "' OR 1=1 --"}, []),
        ({"since": AT}, [4, 3, 1]),
        ({"until": AT}, [2]),
        ({"since": AT + timedelta(minutes=3), "until": AT + timedelta(minutes=4)}, [3]),
        ({"signer": "Example News"}, [2, 1]),
        ({"signer": digest("desk").upper()}, [2, 1]),
        ({"signer": "Example"}, []),
        ({"decision": Decision.ACCEPTED}, [2, 1]),
        ({"decision": Decision.REJECTED}, []),
        ({"source_type": "digitalCapture"}, [1]),
        ({"source_type": MODEL}, [3]),
        ({"digest": digest("output 1")}, [3, 1]),
        ({"digest": digest("store 4").upper()}, [4]),
        ({"digest": "not a digest"}, []),
        ({"text": "harbour", "signer": "Agency", "limit": 5}, [3]),
    ],
    ids=repr,
)
def test_what_is_asked_for_is_found(asked, found, filled):
    assert numbers(filled.find(Query(**asked))) == found


@pytest.mark.parametrize(
    ("value", "kind", "found"),
    [
        ("source 7", DigestOf.SOURCE, [7]),
        ("output 7", DigestOf.OUTPUT, [7]),
        ("bare 7", DigestOf.BARE, [7]),
        ("store 7", DigestOf.MANIFEST, [7]),
        ("output 7", None, [7]),
        ("output 7", DigestOf.BARE, []),
    ],
)
def test_records_are_found_by_each_digest(value, kind, found, catalogue):
    catalogue.add(kept(a_full_record(number)) for number in (6, 7, 8))
    assert numbers(catalogue.by_digest(digest(value), kind)) == found


def test_records_are_found_by_the_label_of_their_manifest(catalogue):
    catalogue.add(recordings(3))
    assert numbers(catalogue.by_label("urn:c2pa:2")) == [2]
    assert numbers(catalogue.by_label("urn:c2pa:9")) == []


def test_records_are_read_page_by_page_as_they_are_taken(catalogue, monkeypatch):
    monkeypatch.setattr(reading, "PAGE", 3)
    catalogue.add(recordings(8))
    found = catalogue.find(Query(limit=7))
    assert int(next(found).id) == 8
    catalogue.add([a_recording(9)])
    assert numbers(found) == [7, 6, 5, 4, 3, 2]
    assert numbers(catalogue.find(Query())) == list(range(9, 0, -1))


def test_verifications_are_found(filled):
    def found(*asked, **more):
        return numbers(filled.checks(*asked, **more))

    assert list(filled.checks(digest("output 2"))) == [a_check(2)]
    assert found() == [4, 3, 2, 1]
    assert found(digest("output 1")) == [3, 1]
    assert found("odd") == []
    assert found(decision=Decision.REJECTED) == [4, 1]
    assert found(since=AT + timedelta(hours=2), until=AT + timedelta(hours=4), limit=1) == [3]


def test_a_verification_is_recorded_once(filled):
    assert filled.add_checks([a_check(1), a_check(5), a_check(5)]) == 1
    assert filled.summary().checks == 5


def test_two_pictures_with_the_same_fingerprint_are_both_there(catalogue):
    catalogue.add(kept(a_record(number), a_print(), a_print(b"\2" * 8, "phash", "mirrored")) for number in (1, 2))
    same = [item.number for item in catalogue.fingerprints() if item.fingerprint == a_print()]
    assert numbers(catalogue.numbered(same).values()) == [1, 2]
    assert numbers(catalogue.numbered([2, 99]).values()) == [2]


def test_an_index_follows_fingerprints_from_where_it_was(catalogue, monkeypatch):
    monkeypatch.setattr(reading, "PRINTS", 3)
    catalogue.add(kept(a_record(number), a_print(bytes([number])), a_print(b"x", "phash")) for number in range(1, 6))
    seen = list(catalogue.fingerprints(method="io.iscc.v0"))
    assert [item.fingerprint.value[0] for item in seen] == [1, 2, 3, 4, 5]
    assert len(list(catalogue.fingerprints())) == 10
    assert catalogue.add_fingerprints(an_id(2), [a_print(b"later"), a_print(b"later"), a_print(bytes([2]))]) == 1
    (new,) = catalogue.fingerprints(after=seen[-1].row, method="io.iscc.v0")
    assert (new.number, new.fingerprint.value) == (2, b"later")
    with pytest.raises(CatalogueError, match="no record 'unknown'"):
        catalogue.add_fingerprints("unknown", [a_print()])


def test_what_is_there_is_counted(filled):
    found = filled.summary()
    assert (found.records, found.manifests, found.fingerprints, found.checks) == (4, 4, 0, 4)
    assert found.head == filled.head()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE records SET described = '[]' WHERE number = 1", "described: Expected `object`"),
        ("UPDATE records SET described = '{' WHERE number = 1", "Expecting"),
        ("UPDATE records SET operation = 'guessed' WHERE number = 1", "guessed"),
        ("UPDATE checks SET decision = 'guessed' WHERE row = (SELECT min(row) FROM checks)", "guessed"),
    ],
)
def test_a_row_that_nobody_here_has_written_is_an_error_with_a_way_on(change, why, filled, url):
    alter(url, change)
    with pytest.raises(CatalogueError, match=why) as caught:
        _ = [*filled.find(Query()), *filled.checks()]
    assert caught.value.hint == "see what else was changed: provenance catalogue check"


@pytest.mark.parametrize(
    ("column", "value"),
    [("title", "x'01'"), ("size", "'big'"), ("signed_at", "'soon'"), ("label", "CAST(x'ff' AS TEXT)"), ("store", "99")],
)
def test_a_column_of_a_file_holds_what_somebody_puts_there(column, value, file_catalogue):
    with Catalogue.open(file_catalogue) as catalogue:
        catalogue.add([a_recording(1)])
        alter(file_catalogue, f"UPDATE records SET {column} = {value} WHERE number = 1")
        with pytest.raises(CatalogueError):
            catalogue.get(an_id(1))
