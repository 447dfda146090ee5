"""Pictures to compare: scenes of leaves that cover each other, as detailed as photographs, and edits of them."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIZE = (600, 400)


@cache
def scene(seed: int = 1, size: tuple[int, int] = SIZE) -> Image.Image:
    """Draw leaves of all sizes over each other, soft edges, a slow shade and a little grain."""
    rng = np.random.default_rng(seed)
    width, height = size
    image = Image.new("RGB", size, tuple(rng.integers(60, 190, 3).tolist()))
    brush = ImageDraw.Draw(image)
    for number in range(600):
        radius = min(150, 6 * (1 - rng.random()) ** -0.7) * (1.6 - number / 500)
        x, y = rng.random(2) * size
        colour = tuple(np.clip(rng.normal(115, 45, 3), 0, 255).astype(int).tolist())
        stretch = 0.5 + rng.random()
        box = (x - radius * stretch, y - radius, x + radius * stretch, y + radius)
        if number % 3:
            brush.ellipse(box, fill=colour)
        else:
            brush.rectangle(box, fill=colour)
    levels = np.asarray(image.filter(ImageFilter.GaussianBlur(0.7)), dtype=np.float32)
    levels = levels + rng.normal(0, 3, (height, width, 1)) + np.linspace(-15, 15, width)[None, :, None]
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


@cache
def page(seed: int = 1, size: tuple[int, int] = (600, 760)) -> Image.Image:
    """Print lines of made-up words: pages of one layout look alike from afar."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", size, "white")
    brush, font = ImageDraw.Draw(image), ImageFont.load_default(15)
    for y in range(40, size[1] - 50, 21):
        line = ""
        while brush.textlength(line, font=font) < size[0] - 150:
            line += "".join(chr(97 + letter) for letter in rng.integers(0, 26, rng.integers(2, 10))) + " "
        brush.text((45, y), line, fill="black", font=font)
    return image


def as_jpeg(image: Image.Image, quality: int = 85, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, "JPEG", quality=quality, **options)
    return target.getvalue()


def as_png(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def pasted(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """Put an oval of another scene there."""
    return _oval(image, scene(99, image.size), box)


def blurred(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """Blur an oval, as faces are."""
    return _oval(image, image.filter(ImageFilter.GaussianBlur(7)), box)


def cloned(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """Cover an oval with what is seen a third of the width further."""
    moved = Image.fromarray(np.roll(np.asarray(image), image.width // 3, axis=1))
    return _oval(image, moved, box)


def removed(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """Fill an oval with the colours around it."""
    around = image.crop(box).resize((2, 2), Image.Resampling.BOX).resize((box[2] - box[0], box[3] - box[1]))
    filled = image.copy()
    filled.paste(around, box[:2])
    return _oval(image, filled, box)


def recoloured(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """Exchange red and blue in an oval."""
    red, green, blue = image.split()
    return _oval(image, Image.merge("RGB", (blue, red, green)), box)


def written(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """Write a word that fills the box."""
    font = ImageFont.load_default(box[3] - box[1])
    left, top, right, bottom = font.getbbox("Exclusive")
    word = Image.new("L", (int(right - left), int(bottom - top)))
    ImageDraw.Draw(word).text((-left, -top), "Exclusive", fill=255, font=font)
    out = image.copy()
    out.paste("white", box[:2], word.resize((box[2] - box[0], box[3] - box[1])))
    return out


def _oval(image: Image.Image, other: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).ellipse(box, fill=255)
    out = image.copy()
    out.paste(other, mask=mask.filter(ImageFilter.GaussianBlur(1)))
    return out


def overlap(one: tuple[int, int, int, int], two: tuple[int, int, int, int]) -> float:
    """Intersection over union of two boxes (left, top, right, bottom)."""
    width = min(one[2], two[2]) - max(one[0], two[0])
    height = min(one[3], two[3]) - max(one[1], two[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / (sum((it[2] - it[0]) * (it[3] - it[1]) for it in (one, two)) - both)
