"""What recovery is measured on: drawn pictures of many kinds, a dozen and more of each kind, and photographs.

Pictures of one kind look alike, as those of one studio, one newspaper or one office do: what is taken for another
picture here would be taken for it there.
"""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING

import numpy as np
from _measure import picture as waves
from _pictures import page, scene
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Picture = Image.Image
    Random = np.random.Generator
    Size = tuple[int, int]
    Levels = NDArray[np.float32]

SIZES = ((900, 600), (600, 900), (800, 800), (960, 540), (720, 900))
LONGEST, SMALLEST = 960, 96
"""Pixels: photographs are reduced to this, since many are looked at; and what is passed over in a folder."""


def _random(kind: str, number: int) -> tuple[Random, Size]:
    random = np.random.default_rng([number, *kind.encode()])
    return random, SIZES[int(random.integers(len(SIZES)))]


def _grain(image: Picture, random: Random, sigma: float = 3.0) -> Picture:
    levels = np.asarray(image, dtype=np.float32) + random.normal(0, sigma, (image.height, image.width, 1))
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


def _colour(random: Random, low: int = 0, high: int = 255) -> tuple[int, int, int]:
    red, green, blue = (int(it) for it in random.integers(low, high, 3))
    return red, green, blue


def _clouds(random: Random, size: Size, steep: float) -> Levels:
    """Make noise whose power falls with frequency, as in photographs; values are 0..1."""
    width, height = size
    across, down = np.meshgrid(np.fft.rfftfreq(width) * width, np.fft.fftfreq(height) * height)
    strength = 1 / np.maximum(1, np.hypot(across, down)) ** steep
    phases = np.exp(2j * np.pi * random.random(strength.shape))
    plane = np.fft.irfft2(strength * phases, s=(height, width))
    low, high = np.percentile(plane, (1, 99))
    found: Levels = np.clip((plane - low) / (high - low), 0, 1).astype(np.float32)
    return found


def _tinted(plane: Levels, dark: tuple[int, int, int], light: tuple[int, int, int]) -> Picture:
    one, two = (np.array(it, dtype=np.float32) for it in (dark, light))
    return Image.fromarray((one + plane[..., None] * (two - one)).astype(np.uint8))


def texture(number: int) -> Picture:
    """Make fog, stone, water: nothing but noise of many sizes."""
    random, size = _random("texture", number)
    return _tinted(_clouds(random, size, random.uniform(0.9, 1.7)), _colour(random, 0, 110), _colour(random, 140, 255))


def landscape(number: int) -> Picture:
    """Draw a sky, ridges before each other, and ground: all have the same places for the same things."""
    random, (width, height) = _random("landscape", number)
    sky = np.linspace(0, 1, height, dtype=np.float32)[:, None] * np.ones((1, width), np.float32)
    mist = 0.25 * _clouds(random, (width, height), 1.4)
    image = _tinted(np.clip(sky + mist - 0.1, 0, 1), (70, 120, 190), (225, 225, 220))
    brush, x = ImageDraw.Draw(image), np.arange(0, width + 8, 8)
    ridges = int(random.integers(2, 6))
    for ridge in range(ridges):
        base = height * (0.35 + 0.5 * ridge / ridges)
        waves_of = [(random.uniform(0.5, 1.5) * 2.0**it, random.uniform(0, 7), 0.16 / 1.7**it) for it in range(6)]
        heights = [part * np.sin(speed * x / width * 6 + phase) for speed, phase, part in waves_of]
        y = base + height * np.sum(heights, axis=0)
        shade = 0.75 - 0.6 * ridge / ridges
        fill = tuple(int(shade * it) for it in (150, 180, 190 - 25 * ridge))
        brush.polygon([(0, height), *zip(x.tolist(), y.tolist(), strict=True), (width, height)], fill=fill)
    return _grain(image, random, 4)


def portrait(number: int) -> Picture:
    """Draw a head before a plain wall: one studio, many sitters."""
    random, _ = _random("portrait", number)
    width, height = 720, 900
    wall = np.hypot(*np.meshgrid(np.linspace(-1, 1, width), np.linspace(-0.6, 1.4, height)))
    image = _tinted(np.clip(1 - 0.5 * wall, 0, 1).astype(np.float32), (40, 42, 48), (150, 152, 158))
    brush = ImageDraw.Draw(image)
    x, y = width * random.uniform(0.42, 0.58), height * random.uniform(0.33, 0.43)
    wide, high = width * random.uniform(0.15, 0.21), height * random.uniform(0.17, 0.23)
    skin, hair, cloth = _colour(random, 110, 220), _colour(random, 10, 140), _colour(random, 20, 220)
    brush.ellipse((x - 2.3 * wide, y + 1.2 * high, x + 2.3 * wide, y + 5 * high), fill=cloth)
    lift, long = random.uniform(1.1, 1.4), random.uniform(0.2, 1.6)
    brush.ellipse((x - 1.2 * wide, y - lift * high, x + 1.2 * wide, y + long * high), fill=hair)
    brush.ellipse((x - wide, y - high, x + wide, y + high), fill=skin)
    for side in (-0.4, 0.4):
        brush.ellipse((x + side * wide - 14, y - 20, x + side * wide + 14, y + 2), fill=_colour(random, 10, 80))
    brush.arc((x - 0.4 * wide, y + 0.2 * high, x + 0.4 * wide, y + 0.6 * high), 10, 170, fill=(120, 40, 40), width=8)
    for _ in range(int(random.integers(0, 12))):
        at = random.random(2) * (width, 0.4 * height) + (0, 0.6 * height)
        brush.line((*at, *(at + random.normal(0, 90, 2))), fill=_colour(random), width=int(random.integers(3, 16)))
    return _grain(image.filter(ImageFilter.GaussianBlur(2)), random, 4)


def facade(number: int) -> Picture:
    """Draw rows of windows: much that repeats itself."""
    random, (width, height) = _random("facade", number)
    image = Image.new("RGB", (width, height), _colour(random, 90, 210))
    brush = ImageDraw.Draw(image)
    columns, rows = (int(it) for it in random.integers(4, 12, 2))
    across, down = width / columns, height / rows
    inset = random.uniform(0.12, 0.3)
    for column in range(columns):
        for row in range(rows):
            box = (
                (column + inset) * across, (row + inset) * down,
                (column + 1 - inset) * across, (row + 1 - inset) * down,
            )  # fmt: skip
            brush.rectangle(box, fill=_colour(random, 0, 90) if random.random() < 0.7 else _colour(random, 160, 255))
    light = 0.6 + 0.4 * _clouds(random, (width, height), 1.8)
    return _grain(Image.fromarray((np.asarray(image) * light[..., None]).astype(np.uint8)), random)


def night(number: int) -> Picture:
    """Draw lights in the dark."""
    random, (width, height) = _random("night", number)
    image = Image.new("RGB", (width, height), (8, 9, 16))
    brush = ImageDraw.Draw(image)
    for _ in range(int(random.integers(30, 200))):
        x, y, radius = random.random() * width, random.random() ** 0.5 * height, 2 + random.exponential(9)
        brush.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_colour(random, 90, 255))
    return _grain(image.filter(ImageFilter.GaussianBlur(3)), random, 6)


def chart(number: int) -> Picture:
    """Draw bars or a curve on white, in one house style."""
    random, _ = _random("chart", number)
    image = Image.new("RGB", (900, 600), "white")
    brush, font = ImageDraw.Draw(image), ImageFont.load_default(26)
    brush.text((60, 24), f"Figure {number + 1}: {_words(random, 3)}", fill="black", font=font)
    for line in range(6):
        brush.line((90, 110 + 80 * line, 850, 110 + 80 * line), fill=(215, 215, 215), width=2)
    values = random.random(int(random.integers(5, 14)))
    step, fill = 740 / len(values), _colour(random, 20, 190)
    tops = [(100 + step * place, 505 - 380 * value) for place, value in enumerate(values.tolist())]
    if number % 2:
        brush.line([(x + step / 2, y) for x, y in tops], fill=fill, width=6)
    else:
        for x, y in tops:
            brush.rectangle((x, y, x + 0.7 * step, 510), fill=fill)
    return image


def town_map(number: int) -> Picture:
    """Draw fields between borders, and streets."""
    random, (width, height) = _random("map", number)
    seeds = random.random((int(random.integers(12, 60)), 2)) * (width, height)
    x, y = np.meshgrid(np.arange(0, width, 2), np.arange(0, height, 2))
    nearest = np.argmin([(x - left) ** 2 + (y - top) ** 2 for left, top in seeds], axis=0)
    colours = random.integers(130, 250, (len(seeds), 3)).astype(np.uint8)
    image = Image.fromarray(colours[nearest]).resize((width, height), Image.Resampling.NEAREST)
    brush = ImageDraw.Draw(image)
    for _ in range(int(random.integers(8, 25))):
        ends = random.random(4) * (width, height, width, height)
        brush.line(ends.tolist(), fill=(250, 250, 240), width=int(random.integers(3, 12)))
    return image


def window(number: int) -> Picture:
    """Draw a window of a program: a bar, a list at the left, text and a picture at the right."""
    random, _ = _random("window", number)
    image = Image.new("RGB", (960, 600), (246, 246, 248))
    brush, font = ImageDraw.Draw(image), ImageFont.load_default(15)
    brush.rectangle((0, 0, 960, 44), fill=(60, 66, 80))
    brush.text((16, 12), _words(random, 4), fill="white", font=font)
    brush.rectangle((0, 44, 200, 600), fill=(228, 230, 236))
    for row in range(int(random.integers(8, 22))):
        brush.text((16, 60 + 24 * row), _words(random, 2), fill=(40, 40, 50), font=font)
    for row in range(int(random.integers(6, 20))):
        brush.text((220, 60 + 22 * row), _words(random, int(random.integers(3, 9))), fill=(20, 20, 20), font=font)
    shown = scene(7_000 + number).resize((330, 220))
    image.paste(shown, (int(random.integers(220, 610)), int(random.integers(80, 370))))
    return image


def graphic(number: int) -> Picture:
    """Draw few large shapes and a word, as in signs and logos."""
    random, (width, height) = _random("graphic", number)
    image = Image.new("RGB", (width, height), _colour(random, 180, 256))
    brush = ImageDraw.Draw(image)
    for _ in range(int(random.integers(2, 7))):
        x, y, radius = random.random() * width, random.random() * height, random.uniform(0.08, 0.35) * width
        corners = int(random.integers(3, 9))
        turn = random.random() * math.tau
        brush.regular_polygon((x, y, radius), corners, rotation=math.degrees(turn), fill=_colour(random))
    font = ImageFont.load_default(90)
    brush.text((0.1 * width, random.uniform(0.1, 0.8) * height), _words(random, 1).upper(), fill="black", font=font)
    return image


def still(number: int) -> Picture:
    """Draw things on a table with light from one side: soft shades, few edges."""
    random, (width, height) = _random("still", number)
    image = _tinted(_clouds(random, (width, height), 2.2), _colour(random, 40, 120), _colour(random, 120, 220))
    for _ in range(int(random.integers(3, 8))):
        radius = int(random.uniform(0.06, 0.2) * width)
        plane = np.hypot(*np.meshgrid(np.linspace(-1.3, 0.7, 2 * radius), np.linspace(-1.3, 0.7, 2 * radius)))
        ball = _tinted(np.clip(1 - plane / 2, 0, 1).astype(np.float32), _colour(random, 0, 60), _colour(random, 120))
        mask = Image.new("L", ball.size)
        ImageDraw.Draw(mask).ellipse((2, 2, 2 * radius - 2, 2 * radius - 2), fill=255)
        image.paste(ball, (int(random.random() * width) - radius, int(random.random() * height) - radius), mask)
    return _grain(image.filter(ImageFilter.GaussianBlur(1)), random, 3)


def _words(random: Random, count: int) -> str:
    letters = [random.integers(97, 123, random.integers(3, 10)) for _ in range(count)]
    return " ".join("".join(chr(it) for it in word) for word in letters)


KINDS: dict[str, Callable[[int], Picture]] = {
    "leaves": lambda number: scene(1_000 + number, *_random("leaves", number)[1]),
    "pages of text": lambda number: page(1_000 + number),
    "textures": texture,
    "landscapes": landscape,
    "portraits": portrait,
    "facades": facade,
    "night": night,
    "charts": chart,
    "maps": town_map,
    "windows": window,
    "graphics": graphic,
    "still lifes": still,
    "waves": lambda number: waves(900, 600, coloured=True, seed=1_000 + 3 * number),
}
"""What is drawn; waves hardly differ from each other, but in their noise."""


def photograph(path: Path) -> Picture:
    """Open a picture, upright and reduced; raises what Pillow raises, and ValueError for a very small one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(path) as opened:
            small = ImageOps.exif_transpose(opened).convert("RGB")
    small.thumbnail((LONGEST, LONGEST), Image.Resampling.BICUBIC)
    if min(small.size) < SMALLEST:
        raise ValueError(f"a picture of {small.width} × {small.height} pixels")
    return small
