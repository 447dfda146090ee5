"""What was found again is said to be recovered, not embedded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.model.media import Media
from provenance.model.record import Operation, Record
from provenance.model.recovery import Candidate, Recovery, Way
from provenance.reports import to_html
from provenance.reports.recovered import NOT_EMBEDDED
from tests.pages.results import a_result, results
from tests.unit.reports.test_html import words
from tests.unit.stores import AT, a_store, a_verdict

MEDIA = Media(name="bare.jpg", media_type="image/jpeg", size=1)
RECORD = Record(
    id="01M8P31BZGJJTB4B9R83W6HFS1", recorded_at=AT, operation=Operation.SIGNED, label="urn:c2pa:one",
    manifest="ab" * 32,
    media_type="image/jpeg", size=1, title="harbour <b>", signer="Example News",
)  # fmt: skip


def told(recovery):
    return to_html.document(results(replace(a_result(name="bare.jpg"), recovery=recovery)))


def test_a_candidate_is_told_of_with_what_it_is():
    given = Candidate(record=RECORD, way=Way.STRIPPED, verdict=a_verdict(a_store()))
    page = told(Recovery(media=MEDIA, found=(given,)))
    said = words(page)
    assert NOT_EMBEDDED in said
    assert "Recovered: it is the very file that was signed, without its manifest" in said
    assert "harbour <b>" in said
    assert "harbour <b>" not in page
    assert "record 01M8P31BZGJJTB4B9R83W6HFS1" in said


@pytest.mark.parametrize("notes", [(), ("the catalogue is away",)])
def test_nothing_that_was_found_is_said_too(notes):
    said = words(told(Recovery(media=MEDIA, found=(), notes=notes)))
    assert "nothing that is like this file was found in the catalogue" in said
    assert NOT_EMBEDDED not in said
    assert all(note in said for note in notes)


def test_nothing_is_said_where_nobody_asked():
    assert "Credentials found again" not in words(told(None))
