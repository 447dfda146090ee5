"""Make pictures small: upright, without any metadata, as thumbnails and to look at."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

from provenance.images.opening import is_too_large, open_picture, reduced
from provenance.model.media import Thumbnail

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

QUALITY = 80
_NEAR = 0.95
"""How much smaller than asked for a thumbnail may be when that is cheaper."""


def make_thumbnail(data: bytes | BinaryIO, *, size: int) -> Thumbnail | None:
    """Return a picture that fits into `size` × `size` pixels and is never larger than its source, encoded.

    Raises nothing: None for what `make_small` cannot make small.
    """
    small = make_small(data, size=size)
    return None if small is None else encoded(small)


def make_small(data: bytes | BinaryIO, *, size: int) -> Picture | None:
    """Decode a picture so that it fits into `size` × `size` pixels; it is never larger than its source.

    A stream is read as far as decoding needs it: the file is not held whole.
    It may be a twentieth smaller than asked for when that is cheaper. The first frame of an animation is taken, the
    orientation of EXIF is applied, colours are in sRGB. Returns None for what cannot be decoded here: broken or
    foreign files, pictures of more pixels than Pillow takes to be safe, and HEIC without the extra `heic`.
    """
    try:
        return _reduce(data, size)
    except Exception:  # noqa: BLE001 - decoders raise anything on hostile files
        return None


def _reduce(data: bytes | BinaryIO, size: int) -> Picture | None:
    with open_picture(data) as image:
        return None if is_too_large(image) else shrink(image, size=size)


def shrink(image: Picture, *, size: int) -> Picture:
    """Do with an open picture what `make_small` does; it is not what it was afterwards. Raises what decoders raise.

    One that was not decoded yet is decoded no further than this takes.
    """
    # Half a tenth smaller is not seen, and often lets the decoder work at half the scale.
    scale = _NEAR * size / max(image.size)
    draft = (round(image.width * scale), round(image.height * scale)) if scale < 1 else None
    small, _ = reduced(image, (size, size), draft=draft, gap=1.1)
    return small


def encoded(image: Picture) -> Thumbnail:
    """Return a picture as a file: JPEG where it is opaque, else PNG; nothing but pixels is kept."""
    image.info.clear()  # some writers take comments and profiles from there
    out = io.BytesIO()
    alpha = image.getchannel("A").getextrema() if image.mode == "RGBA" else (255, 255)
    if alpha == (255, 255):
        image.convert("RGB").save(out, "JPEG", quality=QUALITY)
        return Thumbnail(media_type="image/jpeg", data=out.getvalue())
    image.save(out, "PNG")
    return Thumbnail(media_type="image/png", data=out.getvalue())
