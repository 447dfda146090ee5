"""What changed between two pictures is found; what is merely stored or framed otherwise is no change."""

from __future__ import annotations

import io
from itertools import product

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from provenance.errors import MediaError
from provenance.images.difference import compare
from tests.support.campaign import cases, picked

SIZE = (960, 720)


def scene(seed: int) -> Image.Image:
    """Make a picture with detail of every size, the same for the same seed."""
    rng = np.random.default_rng(seed)
    layers = np.zeros((SIZE[1], SIZE[0], 3))
    for cells in (4, 12, 40, 120):
        noise = rng.uniform(-1, 1, (cells, cells, 3))
        layer = [
            np.asarray(Image.fromarray(noise[..., c].astype(np.float32)).resize(SIZE, Image.Resampling.BICUBIC))
            for c in range(3)
        ]
        layers += np.stack(layer, axis=-1) * 60 / np.sqrt(cells / 4)
    picture = Image.fromarray(np.clip(128 + layers, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(24):
        x, y = int(rng.integers(0, 900)), int(rng.integers(0, 660))
        width, height = int(rng.integers(20, 140)), int(rng.integers(20, 140))
        colour = tuple(int(value) for value in rng.integers(0, 255, 3))
        (draw.rectangle if rng.random() < 0.5 else draw.ellipse)((x, y, x + width, y + height), fill=colour)
    return picture


def saved(picture: Image.Image, form: str = "JPEG", **options: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, form, **({"quality": 90} if form == "JPEG" else {}) | options)
    return target.getvalue()


PICTURE = scene(1)
ORIGINAL = saved(PICTURE)
FRAMED = {
    "as it is": saved,
    "stored as PNG": lambda p: saved(p, "PNG"),
    "stored badly": lambda p: saved(p, quality=35),
    "half the size": lambda p: saved(p.resize((480, 360), Image.Resampling.LANCZOS)),
    "larger": lambda p: saved(p.resize((1440, 1080), Image.Resampling.LANCZOS)),
    "cropped on the left": lambda p: saved(p.crop((200, 0, 960, 720))),
    "cropped to a square": lambda p: saved(p.crop((120, 0, 840, 720))),
    "cropped and smaller": lambda p: saved(p.crop((100, 60, 900, 660)).resize((600, 450), Image.Resampling.LANCZOS)),
    "mirrored": lambda p: saved(ImageOps.mirror(p)),
    "turned": lambda p: saved(p.transpose(Image.Transpose.ROTATE_270)),
    "brighter": lambda p: saved(p.point(lambda value: min(255, int(value * 1.15)))),
}


USUAL = ("stored as PNG", "stored badly", "half the size", "larger", "cropped on the left", "mirrored", "brighter")


@cases("frame", picked(FRAMED, *USUAL), more=FRAMED)
def test_what_is_stored_or_framed_otherwise_is_aligned_and_not_changed(frame):
    found = compare(frame(PICTURE), ORIGINAL)
    assert found.alignment is not None, found.why_not
    assert found.changed is not None
    assert found.changed < 0.01
    assert found.regions == ()


def test_it_is_said_how_one_lies_in_the_other():
    found = compare(FRAMED["cropped and smaller"](PICTURE), ORIGINAL).alignment
    assert found.cropped
    assert not found.mirrored
    assert found.scale == pytest.approx(0.75, rel=0.02)
    assert (found.left, found.top) == (pytest.approx(100, abs=6), pytest.approx(60, abs=6))
    assert compare(FRAMED["mirrored"](PICTURE), ORIGINAL).alignment.mirrored
    assert compare(FRAMED["turned"](PICTURE), ORIGINAL).alignment.turned == 90


BOX = (420, 260, 580, 400)


def pasted(picture):
    picture.paste(scene(7).resize((160, 140)), BOX[:2])


def blurred(picture):
    picture.paste(picture.crop(BOX).filter(ImageFilter.GaussianBlur(14)), BOX[:2])


def cloned(picture):
    picture.paste(picture.crop((40, 520, 200, 660)), BOX[:2])


FRAMES = ("as it is", "half the size", "cropped on the left")
EDITED = [(blurred, "as it is"), (pasted, "half the size"), (cloned, "cropped on the left")]


@cases(
    ("edit", "frame"),
    EDITED,
    more=product([pasted, blurred, cloned], FRAMES),
    ids=lambda it: getattr(it, "__name__", it),
)
def test_what_was_edited_is_found_where_it_is(edit, frame):
    edited = PICTURE.copy()
    edit(edited)
    found = compare(FRAMED[frame](edited), ORIGINAL)
    assert found.alignment is not None, found.why_not
    left, top, right, bottom = BOX
    if frame == "half the size":
        left, top, right, bottom = (value / 2 for value in BOX)
    if frame == "cropped on the left":
        left, right = left - 200, right - 200
    region = max(found.regions, key=lambda item: item.width * item.height)
    over = max(0, min(right, region.left + region.width) - max(left, region.left))
    down = max(0, min(bottom, region.top + region.height) - max(top, region.top))
    both = (right - left) * (bottom - top) + region.width * region.height - over * down
    assert over * down / both >= 0.5
    assert 0 < found.changed < 0.1


@cases("seed", [2, 3], more=range(2, 12))
def test_pictures_that_have_nothing_to_do_with_each_other_are_not_aligned(seed):
    found = compare(saved(scene(seed)), ORIGINAL)
    assert found.alignment is None
    assert (found.changed, found.regions, found.heat_map) == (None, (), None)
    assert found.why_not


def test_the_heat_map_is_a_picture_of_the_newer_one():
    edited = PICTURE.copy()
    pasted(edited)
    with Image.open(io.BytesIO(compare(saved(edited), ORIGINAL).heat_map)) as drawn:
        assert drawn.format == "PNG"
        assert drawn.width / drawn.height == pytest.approx(SIZE[0] / SIZE[1], rel=0.02)


def test_a_thumbnail_is_said_to_show_less():
    small = saved(PICTURE.resize((160, 120), Image.Resampling.LANCZOS))
    found = compare(ORIGINAL, small, older_is_thumbnail=True)
    assert found.alignment is not None, found.why_not
    assert any("thumbnail" in note for note in found.notes)


ODD = {
    "one pixel": saved(Image.new("RGB", (1, 1))),
    "a line": saved(Image.new("RGB", (1, 2000))),
    "one colour": saved(Image.new("RGB", (600, 400), "red")),
    "transparent": saved(Image.new("RGBA", (600, 400), (0, 0, 0, 0)), "PNG"),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_where_there_is_nothing_to_see_nothing_is_claimed(odd):
    found = compare(odd, ORIGINAL)
    assert found.alignment is None
    assert found.why_not


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "I;16"])
def test_pictures_of_every_kind_are_compared(mode):
    kind = PICTURE.convert("L") if mode == "I;16" else PICTURE
    if mode == "I;16":
        kind = Image.fromarray(np.asarray(kind).astype(np.uint16) * 257)
    other = saved(kind.convert(mode), "TIFF" if mode == "CMYK" else "PNG")
    assert compare(other, ORIGINAL).alignment is not None


@pytest.mark.parametrize("data", [b"", b"no picture", ORIGINAL[:300]], ids=["nothing", "text", "cut off"])
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(MediaError):
        compare(data, ORIGINAL)
