"""The soft binding that is signed is the standard's code of all pixels, whatever else is made of the picture."""

from __future__ import annotations

import base64
import io
import math
from dataclasses import replace

import pytest
from PIL import Image, ImageCms, ImageOps

from provenance import Preset, SigningOptions, Workspace
from provenance.catalogue import Catalogue
from provenance.catalogue.places import url_of
from provenance.errors import InvalidClaim
from provenance.manifests import sniff
from provenance.model.fingerprints import ISCC, PHASH, REDUCED, WHOLE
from provenance.signing import see
from provenance.storage import open_source
from tests.support.campaign import cases, picked
from tests.unit.images.scenes import scene

iscc = pytest.importorskip("provenance.fingerprints.iscc", reason="fingerprints need the extra `recovery`")
pytest.importorskip("iscc_lib", reason="fingerprints need the extra `recovery`")

CAPTURE = SigningOptions(preset=Preset.CAPTURE, soft_binding=True)


def stored(picture, form="JPEG", **options):
    target = io.BytesIO()
    picture.save(target, form, **options)
    return target.getvalue()


def large(seed=1):
    """Far more pixels than any thumbnail has."""
    return scene(seed).resize((2400, 1600), Image.Resampling.BICUBIC)


def turned(picture):
    exif = picture.getexif()
    exif[0x0112] = 6
    return stored(picture, quality=85, exif=exif)


def with_profile(picture):
    """Colours of another space: the standard does not look at profiles, thumbnails do."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    return stored(picture, quality=85, icc_profile=profile.tobytes())


def with_alpha(picture):
    picture = picture.convert("RGBA")
    picture.putalpha(Image.radial_gradient("L").resize(picture.size))
    return picture


PICTURES = {
    "JPEG": lambda: stored(large(), quality=85),
    "JPEG of low quality": lambda: stored(large(2), quality=30),
    "a border that JPEG has blurred": lambda: stored(ImageOps.expand(large(3), 90, fill="white"), quality=60),
    "borders in each other": lambda: stored(ImageOps.expand(ImageOps.expand(large(4), 60, "black"), 80, "white")),
    "grey": lambda: stored(large(5).convert("L"), quality=85),
    "CMYK": lambda: stored(large(6).convert("CMYK"), quality=85),
    "turned": lambda: turned(large(7)),
    "a colour profile": lambda: with_profile(large(8)),
    "PNG": lambda: stored(large(9), "PNG", compress_level=1),
    "transparent": lambda: stored(with_alpha(large(10)), "PNG", compress_level=1),
    "WebP": lambda: stored(large(11), "WEBP", quality=70),
    "TIFF": lambda: stored(large(12), "TIFF"),
    "smaller than a thumbnail": lambda: stored(scene(13, (300, 200)), quality=85),
}


USUAL = (
    "JPEG of low quality", "a border that JPEG has blurred", "CMYK", "turned", "a colour profile", "transparent",
    "smaller than a thumbnail",
)  # fmt: skip


@cases("make", picked(PICTURES, *USUAL), more=PICTURES)
def test_what_is_signed_is_the_code_of_all_pixels(make, space):
    data = make()
    store = space.sign(data, options=CAPTURE).store
    (stated,) = [item.data for item in store.active_manifest.assertions if item.label == "c2pa.soft-binding"]
    with Image.open(io.BytesIO(data)) as picture:
        code = iscc.code(picture)
    assert stated["alg"] == ISCC
    # the header of a unit: an Image-Code of 256 bits (IEP-0020)
    assert base64.b64decode(stated["blocks"][0]["value"]) == b"\x21\x07" + code


def seen(data, **options):
    given = open_source(data)
    return see(given, sniff.detect(given.head(sniff.HEAD), given.name), fingerprints=True, **options)


def test_the_thumbnail_is_no_other_for_it():
    data = stored(large(), quality=85)
    alone = see(open_source(data), sniff.detect(data[: sniff.HEAD], ""), thumbnail=512, fingerprints=False).thumbnail
    both = seen(data, thumbnail=512).thumbnail
    one, two = (Image.open(io.BytesIO(item.data)) for item in (alone, both))
    assert max(two.size) == 512
    assert abs(max(one.size) - max(two.size)) <= 26
    levels = zip(one.resize((64, 64)).convert("L").tobytes(), two.resize((64, 64)).convert("L").tobytes(), strict=True)
    assert math.sqrt(sum((a - b) ** 2 for a, b in levels) / 64**2) < 3


def test_a_picture_that_is_too_large_to_be_decoded_whole_is_kept_and_not_stated(space, monkeypatch):
    """Its code would not be the standard's: it is found again in the catalogue all the same."""
    data = stored(large(), quality=85)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 2400 * 1600 - 1)
    sight = seen(data, thumbnail=512)
    assert {item.variant for item in sight.fingerprints if item.method == ISCC} >= {REDUCED}
    assert WHOLE not in {item.variant for item in sight.fingerprints if item.method == ISCC}
    assert PHASH in {item.method for item in sight.fingerprints}
    assert sight.thumbnail is not None
    with pytest.raises(InvalidClaim, match="are for a catalogue alone"):
        space.sign(data, options=CAPTURE)
    Catalogue.create(url_of("", space.settings.home)).close()
    keeping = Workspace(space.settings)
    store = keeping.sign(data, options=replace(CAPTURE, soft_binding=None)).store
    assert not [item for item in store.active_manifest.assertions if item.label == "c2pa.soft-binding"]
    assert keeping.recover(stored(large(), quality=40)).found[0].label == store.active


def test_what_cannot_be_decoded_says_so(space):
    cut_off = stored(large(), quality=85)[:-200_000]
    assert (seen(cut_off, thumbnail=64).why_none, seen(cut_off, thumbnail=64).thumbnail) == (
        "its picture cannot be decoded here",
        None,
    )
    with pytest.raises(InvalidClaim, match="no soft binding can be made of it"):
        space.sign(cut_off, options=CAPTURE)


def test_an_animation_whose_end_is_missing_is_kept_by_its_beginning():
    frames = [scene(number, (320, 240)) for number in range(6)]
    whole = stored(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)
    sight = seen(whole[: len(whole) // 2], thumbnail=64)
    assert sight.why_none is None
    assert WHOLE in {item.variant for item in sight.fingerprints}
    assert sight.thumbnail is not None
