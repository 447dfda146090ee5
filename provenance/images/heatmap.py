"""Draw what changed: the newer picture in dark grey, changes in bright colour, with a box around each."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from provenance.images.changes import CELL
from provenance.images.grids import LUMA, fitting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.images.changes import Changes, Place
    from provenance.images.grids import Mask, Plane, Size

_AREA = 1024 * 768
_DARK, _LIFT = 0.4, 20
"""What becomes of the picture's light: every change is brighter than anything else, in print too."""
# From weak to strong. Light grows with strength, and neither red and green nor blue and yellow need be told apart.
_SCALE = np.array([[236, 120, 40], [246, 150, 50], [252, 180, 70], [255, 214, 110], [255, 246, 190]], dtype=np.float32)
_FULL = 0.35
"""Difference that is drawn in the strongest colour."""
_THROUGH = 0.25
"""How much of the picture is still seen through a change."""
_EVERY, _WIDE, _STRIPE = 12, 2, 90
_SMOOTH = Image.Resampling.BICUBIC


def heat_map(picture: Image.Image, found: Changes, grid: Size, listed: Sequence[Place]) -> bytes:
    """Return a PNG of at most about a megapixel; what was not compared is striped.

    `grid` is the size of the grid over the picture that changes were found on; boxes are drawn around those `listed`.
    """
    size = fitting(picture.size, _AREA)
    grey = np.asarray(picture.resize(size, _SMOOTH, reducing_gap=2.0), dtype=np.float32) @ LUMA
    levels = _enlarged(np.minimum(found.heat / _FULL, 1), grid, size)
    changed = _enlarged(found.heat > 0, grid, size)[..., None]
    steps = np.linspace(0, 1, len(_SCALE))
    colour = np.stack([np.interp(levels, steps, _SCALE[:, it]) for it in range(3)], axis=-1)
    colour *= (1 - _THROUGH) + _THROUGH * grey[..., None] / 255
    shown = (grey[..., None] * _DARK + _LIFT) * (1 - changed) + colour * changed
    rows, columns = np.ogrid[: size[1], : size[0]]
    stripes = (rows + columns) % _EVERY < _WIDE
    shown[(_enlarged(found.compared, grid, size) < 0.5) & stripes] = _STRIPE
    image = Image.fromarray(np.clip(shown, 0, 255).astype(np.uint8))
    _outline(image, grid, listed)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _enlarged(cells: Plane | Mask, grid: Size, size: Size) -> Plane:
    """Draw one value per cell over the whole picture; the last cells may reach beyond the grid."""
    box = 0, 0, grid[0] / CELL, grid[1] / CELL
    values = Image.fromarray(cells.astype(np.float32))
    return np.asarray(values.resize(size, Image.Resampling.BILINEAR, box=box), dtype=np.float32)


def _outline(image: Image.Image, grid: Size, listed: Sequence[Place]) -> None:
    """Draw white boxes between black ones: one of them is seen on any ground."""
    across, down = CELL * image.width / grid[0], CELL * image.height / grid[1]
    line = max(1, round(max(image.size) / 500))
    brush = ImageDraw.Draw(image)
    for place in listed:
        box = [
            place.left * across - line,
            place.top * down - line,
            place.right * across + line,
            place.bottom * down + line,
        ]
        outside = [box[0] - line, box[1] - line, box[2] + line, box[3] + line]
        brush.rectangle(outside, outline=(0, 0, 0), width=3 * line)
        brush.rectangle(box, outline=(255, 255, 255), width=line)
