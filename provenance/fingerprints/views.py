"""Parts of a picture that fingerprints are made of: what is left when something is cropped, or set around it.

What a crop has taken away cannot be had back from the copy: so crops are made of the original, a few, and kept. What
was set around a picture can be cut off the copy: so those crops, and mirroring, cost nothing to keep. Both together
meet between the steps. Which parts earn their place was measured: docs/recovery-measured.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from provenance.fingerprints.iscc import SIDE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Picture = Image.Image
    Cut = tuple[float, float, float, float]
    """Shares of width and height that go at the left, the top, the right and the bottom."""
    Lines = NDArray[np.int16]

SIZE = 320
"""Pixels of the longer side from which parts are taken: 32 × 32 of a small part are still well reduced."""
UNTRIMMED, INNER = "untrimmed", "inner"
MIRRORED = "mirrored"
_SIDES = ("left", "top", "right", "bottom")
_SHAPES = {"crop-1x1": 1.0, "crop-4x5": 0.8, "crop-16x9": 16 / 9}
_SAME_SHAPE = 0.02

_SHADES, _MOSTLY, _NEARLY = 20, 0.6, 0.9
"""Levels that a bar may vary by; how much of each line is the bar's colour, words aside; how much of the first two."""
_WIDEST = 0.45
_LEAST = 0.01


def _of_sides(percent: int) -> dict[str, Cut]:
    cuts = {}
    for place, side in enumerate(_SIDES):
        shares = [0.0] * 4
        shares[place] = percent / 100
        cuts[f"crop-{side}-{percent}"] = (shares[0], shares[1], shares[2], shares[3])
    return cuts


def _of_all(percent: int) -> dict[str, Cut]:
    half = percent / 200
    return {f"crop-{percent}": (half, half, half, half)}


_KEPT: dict[str, Cut] = {**_of_sides(8), **_of_all(5), **_of_all(10)}
_SOUGHT: dict[str, Cut] = {
    **_of_all(6),
    **_of_all(12),
    **_of_sides(6),
    **_of_sides(15),
    "crop-upright-24": (0.12, 0.0, 0.12, 0.0),
    "crop-lying-24": (0.0, 0.12, 0.0, 0.12),
}


def reduced(upright: Picture) -> Picture:
    """Return a picture in RGB as the small grey one that parts are taken from."""
    grey = upright.convert("L")
    grey.thumbnail((SIZE, SIZE), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return grey


def kept(grey: Picture) -> Iterator[tuple[str, Picture]]:
    """Give the parts of an original that are kept, each by its name and 32 × 32 pixels large."""
    cuts = {UNTRIMMED: (0.0, 0.0, 0.0, 0.0), **_inner(grey), **_KEPT, **_shaped(grey)}
    return ((name, _part(grey, cut)) for name, cut in cuts.items())


def sought(grey: Picture) -> Iterator[tuple[str, Picture]]:
    """Give the parts of a copy that are looked up, what is likeliest first."""
    cuts = {UNTRIMMED: (0.0, 0.0, 0.0, 0.0), **_inner(grey), **_SOUGHT}
    return ((name, _part(grey, cut)) for name, cut in cuts.items())


def _part(grey: Picture, cut: Cut) -> Picture:
    width, height = grey.size
    box = cut[0] * width, cut[1] * height, (1 - cut[2]) * width, (1 - cut[3]) * height
    return grey.resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=box)


def _shaped(grey: Picture) -> dict[str, Cut]:
    """Crop to the shapes of feeds, about the middle."""
    cuts = {}
    for name, shape in _SHAPES.items():
        ratio = grey.width / grey.height / shape
        if abs(ratio - 1) > _SAME_SHAPE:
            across, down = (1 - 1 / ratio) / 2 if ratio > 1 else 0.0, (1 - ratio) / 2 if ratio < 1 else 0.0
            cuts[name] = (across, down, across, down)
    return cuts


def _inner(grey: Picture) -> dict[str, Cut]:
    """Cut off bars of nearly one colour, words on them or not; nothing where there are none.

    Unlike the trimming of the standard this does not depend on single pixels, and so outlives JPEG.
    """
    levels = np.asarray(grey, dtype=np.int16)
    height, width = levels.shape
    top, bottom = (_bar(lines, int(_WIDEST * height)) for lines in (levels, levels[::-1]))
    rest = levels[top : height - bottom].T
    left, right = (_bar(lines, int(_WIDEST * width)) for lines in (rest, rest[::-1]))
    cut = left / width, top / height, right / width, bottom / height
    return {INNER: cut} if max(cut) > _LEAST else {}


def _bar(lines: Lines, most: int) -> int:
    """Count the lines that belong to a bar at the beginning."""
    near = (np.abs(lines - np.median(lines[:2])) <= _SHADES).mean(axis=1)
    if near[:2].mean() < _NEARLY:
        return 0
    ends = np.flatnonzero(near < _MOSTLY)
    return min(int(ends[0]) if len(ends) else len(lines), most)
