"""Pieces of a report are kept, and make the same document again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.model.media import Thumbnail
from provenance.reports import to_html
from provenance.reports.to_html import fragments
from tests.pages.results import a_picture, a_result, a_rich_result, an_error, results, saying, uri
from tests.unit.stores import AT, a_store, bad

GIVEN = {
    "rich": results(a_rich_result()),
    "changed": results(a_rich_result(statuses=bad("assertion.dataHash.mismatch"))),
    "no credentials": results(a_result()),
    "sound": replace(results(a_result(a_store())), at=AT),
    "not looked at": results(an_error()),
    "hostile": results(saying("</main>\u202e<script>{0}").items[0]),
    "a surrogate": results(a_result(a_store(), name="\udcff.jpg")),
}


@pytest.mark.parametrize("given", GIVEN.values(), ids=GIVEN)
def test_the_pieces_make_the_document(given):
    assert fragments.document_of(fragments.read(fragments.written(given))) == to_html.document(given)


def test_what_the_file_may_be_laid_beside_is_listed():
    found = fragments.fragments(results(a_rich_result()))
    assert found.picture is not None
    assert found.picture.data == a_picture((320, 240)).data
    told = [(item.step, item.title, item.role) for item in found.ancestors]
    assert told == [(1, "harbour.jpg", "The thumbnail in its credentials"), (4, "harbour-raw.jpg", "made from")]
    assert found.ancestors[0].picture.source.startswith("data:image/jpeg;base64,/9j/")


def test_what_is_no_raster_picture_is_laid_beside_nothing():
    odd = Thumbnail(media_type="image/svg+xml", data=b"<svg/>")
    found = fragments.fragments(results(a_rich_result(picture=odd, thumbnails={uri("urn:c2pa:capture"): odd})))
    assert (found.picture, found.ancestors) == (None, ())
