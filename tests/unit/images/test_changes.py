from __future__ import annotations

import io
from itertools import product

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from provenance.images.difference import compare
from tests.support.campaign import cases
from tests.unit.images.scenes import (
    SIZE,
    as_jpeg,
    as_png,
    blurred,
    cloned,
    overlap,
    pasted,
    recoloured,
    removed,
    scene,
    written,
)


def boxes(found):
    return [(it.left, it.top, it.left + it.width, it.top + it.height) for it in found.regions]


EDITS = {"pasted": pasted, "blurred": blurred, "cloned": cloned, "removed": removed, "recoloured": recoloured}
PLACES = {"1 %": (210, 150, 264, 206), "3 %": (380, 60, 480, 150), "10 %": (40, 180, 230, 350)}


EDITED = [
    ("pasted", "1 %", 50),
    ("pasted", "10 %", 50),
    ("removed", "3 %", 50),
    ("blurred", "3 %", 50),
    ("cloned", "10 %", 50),
    ("recoloured", "1 %", 50),
]


@cases(("edit", "place", "quality"), EDITED, more=product(EDITS, PLACES, [90, 50]))
def test_an_edit_is_found_where_it_is(edit, place, quality):
    edit, box = EDITS[edit], PLACES[place]
    found = compare(as_jpeg(edit(scene(21), box), quality), as_jpeg(scene(21), 92))
    assert len(found.regions) == 1
    assert overlap(boxes(found)[0], box) >= 0.5
    assert 0 < found.changed < 2 * (box[2] - box[0]) * (box[3] - box[1]) / (SIZE[0] * SIZE[1])
    assert 0.01 < found.regions[0].strength <= 1


@pytest.mark.parametrize("box", [(100, 120, 380, 170), (300, 330, 450, 352)])
def test_a_word_is_found_as_one_region(box):
    found = compare(as_jpeg(written(scene(22), box), 70), as_jpeg(scene(22), 92))
    assert len(found.regions) == 1
    assert overlap(boxes(found)[0], box) >= 0.5


def test_two_edits_are_two_regions_and_the_larger_one_comes_first():
    small, large = (60, 60, 110, 110), (350, 200, 500, 340)
    found = compare(as_jpeg(pasted(pasted(scene(23), small), large)), as_jpeg(scene(23)))
    assert [max(overlap(box, it) for it in (small, large)) > 0.5 for box in boxes(found)] == [True, True]
    assert overlap(boxes(found)[0], large) > 0.5


def test_an_edit_is_found_in_a_crop_of_another_size_and_tone():
    edited = pasted(scene(24), (330, 150, 430, 240)).crop((120, 40, 600, 400)).resize((320, 240))
    newer = ImageEnhance.Brightness(edited).enhance(1.15)
    found = compare(as_jpeg(newer, 75), as_jpeg(scene(24), 92))
    assert len(found.regions) == 1
    assert overlap(boxes(found)[0], (140, 73, 207, 133)) >= 0.5


@pytest.mark.parametrize(
    "turn", [Image.Transpose.ROTATE_90, Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.TRANSVERSE]
)
def test_regions_are_in_pixels_of_the_newer_picture(turn):
    mark = Image.new("L", SIZE)
    mark.paste(255, (400, 60, 500, 150))
    found = compare(as_jpeg(pasted(scene(25), (400, 60, 500, 150)).transpose(turn)), as_jpeg(scene(25)))
    assert len(found.regions) == 1
    assert overlap(boxes(found)[0], mark.transpose(turn).getbbox()) >= 0.6


def test_half_a_picture_may_be_another_one():
    newer = scene(26).copy()
    newer.paste(scene(27).crop((0, 0, 300, 400)), (0, 0))
    found = compare(as_jpeg(newer), as_jpeg(scene(26)))
    assert 0.3 < found.alignment.certainty < 0.6
    assert found.changed == pytest.approx(0.5, abs=0.05)
    assert overlap(boxes(found)[0], (0, 0, 300, 400)) > 0.9


AGAIN = [(30, 1.0, 31), (30, 0.5, 32), (60, 1.4, 31), (95, 0.5, 32)]


@cases(("quality", "scale", "seed"), AGAIN, more=product([30, 50, 60, 70, 95], [1.0, 0.5, 1.4], [31, 32]))
def test_storing_a_picture_again_is_no_change(quality, scale, seed):
    newer = scene(seed).resize((round(SIZE[0] * scale), round(SIZE[1] * scale)), Image.Resampling.BICUBIC)
    found = compare(as_jpeg(newer, quality), as_jpeg(scene(seed), 95))
    assert found.regions == ()
    assert found.changed == 0


def toned(image, curve):
    levels = curve(np.asarray(image, dtype=np.float32) / 255)
    return Image.fromarray(np.clip(levels * 255, 0, 255).astype(np.uint8))


EVERYWHERE = {
    "brighter": (lambda it: ImageEnhance.Brightness(it).enhance(1.25), "brighter"),
    "darker": (lambda it: toned(it, lambda v: v**1.6), "darker"),
    "more contrast": (lambda it: ImageEnhance.Contrast(it).enhance(1.3), "more contrast"),
    "less contrast": (lambda it: ImageEnhance.Contrast(it).enhance(0.7), "less contrast"),
    "weaker colours": (lambda it: ImageEnhance.Color(it).enhance(0.4), "weaker colours"),
    "grey": (lambda it: it.convert("L").convert("RGB"), "without colours"),
    "warmer": (lambda it: toned(it, lambda v: v * [1.12, 1.0, 0.85]), "colours"),
    "vignette": (lambda it: toned(it, darkened_corners), "shade over the picture"),
    "softer": (lambda it: it.filter(ImageFilter.GaussianBlur(1.5)), "softer"),
    "sharper": (lambda it: it.filter(ImageFilter.UnsharpMask(2, 200, 0)), "sharper"),
}


def darkened_corners(levels):
    rows, columns = (np.linspace(-1, 1, length) for length in levels.shape[:2])
    return levels * (1 - 0.2 * (rows[:, None] ** 2 + columns[None] ** 2))[..., None]


@pytest.mark.parametrize(("change", "word"), EVERYWHERE.values(), ids=EVERYWHERE)
def test_what_was_done_everywhere_is_said_and_not_counted(change, word):
    found = compare(as_jpeg(change(scene(33)), 85), as_jpeg(scene(33), 92))
    note = next(it for it in found.notes if it.startswith("changed everywhere, and not counted: "))
    assert word in note
    assert found.changed < 0.01


def test_an_untouched_picture_has_no_such_note():
    assert not any("everywhere" in note for note in compare(as_jpeg(scene(34)), as_jpeg(scene(34), 95)).notes)


def heat(found):
    with Image.open(io.BytesIO(found.heat_map)) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"), dtype=np.float32)


def test_the_heat_map_is_bright_where_something_changed_and_dark_elsewhere():
    found = compare(as_png(pasted(scene(35), (200, 100, 320, 220))), as_png(scene(35)))
    image = heat(found)
    assert image.shape == (SIZE[1], SIZE[0], 3)
    light = image.mean(-1)
    assert light[130:190, 230:290].mean() > 1.6 * light[250:, 350:].max()
    assert np.ptp(image[250:, 350:], axis=-1).max() == 0  # no colour where nothing changed
    assert np.ptp(image[130:190, 230:290], axis=-1).mean() > 50


def test_the_heat_map_of_a_large_picture_is_small_enough_to_look_at():
    newer = scene(36, (2400, 1600))
    found = compare(as_jpeg(newer), as_jpeg(newer, 95))
    assert heat(found).shape[0] * heat(found).shape[1] <= 1024 * 768 * 1.01
    assert "compared at 1086 × 724 pixels" in found.notes


def test_only_the_largest_of_very_many_regions_are_listed():
    newer = scene(37, (1024, 768)).copy()
    spots = [(x, y, x + 24, y + 24) for x in range(20, 1000, 90) for y in range(20, 740, 90)]
    for spot in spots:
        newer.paste("white" if sum(spot) % 4 else "black", spot)
    found = compare(as_jpeg(newer), as_jpeg(scene(37, (1024, 768))))
    assert len(found.regions) == 50
    assert any(note.endswith("smaller changes are not listed") for note in found.notes)
