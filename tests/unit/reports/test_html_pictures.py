"""Pictures of a report: made again from pixels, few and small, and nothing that is no raster image."""

from __future__ import annotations

import io
import math
from dataclasses import replace

import pytest
from PIL import Image

from provenance.errors import UnreadableMedia
from provenance.history import trace
from provenance.manifests.reader import Keep
from provenance.model.media import Media
from provenance.reports.result import Result
from provenance.reports.to_html.pictures import Pictures
from provenance.workspace.picturing import LARGEST, PICTURE, THUMBNAIL, THUMBNAILS, TOGETHER, pictured
from tests.pages.results import a_picture, a_result, an_error
from tests.support import media
from tests.unit.stores import a_manifest, a_store

SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"


def encoded(colour=(200, 80, 40), *, size=(300, 200), kind="PNG"):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def keeping(thumbnails):
    """Judge a store whose thumbnails were read from a file."""
    return a_result(replace(a_store(a_manifest("m")), thumbnails=thumbnails))


def looked_at(workspace, path):
    verdict = workspace.verify(path, keep=Keep.THUMBNAILS)
    return Result(name=str(path), verdict=verdict, history=trace(verdict.inspection.store))


def test_a_signed_photo_gets_its_picture_and_its_thumbnails(workspace, photo):
    signed = workspace.sign(photo).path
    before = looked_at(workspace, signed)
    raw = before.verdict.inspection.store.thumbnails
    result = pictured(before, signed)
    assert max(Image.open(io.BytesIO(result.picture.data)).size) <= PICTURE
    assert result.thumbnails.keys() == raw.keys() != set()
    for uri, small in result.thumbnails.items():
        assert small.data != raw[uri]
        assert max(Image.open(io.BytesIO(small.data)).size) <= THUMBNAIL
    assert result.history.edit(result.history.head).thumbnail in result.thumbnails


def test_thumbnails_as_they_stand_in_the_file_are_let_go(workspace, photo):
    signed = workspace.sign(photo).path
    before = looked_at(workspace, signed)
    result = pictured(before, signed)
    assert result.verdict.inspection.store.thumbnails == {}
    assert result.verdict.facets == before.verdict.facets
    assert result.decision is before.decision


@pytest.mark.parametrize(
    "data",
    [b"<script>alert(1)</script>", SVG, b"", b"\xff\xd8\xff\xe0 not a picture", b"%PDF-1.7", encoded()[:60]],
    ids=["html", "svg", "empty", "a beginning alone", "pdf", "cut off"],
)
def test_what_is_no_raster_image_is_left_out(data):
    assert pictured(keeping({"bad": data, "good": encoded()}), media.jpeg()).thumbnails.keys() == {"good"}


def test_nothing_but_pixels_is_kept():
    hidden = b"<script>alert(1)</script>"
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "JPEG", comment=hidden)
    assert hidden in out.getvalue()
    result = pictured(keeping({"a": out.getvalue() + hidden}), media.jpeg())
    assert hidden not in result.thumbnails["a"].data


def test_the_number_of_thumbnails_is_bounded():
    many = {str(number): encoded((number, 0, 0), size=(8, 8)) for number in range(THUMBNAILS + 10)}
    shown = pictured(keeping(many), media.jpeg()).thumbnails
    assert list(shown) == list(many)[:THUMBNAILS]


def test_a_thumbnail_that_claims_too_many_pixels_is_not_decoded():
    side = math.isqrt(LARGEST)
    most, more = (encoded(size=size, colour=7) for size in ((side, side), (side + 1, side + 1)))
    assert pictured(keeping({"most": most, "more": more}), media.jpeg()).thumbnails.keys() == {"most"}


def test_one_thumbnail_that_stands_in_many_manifests_counts_once():
    many = dict.fromkeys(map(str, range(THUMBNAILS + 10)), encoded(size=(8, 8)))
    assert len(pictured(keeping(many), media.jpeg()).thumbnails) == THUMBNAILS + 10


def test_the_bytes_of_thumbnails_are_bounded():
    noise = Image.effect_noise((THUMBNAIL, THUMBNAIL), 200)
    out = io.BytesIO()
    noise.save(out, "PNG")
    many = dict.fromkeys(map(str, range(500)), out.getvalue())
    shown = pictured(keeping(many), media.jpeg()).thumbnails
    assert 0 < len(shown) < 500
    assert sum(len(item.data) for item in shown.values()) <= TOGETHER


def test_what_is_not_a_picture_has_none():
    result = a_result(a_store())
    sound = replace(result.verdict.inspection, media=Media(name="a.mp3", media_type="audio/mpeg", size=3))
    result = replace(result, verdict=replace(result.verdict, inspection=sound))
    assert pictured(result, media.jpeg()).picture is None


def test_a_file_without_credentials_has_a_picture():
    result = pictured(a_result(), media.jpeg())
    assert result.picture is not None
    assert result.thumbnails == {}


def test_a_file_that_could_not_be_looked_at_is_left_alone():
    given = an_error()
    assert pictured(given, "gone.jpg") is given


def test_a_file_that_went_away_is_named(tmp_path):
    with pytest.raises(UnreadableMedia, match="no such file"):
        pictured(a_result(), tmp_path / "gone.jpg")


def test_a_page_takes_pictures_until_it_is_full():
    small = a_picture()
    pictures = Pictures(limit=len(small.data) * 4)
    assert [pictures.show(small, "x") is not None for _ in range(5)] == [True, True, False, False, False]
    assert "3 pictures are left off" in pictures.note


def test_pictures_that_somebody_else_writes_count_too():
    small = a_picture()
    pictures = Pictures(limit=len(small.data) * 4)
    assert list(pictures.within({"a": small, "b": replace(small, media_type="text/html"), "c": small, "d": small})) == [
        "a",
        "c",
    ]
    assert "1 picture is left off" in pictures.note
