"""Payloads of watermarks are looked up exactly, without going through all fingerprints."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import event

from provenance.catalogue import Catalogue
from provenance.model.fingerprints import ISCC, WATERMARK
from tests.support.catalogue import a_print, a_record, an_id, kept

MARK = "org.example.mark.1"


@pytest.fixture
def marked(new_url):
    """A catalogue in which two of several records have one payload."""
    told = {
        1: [a_print(b"news", MARK, WATERMARK), a_print()],
        2: [a_print(b"news", "org.example.mark.2", WATERMARK)],
        3: [a_print(b"newt", MARK, WATERMARK), a_print(b"news", ISCC)],
        4: [a_print(b"news", MARK, WATERMARK), a_print(b"news", MARK, WATERMARK)],
        5: [],
    }
    with Catalogue.create(new_url) as catalogue:
        catalogue.add(kept(a_record(number), *prints) for number, prints in told.items())
        yield catalogue


LOOKED_UP = {
    "the last one first, each once": (MARK, b"news", [4, 1]),
    "another payload": (MARK, b"newt", [3]),
    "another algorithm": ("org.example.mark.2", b"news", [2]),
    "no part of it": (MARK, b"new", []),
    "no fingerprint": (ISCC, b"news", []),
}


@pytest.mark.parametrize(("algorithm", "payload", "found"), LOOKED_UP.values(), ids=LOOKED_UP)
def test_records_are_found_by_a_payload(algorithm, payload, found, marked):
    assert [item.id for item in marked.by_watermark(algorithm, payload)] == [an_id(number) for number in found]


def test_an_index_of_watermarks_alone_answers(file_url):
    """Of what was asked, SQLite itself says how it found the answer."""
    asked = []
    with Catalogue.create(file_url) as catalogue:
        event.listen(
            catalogue._database.engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3]))
        )
        assert list(catalogue.by_watermark(MARK, b"news")) == []
    (statement, values) = next(item for item in asked if "fingerprints" in item[0])
    database = sqlite3.connect(file_url.removeprefix("sqlite:///"))
    plan = " ".join(row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {statement}", values))
    database.close()
    assert "ix_fingerprints_watermarks" in plan
    assert "SCAN fingerprints" not in plan
