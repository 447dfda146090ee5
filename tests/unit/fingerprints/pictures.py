"""Pictures of every form that decoders give, drawn so that they are the same everywhere."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw, ImageOps

SIZE = (300, 200)


def drawn() -> Image.Image:
    """Draw shapes over a slope: nothing that depends on a font or on chance."""
    image = Image.linear_gradient("L").rotate(90).resize(SIZE).convert("RGB")
    brush = ImageDraw.Draw(image)
    for number in range(24):
        x, y, radius = 37 * number % 300, 53 * number % 200, 12 + 7 * number % 41
        colour = (61 * number % 256, 101 * number % 256, 151 * number % 256)
        (brush.ellipse if number % 2 else brush.rectangle)((x - radius, y - radius, x + radius, y + radius), colour)
    return image


def _with_alpha() -> Image.Image:
    image = drawn().convert("RGBA")
    mask = Image.new("L", SIZE)
    ImageDraw.Draw(mask).ellipse((40, 20, 260, 180), fill=200)
    image.putalpha(mask)
    return image


def _palette(*, transparent: bool = False) -> Image.Image:
    image = drawn().quantize(64, dither=Image.Dither.NONE)
    if transparent:
        image.info["transparency"] = image.getpixel((150, 100))
    return image


def _turned() -> Image.Image:
    """Store it sideways, with the orientation that says so."""
    image = drawn().transpose(Image.Transpose.ROTATE_90)
    exif = image.getexif()
    exif[0x0112] = 6
    return saved(image, "PNG", exif=exif)


def saved(image: Image.Image, form: str, **options: object) -> Image.Image:
    """Store a picture and open it again."""
    target = io.BytesIO()
    image.save(target, form, **options)
    return Image.open(io.BytesIO(target.getvalue()))


def framed(*widths: int, fill: object = "white") -> Image.Image:
    """Set borders around it, one after the other."""
    image = drawn()
    for number, width in enumerate(widths):
        image = ImageOps.expand(image, width, fill=fill if number % 2 == 0 else (30, 60, 90))
    return image


def sixteen_bits() -> Image.Image:
    return Image.fromarray(np.asarray(drawn().convert("L"), dtype=np.uint16) * 257)


FORMS = {
    "RGB": drawn,
    "L": lambda: drawn().convert("L"),
    "1": lambda: drawn().convert("1", dither=Image.Dither.NONE),
    "LA": lambda: _with_alpha().convert("LA"),
    "RGBA": _with_alpha,
    "P": _palette,
    "P, transparent": lambda: _palette(transparent=True),
    "CMYK": lambda: drawn().convert("CMYK"),
    "YCbCr": lambda: drawn().convert("YCbCr"),
    "turned by EXIF": _turned,
    "border": lambda: framed(25),
    "borders in each other": lambda: framed(10, 20, 15),
    "nearly white border": lambda: framed(25, fill=(250, 249, 244)),
    "one side": lambda: ImageOps.expand(drawn(), (0, 40, 0, 0), fill="black"),
    "GIF": lambda: saved(drawn().quantize(64, dither=Image.Dither.NONE), "GIF"),
}
"""As iscc-sdk takes them."""
