"""Copies have fingerprints near to those of their originals, other pictures have not, and plain ones have none."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from provenance.fingerprints import thresholds
from provenance.fingerprints.image import to_find, to_keep
from provenance.model.fingerprints import ISCC, PHASH, WHOLE
from tests.support.campaign import cases, picked
from tests.unit.fingerprints.pictures import FORMS, drawn, saved, sixteen_bits
from tests.unit.images.scenes import page, scene

BITS = {ISCC: 256, PHASH: 64}


def distance(found, kept) -> dict[str, int]:
    """Return the least distance for each method."""
    return {
        method: min(
            (int.from_bytes(one.value) ^ int.from_bytes(two.value)).bit_count()
            for one in found
            for two in kept
            if one.method == two.method == method
        )
        for method in BITS
    }


def is_candidate(copy: Image.Image, original: Image.Image) -> bool:
    found = distance(to_find(copy).found, to_keep(original).found)
    return any(found[method] <= thresholds.CANDIDATE[method] for method in found)


def cut(image, left, top, right, bottom):
    width, height = image.size
    return image.crop(
        (round(left * width), round(top * height), round((1 - right) * width), round((1 - bottom) * height))
    )


def bannered(image):
    out = Image.new("RGB", (image.width, round(1.15 * image.height)), "white")
    out.paste(image)
    ImageDraw.Draw(out).text((10, image.height + 10), "BREAKING NEWS", fill="black", font_size=30)
    return out


COPIES = {
    "JPEG 20": lambda it: saved(it, "JPEG", quality=20),
    "WebP": lambda it: saved(it, "WEBP", quality=40),
    "GIF": lambda it: saved(it, "GIF"),
    "to 10 %": lambda it: it.resize((it.width // 10, it.height // 10)),
    "to 300 %": lambda it: it.resize((it.width * 3, it.height * 3)),
    "stretched": lambda it: it.resize((it.width, it.height // 2)),
    "grey": lambda it: it.convert("L"),
    "darker": lambda it: ImageEnhance.Brightness(it).enhance(0.6),
    "mirrored": ImageOps.mirror,
    "left 10 %": lambda it: cut(it, 0.1, 0, 0, 0),
    "bottom 5 %": lambda it: cut(it, 0, 0, 0, 0.05),
    "middle 90 %": lambda it: cut(it, 0.05, 0.05, 0.05, 0.05),
    "two sides": lambda it: cut(it, 0.07, 0.04, 0, 0),
    "to 1:1": lambda it: ImageOps.fit(it, (300, 300)),
    "border": lambda it: ImageOps.expand(it, 30, fill="black"),
    "banner": bannered,
    "bars": lambda it: ImageOps.expand(it, (120, 0), fill="white"),
    "mirrored, cropped": lambda it: ImageOps.mirror(cut(it, 0.05, 0, 0.03, 0.04)),
    "banner, small": lambda it: bannered(it).resize((180, 130)),
}


USUAL = (
    "JPEG 20", "GIF", "to 10 %", "stretched", "grey", "mirrored", "left 10 %", "to 1:1", "banner", "mirrored, cropped",
)  # fmt: skip


@cases("change", picked(COPIES, *USUAL), more=COPIES)
def test_a_copy_is_near_to_its_original_and_to_no_other(change):
    copy = change(scene(1))
    assert is_candidate(copy, scene(1))
    assert not any(is_candidate(copy, scene(seed)) for seed in (2, 3))


def test_half_of_a_picture_is_not_found():
    assert not is_candidate(cut(scene(1), 0, 0, 0.5, 0), scene(1))


def test_pages_of_one_layout_are_told_apart():
    assert not is_candidate(page(1), page(2))


@pytest.mark.parametrize("form", FORMS)
def test_pictures_of_every_form_have_fingerprints(form):
    kept = to_keep(FORMS[form]())
    assert kept.why_none is None
    assert {(it.method, it.variant) for it in kept.found} >= {(ISCC, WHOLE), (PHASH, WHOLE)}
    assert all(8 * len(it.value) == BITS[it.method] for it in kept.found)
    assert len({(it.method, it.variant) for it in kept.found}) == len(kept.found)


@pytest.mark.parametrize("form", ["P", "CMYK", "turned by EXIF", "border", "GIF"])
def test_a_picture_is_found_in_another_form(form):
    assert is_candidate(FORMS[form](), drawn())
    assert is_candidate(drawn(), FORMS[form]())


def test_deep_greys_are_found():
    assert is_candidate(saved(sixteen_bits(), "TIFF"), drawn())


def test_an_original_is_kept_by_a_dozen_of_fingerprints_at_most():
    assert 8 <= len(to_keep(scene(1)).found) <= 14
    assert len(to_find(scene(1)).found) <= 40


def flat(colour: object = (90, 120, 60), size: tuple[int, int] = (200, 100)) -> Image.Image:
    return Image.new("RGB", size, colour)


def noise() -> Image.Image:
    levels = np.random.default_rng(1).normal(128, 3, (300, 400, 1)).repeat(3, 2)
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


PLAIN = {
    "one colour": flat,
    "white": lambda: flat("white"),
    "grey of 16 bits": lambda: Image.fromarray(np.full((80, 80), 30_000, np.uint16)),
    "one pixel": lambda: flat(size=(1, 1)),
    "one row": lambda: flat(size=(5000, 1)),
    "a wall in poor light": noise,
    "all transparent": lambda: Image.new("RGBA", (90, 60), (200, 10, 10, 0)),
    "a slope": lambda: Image.linear_gradient("L").resize((400, 300)),
    "stripes": lambda: Image.fromarray(np.tile(np.repeat([40, 200], 20), (200, 10)).astype(np.uint8)),
}


@pytest.mark.parametrize("make", PLAIN.values(), ids=PLAIN)
@pytest.mark.parametrize("way", [to_keep, to_find])
def test_what_is_like_many_others_has_no_fingerprints_and_says_why(make, way):
    made = way(make())
    assert made.found == ()
    assert "as many pictures do" in made.why_none


@pytest.mark.parametrize("size", [(3000, 7), (7, 3000), (16, 16), (33, 900)])
def test_odd_sizes_have_fingerprints(size):
    kept = to_keep(scene(4).resize(size))
    assert {it.variant for it in kept.found} >= {WHOLE}
    assert distance(to_find(scene(4).resize(size)).found, kept.found)[ISCC] == 0


def moving(seeds, duration, size=(160, 120), form="GIF"):
    frames = [scene(seed).resize(size) for seed in seeds]
    return saved(frames[0], form, save_all=True, append_images=frames[1:], duration=duration, loop=0)


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_later_frames_of_an_animation_are_kept_by_their_time(form):
    kept = to_keep(moving(range(1, 9), 100, form=form))
    assert [it.variant for it in kept.found if it.variant.startswith("frame")] == [
        "frame-200-ms", "frame-400-ms", "frame-600-ms",
    ]  # fmt: skip


def test_an_animation_is_found_at_another_frame_rate():
    twice = moving([seed for seed in range(1, 9) for _ in range(2)], 50, size=(120, 90))
    kept = {it.variant: it.value for it in to_keep(moving(range(1, 9), 100)).found}
    found = {it.variant: it.value for it in to_find(twice).found}
    for name in ("frame-200-ms", "frame-400-ms", "frame-600-ms"):
        assert (int.from_bytes(kept[name]) ^ int.from_bytes(found[name])).bit_count() < 40


def test_an_animation_that_begins_plainly_is_kept_by_its_later_frames():
    frames = [flat(size=(160, 120)), *(scene(seed, (160, 120)) for seed in range(1, 8))]
    kept = to_keep(saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100))
    assert kept.why_none is None
    assert len(kept.found) == 3


def test_pages_of_a_tiff_are_no_animation():
    pages = saved(scene(1), "TIFF", save_all=True, append_images=[scene(2), scene(3)])
    assert not any("frame" in it.variant for it in to_keep(pages).found)


def test_a_large_jpeg_is_looked_up_without_decoding_all_of_it():
    large = saved(scene(5).resize((3000, 2000)), "JPEG", quality=85)
    found = to_find(large)
    assert large.size == (750, 500)
    assert distance(found.found, to_keep(scene(5)).found)[ISCC] <= 8
