"""What becomes of a picture on its way: stored again, scaled, cropped, framed, written on, two of these at a time."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    Picture = Image.Image
    Random = np.random.Generator
    Change = Callable[[Picture, Random], Picture]

QUALITIES = (90, 70, 50, 30, 20)
SCALES = (0.5, 0.2, 0.1)
SIDES = ("left", "top", "right", "bottom")
_FILTERS = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS, Image.Resampling.BOX)


def stored(image: Picture, quality: int) -> Picture:
    """Store a picture as JPEG and open that."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Image.open(io.BytesIO(out.getvalue()))


def scaled(image: Picture, scale: float, random: Random) -> Picture:
    """Draw it at another size, by one filter or another."""
    size = max(16, round(image.width * scale)), max(16, round(image.height * scale))
    return image.resize(size, _FILTERS[int(random.integers(len(_FILTERS)))])


def cut(image: Picture, *shares: float) -> Picture:
    """Cut shares of its width and height off the left, the top, the right and the bottom."""
    left, top, right, bottom = shares
    return image.crop(
        (
            round(left * image.width), round(top * image.height),
            round((1 - right) * image.width), round((1 - bottom) * image.height),
        )
    )  # fmt: skip


def one_side(least: float, most: float) -> Change:
    """Crop so much off one side."""

    def change(image: Picture, random: Random) -> Picture:
        shares = [0.0] * 4
        shares[int(random.integers(4))] = random.uniform(least, most)
        return cut(image, *shares)

    return change


def around(least: float, most: float) -> Change:
    """Crop to the middle: so much of width and height is gone, half of it on each side."""

    def change(image: Picture, random: Random) -> Picture:
        share = random.uniform(least, most) / 2
        return cut(image, share, share, share, share)

    return change


def anywhere(least: float, most: float) -> Change:
    """Crop so much of width and of height, more on one side and less on the other, as chance has it."""

    def change(image: Picture, random: Random) -> Picture:
        across, down = random.uniform(least, most, 2)
        left, top = random.random(2)
        return cut(image, across * left, down * top, across * (1 - left), down * (1 - top))

    return change


def in_shape(shape: float) -> Change:
    """Crop to a shape of feeds, about the middle."""

    def change(image: Picture, random: Random) -> Picture:
        size = min(image.width, image.height * shape), min(image.height, image.width / shape)
        across, down = 1 - size[0] / image.width, 1 - size[1] / image.height
        left, top = random.uniform(0.4, 0.6, 2)
        return cut(image, across * left, down * top, across * (1 - left), down * (1 - top))

    return change


def mirrored(image: Picture, _: Random) -> Picture:
    """Exchange left and right."""
    return ImageOps.mirror(image)


def bordered(image: Picture, random: Random) -> Picture:
    """Set an even border around it."""
    width = round(random.uniform(0.02, 0.12) * min(image.size))
    return ImageOps.expand(image, width, fill=_paint(random))


def bannered(image: Picture, random: Random) -> Picture:
    """Set a bar with words above or below it."""
    height = round(random.uniform(0.06, 0.2) * image.height)
    out = Image.new("RGB", (image.width, image.height + height), _paint(random))
    above = bool(random.random() < 0.5)
    out.paste(image, (0, height if above else 0))
    _write(out, random, (0.03 * image.width, (0 if above else image.height) + 0.2 * height), 0.5 * height)
    return out


def barred(image: Picture, random: Random) -> Picture:
    """Set bars on two sides to fill a screen of another shape."""
    width = round(random.uniform(0.1, 0.35) * image.width)
    return ImageOps.expand(image, (width, 0) if random.random() < 0.5 else (0, width), fill=_paint(random))


def on_screen(image: Picture, random: Random) -> Picture:
    """Show it on a screen at some size, and store what is seen there as PNG would."""
    return scaled(scaled(image, random.uniform(0.4, 0.8), random), random.uniform(0.9, 1.7), random)


def lighter(image: Picture, random: Random) -> Picture:
    """Make it lighter or darker, and change its contrast."""
    image = ImageEnhance.Brightness(image).enhance(float(random.choice([0.65, 0.8, 1.25, 1.4])))
    return ImageEnhance.Contrast(image).enhance(random.uniform(0.75, 1.3))


def grey(image: Picture, _: Random) -> Picture:
    """Take its colours away."""
    return ImageOps.grayscale(image).convert("RGB")


def written_on(image: Picture, random: Random) -> Picture:
    """Write large words over it."""
    out = image.copy()
    height = random.uniform(0.06, 0.14) * image.height
    _write(out, random, (random.uniform(0, 0.3) * image.width, random.uniform(0.05, 0.85) * image.height), height)
    return out


def _paint(random: Random) -> tuple[int, int, int]:
    shades = ((255, 255, 255), (0, 0, 0), (20, 20, 24), (240, 240, 235), (200, 30, 40))
    return shades[int(random.integers(len(shades)))]


def _write(image: Picture, random: Random, at: tuple[float, float], height: float) -> None:
    fill = ("white", "black", "yellow")[int(random.integers(3))]
    words = ("BREAKING NEWS", "@somebody", "Only today", "when you see it")[int(random.integers(4))]
    font = ImageFont.load_default(max(8.0, height))
    ImageDraw.Draw(image).text(at, words, font=font, fill=fill, stroke_width=1, stroke_fill="gray")


def _jpeg(quality: int) -> Change:
    return lambda image, _: stored(image, quality)


def _scale(scale: float) -> Change:
    return lambda image, random: scaled(image, scale, random)


GROUPS: dict[str, dict[str, Change]] = {
    "stored again": {f"JPEG, quality {it}": _jpeg(it) for it in QUALITIES},
    "scaled": {f"to {round(100 * it)} %": _scale(it) for it in SCALES},
    "cropped by 2–10 %": {
        "2–5 % off one side": one_side(0.02, 0.05),
        "5–10 % off one side": one_side(0.05, 0.10),
        "2–5 %, to the middle": around(0.02, 0.05),
        "5–10 %, to the middle": around(0.05, 0.10),
        "2–10 %, anywhere": anywhere(0.02, 0.10),
    },
    "cropped by more": {
        "10–20 % off one side": one_side(0.10, 0.20),
        "20–30 % off one side": one_side(0.20, 0.30),
        "10–20 %, anywhere": anywhere(0.10, 0.20),
        "20–30 %, anywhere": anywhere(0.20, 0.30),
        "to 1:1": in_shape(1.0),
        "to 4:5": in_shape(0.8),
        "to 16:9": in_shape(16 / 9),
    },
    "mirrored": {"mirrored": mirrored},
    "border or banner": {"border of 2–12 %": bordered, "banner of 6–20 %": bannered, "bars of 10–35 %": barred},
    "shown otherwise": {"screen": on_screen, "brightness, contrast": lighter, "grey": grey, "words on it": written_on},
}
"""Each group has one goal, or none; every copy is stored as JPEG in the end."""

_PARTS: dict[str, Change] = {
    "scaled": lambda image, random: scaled(image, random.uniform(0.2, 0.7), random),
    "cropped": anywhere(0.02, 0.10),
    "mirrored": mirrored,
    "border": bordered,
    "banner": bannered,
    "lighter": lighter,
    "words": written_on,
}


def _pair(one: Change, other: Change) -> Change:
    return lambda image, random: other(one(image, random), random)


GROUPS["two of them"] = {
    f"{one}, {other}": _pair(_PARTS[one], _PARTS[other])
    for one, other in (
        ("scaled", "cropped"), ("scaled", "mirrored"), ("cropped", "mirrored"), ("cropped", "border"),
        ("cropped", "banner"), ("mirrored", "banner"), ("mirrored", "border"), ("lighter", "cropped"),
        ("words", "scaled"), ("words", "cropped"), ("scaled", "banner"), ("lighter", "mirrored"),
    )
}  # fmt: skip


def copied(change: Change, image: Picture, random: Random) -> Picture:
    """Change a picture and store it as JPEG, at a quality that chance has chosen."""
    changed = change(image, random)
    return changed if changed.format == "JPEG" else stored(changed, int(random.integers(50, 91)))
