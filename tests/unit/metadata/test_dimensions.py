"""How large a picture is shown, by its header alone."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from provenance.images.opening import shown_size
from provenance.metadata.dimensions import shown

SIZE = (40, 30)
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "TIFF": "image/tiff"}


def saved(form, orientation=None, **options):
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    target = io.BytesIO()
    Image.new("RGB", SIZE, "navy").save(target, form, exif=exif, **options)
    return target.getvalue()


@pytest.mark.parametrize("orientation", [None, 1, 2, 3, 4, 5, 6, 7, 8, 9])
@pytest.mark.parametrize("form", TYPES)
def test_a_picture_that_lies_on_its_side_is_shown_upright(form, orientation):
    expected = SIZE[::-1] if orientation in {5, 6, 7, 8} else SIZE
    assert shown(saved(form, orientation), TYPES[form]) == expected


@pytest.mark.parametrize("orientation", [None, 1, 3, 6, 8])
def test_the_size_of_an_avif_is_found_without_decoding(orientation):
    assert shown_size(saved("AVIF", orientation)) == (SIZE[::-1] if orientation in {6, 8} else SIZE)


def test_a_gif_has_no_orientation():
    target = io.BytesIO()
    Image.new("P", SIZE).save(target, "GIF")
    assert shown(target.getvalue(), "image/gif") == SIZE


def test_the_smaller_copy_at_the_head_of_a_tiff_is_not_the_picture():
    target = io.BytesIO()
    Image.new("RGB", SIZE).save(target, "TIFF", tiffinfo={0x00FE: 1})
    assert shown(target.getvalue(), "image/tiff") is None


@pytest.mark.parametrize("cut", [4, 12, 20])
@pytest.mark.parametrize("form", TYPES)
def test_no_size_is_made_up_for_a_file_that_ends_early(form, cut):
    assert shown(saved(form, 6)[:cut], TYPES[form]) is None
    assert shown_size(saved("AVIF")[:cut]) is None
