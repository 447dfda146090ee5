"""A picture without detail: a slow shade that is the same each time, under grain that is not."""

from __future__ import annotations

import numpy as np
from PIL import Image

SIZE = (900, 600)


def soft(seed: int) -> Image.Image:
    """Shade from corner to corner, twice, with other grain for each seed."""
    down, across = np.mgrid[0 : SIZE[1], 0 : SIZE[0]].astype(np.float32)
    shade = 127 + 70 * np.sin(across / 310 + down / 570) + 40 * np.cos((across - down) / 410)
    grain = np.random.default_rng(seed).normal(0, 6, shade.shape)
    return Image.fromarray(np.clip(shade + grain, 0, 255).astype(np.uint8)).convert("RGB")
