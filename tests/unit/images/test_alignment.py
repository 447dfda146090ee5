from __future__ import annotations

import itertools

import numpy as np
import pytest
from PIL import Image, ImageOps

from provenance.images.difference import compare
from provenance.images.grids import POSES
from tests.support.campaign import cases
from tests.unit.images.scenes import SIZE, as_jpeg, as_png, page, scene

WIDTH, HEIGHT = SIZE
PHOTOS = ["python__P1000827.jpg", "python__A.jpg", "python__sample1.webp", "rs__ocsp.jpg", "python__mars.webp"]


def aligned(newer: Image.Image, older: Image.Image, quality: int = 80):
    found = compare(as_jpeg(newer, quality), as_jpeg(older, 92))
    assert found.alignment is not None, found.why_not
    assert found.why_not is None
    assert found.heat_map is not None
    return found.alignment, found


def shows(alignment, box, *, within=1.5):
    """Whether it says that the newer picture shows this part (left, top, right, bottom) of the older one."""
    said = (alignment.left, alignment.top, alignment.left + alignment.width, alignment.top + alignment.height)
    return max(abs(one - two) for one, two in zip(said, box, strict=True)) <= within


@cases("scale", [0.12, 0.81, 8.0], more=[0.3, 0.5, 1.0, 1.7, 3.0])
def test_the_scale_is_found(scale):
    older = scene()
    newer = older.resize((round(WIDTH * scale), round(HEIGHT * scale)), Image.Resampling.LANCZOS)
    alignment, found = aligned(newer, older)
    assert alignment.scale == pytest.approx(scale, rel=0.01)
    assert not alignment.cropped
    assert (alignment.mirrored, alignment.turned, alignment.tilt) == (False, 0, 0.0)
    assert alignment.certainty > 0.9
    assert (found.size, found.older_size) == (newer.size, SIZE)
    assert found.regions == ()


CROPS = {
    "square": (100, 0, 500, 400),
    "four to five": (140, 0, 460, 400),
    "sixteen to nine": (0, 31, 600, 369),
    "a little of the left": (30, 0, 600, 400),
    "a little of the bottom": (0, 0, 600, 380),
    "much of the right": (0, 0, 360, 400),
    "much of two sides": (240, 160, 600, 400),
    "some of all sides": (60, 50, 510, 330),
    "a small part": (200, 130, 400, 263),
}


USUAL_CROPS = [
    ("square", 1.0),
    ("a little of the left", 0.6),
    ("much of two sides", 1.0),
    ("some of all sides", 0.6),
    ("a small part", 1.0),
]


@cases(("name", "scale"), USUAL_CROPS, more=itertools.product(CROPS, [1.0, 0.6]))
def test_a_crop_is_found(name, scale):
    box = CROPS[name]
    newer = scene(2).crop(box)
    newer = newer.resize((round(newer.width * scale), round(newer.height * scale)), Image.Resampling.LANCZOS)
    alignment, found = aligned(newer, scene(2))
    assert shows(alignment, box)
    assert alignment.cropped
    assert alignment.scale == pytest.approx(scale, rel=0.01)
    assert found.regions == ()


def test_what_was_set_around_a_picture_is_not_compared():
    newer = Image.new("RGB", (WIDTH + 160, HEIGHT + 120), "white")
    newer.paste(scene(3), (100, 40))
    alignment, found = aligned(newer, scene(3))
    assert shows(alignment, (-100, -40, WIDTH + 60, HEIGHT + 80))
    assert not alignment.cropped
    assert found.regions == ()
    assert any("lies outside the older one" in note for note in found.notes)


@pytest.mark.parametrize("shift", [(3, 0), (0, -5), (17, 9)])
def test_a_small_shift_is_found(shift):
    canvas = scene(4, (700, 500))
    older, newer = (
        canvas.crop((50, 50, 650, 450)),
        canvas.crop((50 + shift[0], 50 + shift[1], 650 + shift[0], 450 + shift[1])),
    )
    alignment, found = aligned(newer, older)
    assert shows(alignment, (shift[0], shift[1], WIDTH + shift[0], HEIGHT + shift[1]))
    assert found.regions == ()


@cases(
    "pose",
    [pose for pose in POSES if pose.quarters == (1 if pose.mirrored else 3)],
    more=POSES,
    ids=lambda pose: f"{'mirrored' if pose.mirrored else 'plain'}-{pose.quarters}",
)
def test_mirrored_and_turned_pictures_are_recognised(pose):
    older = scene(5)
    newer = ImageOps.mirror(older) if pose.mirrored else older
    newer = newer.rotate(-90 * pose.quarters, expand=True)  # Pillow turns counter-clockwise
    alignment, found = aligned(newer, older)
    assert (alignment.mirrored, alignment.turned) == (pose.mirrored, 90 * pose.quarters)
    assert shows(alignment, (0, 0, *SIZE))
    assert found.changed == 0


def test_a_part_of_a_turned_picture_is_said_in_pixels_of_the_older_one():
    newer = scene(6).crop((120, 80, 480, 360)).rotate(-90, expand=True).resize((140, 180), Image.Resampling.LANCZOS)
    alignment, _ = aligned(newer, scene(6))
    assert shows(alignment, (120, 80, 480, 360))
    assert alignment.turned == 90
    assert (alignment.scale_x, alignment.scale_y) == pytest.approx((0.5, 0.5), rel=0.01)


@cases("degrees", [-2.5, 0.7], more=[-1.0, 2.0])
def test_a_picture_put_straight_is_recognised(degrees):
    newer = scene(7).rotate(-degrees, Image.Resampling.BICUBIC).crop((60, 40, 540, 360))
    alignment, found = aligned(newer, scene(7))
    assert alignment.tilt == pytest.approx(degrees, abs=0.05)
    assert alignment.cropped
    assert found.regions == ()


@cases(("across", "down"), [(1.33, 1.0), (0.5, 0.6)], more=[(0.8, 1.0)])
def test_a_stretched_picture_is_recognised(across, down):
    newer = scene(8).resize((round(WIDTH * across), round(HEIGHT * down)), Image.Resampling.LANCZOS)
    alignment, found = aligned(newer, scene(8))
    assert (alignment.scale_x, alignment.scale_y) == pytest.approx((across, down), rel=0.01)
    assert found.regions == ()


def test_smooth_pictures_are_aligned_when_they_are_the_same():
    ramp = Image.merge("RGB", [Image.linear_gradient("L").rotate(90 * turn) for turn in range(3)]).resize((512, 384))
    newer = ramp.copy()
    newer.paste(scene(9, (120, 90)), (200, 100))
    alignment, found = aligned(newer, ramp)
    assert (alignment.scale, alignment.left, alignment.top) == (1.0, 0.0, 0.0)
    assert len(found.regions) == 1
    assert compare(as_png(ramp.rotate(180)), as_png(ramp)).alignment is None


@cases(("newer", "older"), [(11, 12), (13, 11)], more=itertools.permutations(range(11, 14), 2))
def test_unrelated_pictures_cannot_be_aligned(newer, older):
    found = compare(as_jpeg(scene(newer)), as_jpeg(scene(older)))
    assert found.alignment is None
    assert found.why_not
    assert (found.changed, found.regions, found.heat_map) == (None, (), None)


@cases("size", [(600, 760), (120, 152)], more=[(240, 304)])
def test_pages_of_one_layout_are_not_taken_for_each_other(size):
    found = compare(as_jpeg(page(1).resize(size)), as_jpeg(page(2)))
    assert found.alignment is None


def test_a_page_is_found_again_although_a_line_was_changed():
    newer = page(1).copy()
    newer.paste(page(2).crop((0, 290, 600, 320)), (0, 290))
    _, found = aligned(newer, page(1))
    assert len(found.regions) == 1
    assert 280 < found.regions[0].top < 300


def test_noise_is_not_aligned_with_other_noise():
    one, two = (
        Image.fromarray(np.random.default_rng(seed).integers(0, 256, (300, 400), dtype=np.uint8)) for seed in (1, 2)
    )
    assert compare(as_png(one), as_png(two)).alignment is None
    assert compare(as_png(one), as_png(one)).alignment is not None


PAIRS = [*itertools.combinations(PHOTOS, 2), (PHOTOS[-1], PHOTOS[0])]


@cases(("one", "two"), itertools.pairwise(PHOTOS), more=PAIRS)
def test_unrelated_photographs_cannot_be_aligned(one, two, vectors):
    assert compare((vectors / one).read_bytes(), (vectors / two).read_bytes()).alignment is None


@cases("name", PHOTOS[::2], more=PHOTOS)
def test_a_photograph_is_found_in_itself(name, vectors):
    older = Image.open(vectors / name).convert("RGB")
    box = (older.width // 5, older.height // 8, older.width, older.height * 7 // 8)
    newer = older.crop(box).resize((480, round(480 * (box[3] - box[1]) / (box[2] - box[0]))), Image.Resampling.LANCZOS)
    found = compare(as_jpeg(newer, 60), (vectors / name).read_bytes())
    assert found.alignment is not None
    assert shows(found.alignment, box, within=4)
    assert found.regions == ()


def test_a_signed_copy_with_other_tones_is_recognised(vectors):
    """A public test file and the photograph that it was made from."""
    found = compare((vectors / "python__CA.jpg").read_bytes(), (vectors / "python__A.jpg").read_bytes())
    assert found.alignment is not None
    assert found.alignment.certainty > 0.95
    assert found.regions == ()
    assert any(note.startswith("changed everywhere, and not counted: ") for note in found.notes)
