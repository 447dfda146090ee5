"""Make thumbnails: small, upright, and without any metadata."""

from __future__ import annotations

import io
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from provenance.model.media import Thumbnail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image as Picture

QUALITY = 80
_NEAR = 0.95
"""How much smaller than asked for a thumbnail may be when that is cheaper."""

_ORIENTATION = 0x0112
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_RESIZABLE = {"RGB", "RGBA", "L", "CMYK", "YCbCr"}
# EXIF orientation: `PIL.Image.Transpose` that undoes it
_TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
# `warnings.catch_warnings` changes the state of the whole process: one thread at a time
_OPENING = threading.Lock()


def make_thumbnail(data: bytes, *, size: int) -> Thumbnail | None:
    """Return a picture that fits into `size` × `size` pixels and is never larger than its source.

    It may be a twentieth smaller than asked for when that is cheaper. Opaque pictures become JPEG, others
    PNG; the first frame of an animation is taken, the orientation of EXIF
    is applied, and nothing but pixels is kept. Returns None for what cannot be decoded here: broken or
    foreign files, pictures of more pixels than Pillow takes to be safe, and HEIC without the extra `heic`.
    """
    try:
        small = _reduce(data, size)
        return None if small is None else _encode(small)
    except Exception:  # noqa: BLE001 - decoders raise anything on hostile files
        return None


def _reduce(data: bytes, size: int) -> Picture | None:
    from PIL import Image  # noqa: PLC0415 - heavy

    with _open(data) as image:
        # JPEG is decoded at a fraction of its size, everything else in full
        limit = Image.MAX_IMAGE_PIXELS
        if limit and image.format not in {"JPEG", "MPO"} and image.width * image.height > limit:
            return None
        if image.format == "TIFF":
            with _quiet():  # its directories are read once more while it is loaded, and warned of
                image.load()
        # Half a tenth smaller is not seen, and often lets the decoder work at half the scale.
        scale = _NEAR * size / max(image.size)
        if scale < 1:
            image.draft(None, (round(image.width * scale), round(image.height * scale)))
        small = image if image.mode in _RESIZABLE else _in_eight_bits(image)
        small.thumbnail((size, size), Image.Resampling.BICUBIC, reducing_gap=1.1)
        with _quiet():
            small.load()  # one that is small already was not loaded for resizing
            # read after loading: a TIFF is turned while it is loaded, and then has no orientation any more
            orientation = image.getexif().get(_ORIENTATION, 1)
        turn = _TURNS.get(orientation)
        upright = small if turn is None else small.transpose(Image.Transpose(turn))
        return _in_srgb(upright, image.info.get("icc_profile"))


@contextmanager
def _quiet() -> Iterator[None]:
    with _OPENING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _open(data: bytes) -> Picture:
    from PIL import Image  # noqa: PLC0415 - heavy

    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS and b"avif" not in data[16:64]:
        from pi_heif import HeifImageFile  # noqa: PLC0415 - an extra

        opened: Picture = HeifImageFile(io.BytesIO(data))
        return opened
    with _quiet():
        return Image.open(io.BytesIO(data))


def _in_eight_bits(image: Picture) -> Picture:
    """Turn palettes, bitmaps and deep greys into what can be resized smoothly."""
    if image.mode.startswith("I;16"):
        return image.point(lambda value: value * (1 / 257)).convert("L")
    if image.mode in {"I", "F"}:
        # no maximum is laid down for these: the darkest becomes black and the brightest white
        low, high = cast("tuple[float, float]", image.getextrema())
        scale = 255 / (high - low) if high > low else 0
        return image.point(lambda value: value * scale - low * scale).convert("L")
    if image.mode == "1":
        return image.convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _in_srgb(image: Picture, profile: bytes | None) -> Picture:
    """Return the picture in RGB or RGBA, by way of its colour profile when that is usable."""
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if profile and image.mode in {"RGB", "RGBA", "CMYK"}:
        from PIL import ImageCms  # noqa: PLC0415 - heavy

        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            turned = ImageCms.profileToProfile(image, source, target, outputMode=mode)
        except (ImageCms.PyCMSError, OSError, ValueError):
            turned = None
        if turned is not None:
            return turned
    return image if image.mode == mode else image.convert(mode)


def _encode(image: Picture) -> Thumbnail:
    image.info.clear()  # some writers take comments and profiles from there
    out = io.BytesIO()
    alpha = image.getchannel("A").getextrema() if image.mode == "RGBA" else (255, 255)
    if alpha == (255, 255):
        image.convert("RGB").save(out, "JPEG", quality=QUALITY)
        return Thumbnail(media_type="image/jpeg", data=out.getvalue())
    image.save(out, "PNG")
    return Thumbnail(media_type="image/png", data=out.getvalue())
