"""What comparing is measured on: photographs where they are there, drawn scenes, pages, and edits of known places."""

from __future__ import annotations

import io
import math
import warnings
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Picture = Image.Image
Random = np.random.Generator
Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels."""

PHOTOGRAPHS = Path(__file__).resolve().parents[2] / "shared" / "vectors"
NAMES = (
    "python__A.jpg", "python__P1000827.jpg", "python__cloud.jpg", "python__mars.webp", "python__sample1.avif",
    "python__sample1.webp", "rs__no_alg.jpg", "rs__ocsp.jpg", "rs__ocsp_with_assertion.jpg",
)  # fmt: skip
SCENES, PAGES = 8, 4


@cache
def scene(seed: int, width: int = 900, height: int = 600) -> Picture:
    """Draw leaves of all sizes over each other, with grain: statistics like those of photographs."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", (width, height), tuple(random.integers(60, 190, 3).tolist()))
    brush = ImageDraw.Draw(image)
    for number in range(900):
        radius = min(200, 8 * (1 - random.random()) ** -0.7) * (1.6 - number / 750) * width / 900
        x, y = random.random(2) * (width, height)
        colour = tuple(np.clip(random.normal(115, 50, 3), 0, 255).astype(int).tolist())
        stretch = 0.5 + random.random()
        box = (x - radius * stretch, y - radius, x + radius * stretch, y + radius)
        (brush.ellipse if number % 3 else brush.rectangle)(box, fill=colour)
    levels = np.asarray(image.filter(ImageFilter.GaussianBlur(0.8)), dtype=np.float32)
    return Image.fromarray(np.clip(levels + random.normal(0, 4, (height, width, 1)), 0, 255).astype(np.uint8))


@cache
def page(seed: int) -> Picture:
    """Print a page of made-up words; all pages have one layout."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", (800, 1000), "white")
    brush, font = ImageDraw.Draw(image), ImageFont.load_default(18)
    for y in range(50, 940, 25):
        line = ""
        while brush.textlength(line, font=font) < 640:
            line += "".join(chr(97 + it) for it in random.integers(0, 26, random.integers(2, 10))) + " "
        brush.text((60, y), line, fill="black", font=font)
    return image


@cache
def pictures() -> tuple[Picture, ...]:
    """Give photographs, where the folder of public test files is there, and scenes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [Image.open(PHOTOGRAPHS / name).convert("RGB") for name in NAMES if (PHOTOGRAPHS / name).is_file()]
    return (*found, *(scene(seed) for seed in range(SCENES)))


def stored(image: Picture, quality: int = 85) -> bytes:
    """Store a picture as JPEG."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


# ---- edits


def edited(image: Picture, kind: str, random: Random, share: float) -> tuple[Picture, Box]:
    """Edit an oval (or write a word) of that share of the picture; returns the box of what became another."""
    shape = 4.0 if kind == "text" else math.exp(random.uniform(-0.5, 0.5))
    width = round(min(0.9 * image.width, math.sqrt(share * image.width * image.height * shape)))
    height = round(min(0.9 * image.height, math.sqrt(share * image.width * image.height / shape)))
    left, top = int(random.integers(0, image.width - width)), int(random.integers(0, image.height - height))
    box = (left, top, left + width, top + height)
    out = image.copy()
    if kind == "text":
        dark = np.asarray(image.crop(box)).mean() < 140
        font = ImageFont.load_default(height * 0.8)
        ImageDraw.Draw(out).text(
            (left, top), "BREAKING"[: max(3, width // height * 2)], font=font, fill="white" if dark else "black"
        )
    else:
        mask = Image.new("L", image.size)
        ImageDraw.Draw(mask).ellipse(box, fill=255)
        out.paste(_other(image, kind, box, random), mask=mask.filter(ImageFilter.GaussianBlur(1)))
    differs = np.abs(np.asarray(out, dtype=int) - np.asarray(image, dtype=int)).max(-1) > 10
    rows, columns = np.flatnonzero(differs.any(1)), np.flatnonzero(differs.any(0))
    if len(rows) < 6 or len(columns) < 6:
        return edited(image, kind, random, share)  # it fell on something flat, and nothing is to be seen
    return out, (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def _other(image: Picture, kind: str, box: Box, random: Random) -> Picture:
    """Draw what is seen through the oval."""
    size = box[2] - box[0], box[3] - box[1]
    if kind == "pasted":
        return scene(int(random.integers(50, 55)), *image.size)
    if kind == "blurred":
        return image.filter(ImageFilter.GaussianBlur(max(2.0, 0.08 * math.sqrt(size[0] * size[1]))))
    if kind == "cloned":
        shift = [int(it) for it in random.integers(max(size), 2 * max(size), 2)]
        return Image.fromarray(np.roll(np.asarray(image), shift, (0, 1)))
    if kind == "removed":
        out = image.copy()
        out.paste(image.crop(box).resize((3, 3), Image.Resampling.BOX).resize(size, Image.Resampling.BICUBIC), box[:2])
        return out
    hue, saturation, value = image.convert("HSV").split()
    turned = hue.point(lambda it: (it + 100) % 256)
    return Image.merge("HSV", (turned, saturation.point(lambda it: min(255, it + 60)), value)).convert("RGB")


EDITS = ("pasted", "text", "blurred", "cloned", "removed", "recoloured")


def overlap(one: Box, two: Box) -> float:
    """Intersection over union."""
    width, height = (min(one[it + 2], two[it + 2]) - max(one[it], two[it]) for it in (0, 1))
    both = max(0, width) * max(0, height)
    return both / (sum((it[2] - it[0]) * (it[3] - it[1]) for it in (one, two)) - both)
