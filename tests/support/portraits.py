"""Portraits of one studio: different sitters, drawn of the same parts, which lie on each other but for a few shades."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIZE = (360, 450)


def portrait(seed: int) -> Image.Image:
    """Draw a head before a wall that is the same each time; nothing of it depends on a font."""
    chance = np.random.default_rng(seed)
    width, height = SIZE
    wall = np.hypot(*np.meshgrid(np.linspace(-1, 1, width), np.linspace(-0.6, 1.4, height)))
    image = Image.fromarray((150 - 55 * wall).astype(np.uint8)).convert("RGB")
    brush = ImageDraw.Draw(image)
    x, y = width * chance.uniform(0.48, 0.52), height * chance.uniform(0.37, 0.4)
    wide, high = width * chance.uniform(0.17, 0.19), height * chance.uniform(0.19, 0.21)
    skin, hair, cloth = (
        tuple(chance.integers(low, high, 3).tolist()) for low, high in ((110, 220), (10, 140), (20, 220))
    )
    brush.ellipse((x - 2.3 * wide, y + 1.2 * high, x + 2.3 * wide, y + 5 * high), fill=cloth)
    brush.ellipse((x - 1.2 * wide, y - 1.3 * high, x + 1.2 * wide, y + chance.uniform(0.2, 1.6) * high), fill=hair)
    brush.ellipse((x - wide, y - high, x + wide, y + high), fill=skin)
    for side in (-0.4, 0.4):
        brush.ellipse((x + side * wide - 7, y - 10, x + side * wide + 7, y + 1), fill=(30, 30, 40))
    brush.arc((x - 0.4 * wide, y + 0.2 * high, x + 0.4 * wide, y + 0.6 * high), 10, 170, fill=(120, 40, 40), width=4)
    return image.filter(ImageFilter.GaussianBlur(1))
