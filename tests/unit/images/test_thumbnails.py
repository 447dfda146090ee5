from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from provenance.images import make_thumbnail
from tests.unit.metadata.samples import VECTORS, png_chunk, saved


def opened(data: bytes, size: int = 64) -> Image.Image:
    thumbnail = make_thumbnail(data, size=size)
    assert thumbnail is not None
    image = Image.open(io.BytesIO(thumbnail.data))
    assert thumbnail.media_type == f"image/{image.format.lower()}"
    return image


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def halves(mode: str = "RGB", size: tuple[int, int] = (200, 100)) -> Image.Image:
    """Return a picture whose upper left quarter is white and whose rest is black."""
    image = Image.new("L", size, 0)
    image.paste(255, (0, 0, size[0] // 2, size[1] // 2))
    return image.convert(mode)


MODES = [
    ("1", "PNG", "JPEG"), ("L", "PNG", "JPEG"), ("L", "JPEG", "JPEG"), ("P", "PNG", "JPEG"), ("P", "GIF", "JPEG"),
    ("RGB", "JPEG", "JPEG"), ("RGB", "PNG", "JPEG"), ("RGB", "WEBP", "JPEG"), ("RGB", "AVIF", "JPEG"),
    ("RGB", "TIFF", "JPEG"), ("CMYK", "JPEG", "JPEG"), ("CMYK", "TIFF", "JPEG"), ("RGBA", "PNG", "JPEG"),
    ("LA", "PNG", "JPEG"), ("I", "TIFF", "JPEG"), ("F", "TIFF", "JPEG"), ("YCbCr", "JPEG", "JPEG"),
]  # fmt: skip


@pytest.mark.parametrize(("mode", "form", "expected"), MODES, ids=[f"{mode}-{form}" for mode, form, _ in MODES])
def test_every_mode(mode, form, expected):
    image = opened(encoded(halves(mode), form))
    assert image.format == expected
    assert image.size == (64, 32)
    assert image.mode == "RGB"
    assert min(image.getpixel((8, 8))) > 235
    assert max(image.getpixel((56, 24))) < 20


def test_sixteen_bit_grey_keeps_its_tones():
    ramp = np.tile(np.linspace(0, 65535, 256).astype(np.uint16), (64, 1))
    image = opened(encoded(Image.fromarray(ramp), "PNG"), 256)
    assert abs(image.getpixel((128, 32))[0] - 128) < 6


TRANSPARENT = {
    "rgba": encoded(Image.new("RGBA", (100, 100), (255, 0, 0, 128)), "PNG"),
    "la": encoded(Image.new("LA", (100, 100), (200, 128)), "PNG"),
    "webp": encoded(Image.new("RGBA", (100, 100), (255, 0, 0, 128)), "WEBP"),
    "palette": encoded(Image.new("P", (100, 100), 0), "PNG", transparency=0),
    "palette-bytes": encoded(Image.new("P", (100, 100), 0), "PNG", transparency=b"\x80"),
    "rgb-key": encoded(Image.new("RGB", (100, 100), (1, 2, 3)), "PNG", transparency=(1, 2, 3)),
    "gif": encoded(Image.new("P", (100, 100), 0), "GIF", transparency=0),
}


@pytest.mark.parametrize("data", TRANSPARENT.values(), ids=TRANSPARENT)
def test_transparent_pictures_become_png(data):
    image = opened(data)
    assert (image.format, image.mode) == ("PNG", "RGBA")
    assert image.getpixel((5, 5))[3] < 255


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_orientation_is_applied(form, orientation):
    """Turn the picture the other way, say so, and find it upright."""
    turned = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}.get(orientation)
    image = halves() if turned is None else halves().transpose(Image.Transpose(turned))
    mark = Image.Exif()
    mark[0x0112] = orientation
    small = opened(encoded(image, form, exif=mark))
    assert small.size == (64, 32)
    assert min(small.getpixel((8, 8))) > 200
    assert max(small.getpixel((56, 24))) < 50
    assert max(small.getpixel((56, 8))) < 50
    assert max(small.getpixel((8, 24))) < 50


def test_nothing_is_enlarged():
    assert opened(encoded(halves(size=(20, 10)), "PNG"), 512).size == (20, 10)


@pytest.mark.parametrize("size", [(1, 4000), (4000, 1)])
def test_very_long_pictures(size):
    assert max(opened(encoded(Image.new("RGB", size), "PNG")).size) == 64


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_no_metadata_is_kept(form, mode):
    if (form, mode) == ("JPEG", "RGBA"):
        pytest.skip("JPEG has no transparency")
    mark = Image.Exif()
    mark[0x010F] = "Maker"
    mark.get_ifd(0x8825)[1] = "N"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new(mode, (100, 100), (9, 9, 9, 99)[: len(mode)])
    options = {"exif": mark, "icc_profile": profile, "dpi": (300, 300)}
    small = opened(encoded(image, form, **options, **({"comment": b"secret"} if form == "JPEG" else {})))
    assert not dict(small.getexif())
    assert not {"exif", "icc_profile", "comment", "xmp", "dpi"} & set(small.info)


def test_colours_are_turned_into_srgb():
    """A profile whose red and green are exchanged shows that it is used."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"tmp_").replace(b"gXYZ", b"rXYZ").replace(b"tmp_", b"gXYZ")
    small = opened(encoded(Image.new("RGB", (100, 100), (255, 0, 0)), "PNG", icc_profile=swapped))
    red, green, _ = small.getpixel((5, 5))
    assert green > 200
    assert red < 50


def test_a_broken_profile_is_ignored():
    assert opened(encoded(halves(), "PNG", icc_profile=b"rubbish" * 40)).size == (64, 32)


def test_the_first_frame_of_an_animation():
    frames = [Image.new("RGB", (50, 50), colour) for colour in ("white", "black")]
    for form in ("GIF", "WEBP", "PNG"):
        data = encoded(frames[0], form, save_all=True, append_images=frames[1:])
        assert min(opened(data).getpixel((5, 5))) > 240


HUGE = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 12_000, 9_000, 8, 2, 0, 0, 0))
HUGE += png_chunk(b"IDAT", zlib.compress(b"")) + png_chunk(b"IEND", b"")
BAD = {
    "empty": b"",
    "text": b"not a picture",
    "truncated": saved("JPEG")[:300],
    "bomb-warned-of": HUGE,
    "bomb": HUGE.replace(struct.pack(">II", 12_000, 9_000), struct.pack(">II", 60_000, 60_000)),
    "broken-heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "mp4": b"\0\0\0\x18ftypisom\0\0\0\0isommp42",
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_no_thumbnail_of_what_cannot_be_decoded(data):
    assert make_thumbnail(data, size=64) is None


@given(st.sampled_from(["JPEG", "PNG", "TIFF", "GIF"]), st.floats(0, 1), st.binary(min_size=1, max_size=8))
def test_damage_never_raises(form, at, patch):
    data = bytearray(encoded(halves(), form))
    position = int(at * len(data))
    data[position : position + len(patch)] = patch
    make_thumbnail(bytes(data), size=64)


@pytest.mark.skipif(not VECTORS.is_dir(), reason="the public test files are not here")
@pytest.mark.parametrize("name", ["python__sample1.heic", "python__sample1.avif", "python__mars.webp", "rs__C.jpg"])
def test_public_files(name):
    if name.endswith("heic"):
        pytest.importorskip("pi_heif")
    assert max(opened((VECTORS / name).read_bytes(), 128).size) == 128


def test_heic_without_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pi_heif", None)
    assert make_thumbnail(BAD["broken-heic"], size=64) is None
