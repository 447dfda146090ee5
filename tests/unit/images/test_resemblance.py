"""The second witness: how alike two pictures are from afar, once they lie on each other."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from provenance.images.alignment import NotAligned, align
from provenance.images.difference import compare
from provenance.images.grids import UPRIGHT, to_grid
from provenance.images.looking import look
from provenance.images.resemblance import resemblance_of, seen, seen_whole
from provenance.model.pictures import ALIKE
from provenance.model.recovery import CERTAIN, HALF_CERTAIN, is_same
from tests.support.campaign import cases
from tests.support.portraits import portrait
from tests.support.soft import soft
from tests.unit.images.scenes import as_jpeg, page, scene


def stored(image, quality=75):
    return look(as_jpeg(image, quality), which="a picture")


def blocks(newer, older):
    """Return the certainty of the first witness; 0 where it finds no place."""
    try:
        return align(newer, older).certainty
    except NotAligned:
        return 0.0


def confirmed(newer, older, quality=75):
    found = compare(as_jpeg(newer, quality), as_jpeg(older, 85))
    return found.alignment is not None and is_same(found.alignment.certainty, found.resemblance), found


CHANGED = {
    "stored anew": (lambda it: it, (0, 0, 600, 400), False),
    "mirrored": (ImageOps.mirror, (0, 0, 600, 400), True),
    "cropped a little": (lambda it: it.crop((20, 12, 590, 396)), (20, 12, 590, 396), False),
    "darker": (lambda it: ImageEnhance.Brightness(it).enhance(0.7), (0, 0, 600, 400), False),
    "a fifth of its size": (lambda it: it.resize((120, 80)), (0, 0, 600, 400), False),
}


@pytest.mark.parametrize(("change", "box", "mirrored"), CHANGED.values(), ids=CHANGED)
def test_a_changed_copy_is_alike_from_afar(change, box, mirrored):
    newer = stored(change(scene()))
    found = seen_whole(newer.picture, stored(scene()).picture)
    assert found.resemblance.whole > ALIKE
    assert found.pose.mirrored is mirrored
    corners = found.matrix @ np.array([[0, newer.size[0]], [0, newer.size[1]], [1, 1]])
    assert corners[:2].T.ravel() == pytest.approx(box, abs=2)


OTHERS = {
    "another scene": (scene(3), scene(5)),
    "another sitter": (portrait(6), portrait(1)),
    "the same sitter and another, mirrored": (ImageOps.mirror(portrait(6)), portrait(1)),
    "another page": (page(1), page(2)),
    "the same shade under other grain, cropped": (soft(2).crop((32, 16, 880, 568)), soft(1)),
    "the same shade under other grain, mirrored": (ImageOps.mirror(soft(2)), soft(1)),
    "the same slope of shade": (
        Image.linear_gradient("L").resize((600, 400)).convert("RGB"),
        Image.linear_gradient("L").resize((600, 400)).point(lambda it: it * it // 255).convert("RGB"),
    ),
}


@pytest.mark.parametrize(("newer", "older"), OTHERS.values(), ids=OTHERS)
@cases("quality", [20], more=[85])
def test_other_pictures_are_not_confirmed(newer, older, quality):
    is_confirmed, found = confirmed(newer, older, quality)
    assert not is_confirmed, (found.alignment, found.resemblance)


def chart():
    """A curve over lines that all charts of a house have, and that are the same mirrored."""
    image = Image.new("RGB", (900, 600), "white")
    brush = ImageDraw.Draw(image)
    for line in range(6):
        brush.line((60, 110 + 80 * line, 840, 110 + 80 * line), fill=(215, 215, 215), width=2)
    heights = (0.9, 0.1, 0.75, 0.3, 0.8, 0.05, 0.5)
    brush.line([(110 + 110 * place, 505 - 380 * it) for place, it in enumerate(heights)], fill=(60, 90, 160), width=6)
    return image


LEFT_OPEN = {
    "a mirrored chart": (ImageOps.mirror(chart()), chart()),
    "a crop without detail": (soft(1).crop((30, 20, 880, 570)), soft(1)),
    "a mirrored one": (ImageOps.mirror(soft(1)), soft(1)),
}


@pytest.mark.parametrize(("newer", "older"), LEFT_OPEN.values(), ids=LEFT_OPEN)
def test_what_blocks_leave_open_is_confirmed_from_afar(newer, older):
    assert blocks(stored(newer), stored(older)) < CERTAIN
    is_confirmed, found = confirmed(newer, older)
    assert is_confirmed
    assert found.regions == ()


def test_the_better_place_is_the_one_that_is_told():
    _, found = confirmed(ImageOps.mirror(chart()), chart())
    assert found.alignment.mirrored
    assert found.alignment.certainty > CERTAIN


def test_words_are_left_out_of_what_is_mostly_alike():
    written = scene().copy()
    written.paste("white", (40, 40, 300, 70))
    newer, older = stored(written).picture, stored(scene()).picture
    found = seen(newer, older, (UPRIGHT, to_grid(newer.size, older.size))).resemblance
    assert found.whole < ALIKE < 0.99 < found.mostly
    assert not is_same(HALF_CERTAIN - 0.01, found)
    assert is_same(HALF_CERTAIN, found)


def test_two_views_that_overlap_are_two():
    left, right = scene().crop((0, 0, 380, 400)), scene().crop((220, 0, 600, 400))
    newer, older = stored(left).picture, stored(right).picture
    overlapping = np.array([[1.0, 0, -220], [0, 1, 0], [0, 0, 1]])
    assert seen(newer, older, (UPRIGHT, overlapping)) is None


def test_a_frame_is_no_matter_of_overlap():
    framed = ImageOps.expand(scene(), (0, 200), fill="white")
    newer, older = stored(framed).picture, stored(scene()).picture
    inside = np.array([[1.0, 0, 0], [0, 1, -200], [0, 0, 1]])
    assert seen(newer, older, (UPRIGHT, inside)).resemblance.whole > ALIKE


def test_a_flat_picture_resembles_nothing():
    flat = np.full((40, 60), 128.0, dtype=np.float32)
    assert resemblance_of(flat, flat, np.ones_like(flat, dtype=bool)) is None
