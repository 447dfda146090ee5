"""Pictures of every kind are compared; what cannot be is refused, or not aligned, with a reason."""

from __future__ import annotations

import io
import struct
import sys
import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from provenance.errors import MediaError, UnreadableMedia, UnsupportedMedia
from provenance.images.difference import compare
from tests.support.campaign import cases, examples
from tests.unit.images.scenes import SIZE, as_jpeg, as_png, pasted, scene
from tests.unit.metadata.samples import png_chunk

SCENE = as_jpeg(scene(), 92)


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, form, **options)
    return target.getvalue()


def bomb(width: int, height: int) -> bytes:
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + png_chunk(b"IDAT", zlib.compress(b"")) + png_chunk(b"IEND", b"")


BROKEN = {
    "empty": (b"", UnreadableMedia, "is empty"),
    "cut off": (SCENE[:4000], UnreadableMedia, "broken or cut off picture"),
    "png cut off": (as_png(scene())[:9000], UnreadableMedia, "broken or cut off picture"),
    "broken heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", MediaError, "HEIC"),
    "text": (b"not a picture", UnsupportedMedia, "not of a kind that can be looked at"),
    "video": (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", UnsupportedMedia, "not of a kind that can be looked at"),
    "too large": (bomb(12_000, 9_000), UnsupportedMedia, "more pixels than can be decoded safely"),
    "bomb": (bomb(60_000, 60_000), UnsupportedMedia, "more pixels than can be decoded safely"),
}


@pytest.mark.parametrize(("data", "kind", "said"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("first", [True, False])
def test_what_cannot_be_decoded_is_refused_with_a_reason(data, kind, said, first):
    with pytest.raises(kind, match=said) as raised:
        compare(*((data, SCENE) if first else (SCENE, data)))
    assert raised.value.message.startswith(f"the {'newer' if first else 'older'} picture")
    assert raised.value.hint or not data


@examples(10, campaign=100, like=settings(deadline=None))
@given(st.sampled_from(["JPEG", "PNG", "GIF", "TIFF"]), st.floats(0, 1), st.binary(min_size=1, max_size=8))
def test_damage_gives_an_answer_or_a_reason(form, at, patch):
    data = bytearray(saved(scene(2, (160, 120)), form))
    position = int(at * len(data))
    data[position : position + len(patch)] = patch
    with suppress(MediaError):
        found = compare(bytes(data), as_png(scene(2, (160, 120))))
        assert (found.alignment is None) == (found.why_not is not None)


def test_without_numpy_the_extra_is_named(monkeypatch):
    for name in [*sys.modules]:
        if name.startswith("provenance.images.") and name != "provenance.images.difference":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(UnsupportedMedia, match=r"not installed \(numpy\)") as raised:
        compare(SCENE, SCENE)
    assert raised.value.hint == 'pip install "media-provenance[compare]"'


def test_without_the_heic_extra_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(UnsupportedMedia, match="HEIC, and what decodes it is not installed") as raised:
        compare(BROKEN["broken heic"][0], SCENE)
    assert raised.value.hint == 'pip install "media-provenance[heic]"'


FLAT = Image.new("RGB", (300, 200), (180, 40, 40))
NOT_ALIGNED = {
    "one pixel": (Image.new("RGB", (1, 1)), "picture is too small to be compared (1 × 1 pixels"),
    "a thin line": (Image.new("RGB", (1, 5000)), "picture is too small to be compared"),
    "flat": (FLAT, "picture has too little detail"),
    "wholly transparent": (Image.new("RGBA", (300, 200), (255, 0, 0, 0)), "picture has too little detail"),
}


@pytest.mark.parametrize(("odd", "said"), NOT_ALIGNED.values(), ids=NOT_ALIGNED)
def test_what_has_nothing_to_align_by_is_not_aligned(odd, said):
    found = compare(as_png(odd), SCENE)
    assert f"the newer {said}" in found.why_not
    assert (found.alignment, found.changed, found.heat_map) == (None, None, None)
    assert (found.size, found.older_size) == (odd.size, SIZE)
    assert f"the older {said}" in compare(SCENE, as_png(odd)).why_not


def test_two_flat_pictures_of_different_colours_are_not_aligned():
    found = compare(as_png(FLAT), as_png(Image.new("RGB", FLAT.size, "blue")))
    assert found.why_not == "the newer and the older picture have too little detail"


def test_equal_pictures_are_equal_even_without_detail():
    found = compare(as_png(FLAT), saved(FLAT, "TIFF"))
    assert found.alignment.certainty == 1
    assert (found.changed, found.regions) == (0, ())


@cases("size", [(60, 4000), (20_000, 50)], more=[(4000, 60)])
def test_very_long_pictures_are_compared(size):
    data = as_png(scene(3).resize(size))
    found = compare(data, data)
    assert found.alignment is not None
    assert found.changed == 0


GREY = scene().convert("L")
FORMS = {
    "grey": saved(GREY, "PNG"),
    "grey with transparency": saved(GREY.convert("LA"), "PNG"),
    "sixteen bits": saved(Image.fromarray(np.asarray(GREY).astype(np.uint16) * 257), "PNG"),
    "real numbers": saved(GREY.convert("F"), "TIFF"),
    "cmyk": saved(scene().convert("CMYK"), "JPEG", quality=92),
    "opaque rgba": saved(scene().convert("RGBA"), "PNG"),
    "webp": saved(scene(), "WEBP", quality=80),
    "avif": saved(scene(), "AVIF", quality=70),
}


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
def test_a_picture_stored_in_another_form_is_the_same(data):
    found = compare(data, SCENE)
    assert found.alignment is not None
    assert (found.alignment.scale, found.alignment.turned) == (1.0, 0)
    assert found.regions == ()


def test_heic_is_compared(vectors):
    heif = pytest.importorskip("pi_heif")
    path = vectors / "python__sample1.heic"
    with heif.HeifImageFile(path) as image:
        small = image.convert("RGB").resize((480, 320))
    found = compare(as_jpeg(small), path.read_bytes())
    assert found.alignment.scale == pytest.approx(1 / 3, rel=0.01)
    assert found.regions == ()


@cases("orientation", [1, 2, 6, 7], more=range(1, 9))
def test_pictures_are_compared_upright(orientation):
    undone = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}.get(orientation)
    stored = scene() if undone is None else scene().transpose(Image.Transpose(undone))
    mark = Image.Exif()
    mark[0x0112] = orientation
    found = compare(as_jpeg(stored, exif=mark), SCENE)
    assert found.size == SIZE
    assert (found.alignment.mirrored, found.alignment.turned) == (False, 0)


FADED = Image.merge("RGBA", (*scene().split(), Image.new("L", SIZE, 250)))
NOTED = {
    "frames": (saved(scene(), "WEBP", save_all=True, append_images=[scene(2)]), "has several frames or pages"),
    "palette": (saved(scene().quantize(256), "PNG"), "has a palette of few colours"),
    "transparent": (saved(FADED, "PNG"), "is transparent in parts"),
}


@pytest.mark.parametrize(("data", "said"), NOTED.values(), ids=NOTED)
def test_what_limits_a_comparison_is_noted(data, said):
    assert any(note.startswith(f"the newer picture {said}") for note in compare(data, SCENE).notes)
    assert any(note.startswith(f"the older picture {said}") for note in compare(SCENE, data).notes)
    assert not any(said in note for note in compare(SCENE, SCENE).notes)


def test_a_thumbnail_is_said_to_hide_small_changes():
    box = (500, 300, 700, 460)
    whole = scene(4, (1200, 800))
    thumbnail = whole.resize((300, 200), Image.Resampling.BICUBIC)
    found = compare(as_jpeg(pasted(whole, box)), as_jpeg(thumbnail, 80), older_is_thumbnail=True)
    assert "the older picture is only a thumbnail of 300 × 200 pixels" in found.notes
    assert "changes smaller than about 48 pixels cannot be seen" in found.notes
    assert len(found.regions) == 1
    assert abs(found.regions[0].left - box[0]) < 30


def test_the_answer_is_always_the_same():
    newer = as_jpeg(pasted(scene(5), (100, 100, 200, 200)), 60)
    assert compare(newer, as_jpeg(scene(5))) == compare(newer, as_jpeg(scene(5)))
    assert compare(newer, SCENE) == compare(newer, SCENE)
