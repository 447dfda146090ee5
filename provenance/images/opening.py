"""Open pictures of every kind that can be decoded here, and bring them upright and into sRGB."""

from __future__ import annotations

import io
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image as Picture

_ORIENTATION = 0x0112
_HEAD = 64
"""Bytes from the beginning that suffice to tell HEIC from others."""
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_RESIZABLE = {"RGB", "RGBA", "L", "CMYK", "YCbCr"}
# EXIF orientation: `PIL.Image.Transpose` that undoes it
_TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
_SIDEWAYS = {5, 6, 7, 8}
# `warnings.catch_warnings` changes the state of the whole process: one thread at a time
_OPENING = threading.Lock()


def open_picture(data: bytes | BinaryIO) -> Picture:
    """Open a picture without decoding it; a stream has to stay open for as long as the picture.

    Raises what the decoders raise, and ImportError for HEIC without `heic`.
    """
    from PIL import Image  # noqa: PLC0415 - heavy

    stream = io.BytesIO(data) if isinstance(data, bytes) else data
    head = stream.read(_HEAD)
    stream.seek(0)
    if is_heif(head):
        from pi_heif import HeifImageFile  # noqa: PLC0415 - an extra

        opened: Picture = HeifImageFile(stream)
        return opened
    with _quiet():
        return Image.open(stream)


def shown_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height of an AVIF, HEIC or HEIF as it is shown, without decoding it.

    None for what cannot be opened here: broken files, and HEIC without the extra `heic`.
    """
    try:
        with open_picture(data) as image:
            sideways = image.getexif().get(_ORIENTATION, 1) in _SIDEWAYS
            return image.size[::-1] if sideways else image.size
    except Exception:  # noqa: BLE001 - decoders raise anything on hostile files
        return None


def is_heif(data: bytes) -> bool:
    """Whether these are bytes of HEIC or HEIF, or the first of them, which take the extra `heic`."""
    return data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS and b"avif" not in data[16:64]


def is_too_large(image: Picture) -> bool:
    """Whether decoding takes more pixels than Pillow holds to be safe; JPEG is decoded at a fraction of its size."""
    from PIL import Image  # noqa: PLC0415 - heavy

    limit = Image.MAX_IMAGE_PIXELS
    return bool(limit) and image.format not in {"JPEG", "MPO"} and image.width * image.height > cast("int", limit)


def reduced(
    image: Picture, size: tuple[int, int], *, draft: tuple[int, int] | None, gap: float
) -> tuple[Picture, tuple[int, int]]:
    """Return the picture upright, in RGB or RGBA of sRGB and within `size` pixels, and how large it is itself.

    It is never made larger. `size` and `draft` are widths and heights as stored; what is returned is upright. Decoders
    that can may stop at `draft` pixels; `gap` is how far above the wanted size cheap reducing ends (`Image.resize`).
    """
    from PIL import Image  # noqa: PLC0415 - heavy

    load_if_noisy(image)
    whole = image.size
    if draft is not None:
        image.draft(None, draft)
    small = image if image.mode in _RESIZABLE else _in_eight_bits(image)
    small.thumbnail(size, Image.Resampling.BICUBIC, reducing_gap=gap)
    with _quiet():
        small.load()  # one that is small already was not loaded for resizing
        # read after loading: a TIFF is turned while it is loaded, and then has no orientation any more
        orientation = image.getexif().get(_ORIENTATION, 1)
    turn = _TURNS.get(orientation)
    upright = small if turn is None else small.transpose(Image.Transpose(turn))
    return _in_srgb(upright, image.info.get("icc_profile")), whole[::-1] if orientation in _SIDEWAYS else whole


def load_if_noisy(image: Picture) -> None:
    """Decode a TIFF: its directories are read once more while it is loaded, and warned of."""
    if image.format == "TIFF":
        with _quiet():
            image.load()


@contextmanager
def _quiet() -> Iterator[None]:
    with _OPENING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


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
