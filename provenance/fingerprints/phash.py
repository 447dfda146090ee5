"""The perceptual hash that many programs share: 64 bits, of the lowest frequencies alone.

It is written out here, as `imagehash.phash` has it, because that would bring in scipy for one cosine transform. It is
made like the first quarter of an Image-Code, only without trimming, and so it is a weak second witness: measured in
docs/recovery-measured.md.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

BITS = 64
_SIDE, _LOWEST = 32, 8


def phash(grey: Image.Image) -> bytes:
    """Return the 8 bytes of a grey picture ("L"), row by row of frequencies."""
    small = grey.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    places = np.arange(_SIDE)
    cosines = np.cos(np.pi * np.outer(places[:_LOWEST], 2 * places + 1) / (2 * _SIDE))
    strengths = cosines @ np.asarray(small, dtype=np.float64) @ cosines.T
    return np.packbits(strengths > np.median(strengths)).tobytes()
