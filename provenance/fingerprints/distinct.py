"""Tell pictures that are like many others: the fingerprint of one plain wall fits every plain wall."""

from __future__ import annotations

import numpy as np
from PIL import Image

from provenance.fingerprints.iscc import SIDE

FLAT = 2.0
"""Levels (standard deviation, at 32 × 32 pixels) up to which a picture is taken for one of a single colour."""
_FEWEST = 8
"""Ones in each 64 bits of an Image-Code; a regular one has 32. With fewer, the picture has stripes or a plain slope."""


def why_not_distinct(grey: Image.Image, code: bytes) -> str | None:
    """Say why a picture cannot be told from others by its fingerprint; None where it can.

    `grey` is the picture that `code` was made from. The rule for the code is that of iscc-sdk
    (`is_featureless_image_code`).
    """
    small = np.asarray(grey.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float32)
    if float(small.std()) <= FLAT:
        return "it shows next to nothing but a single shade, as many pictures do"
    words = (int.from_bytes(code[start : start + 8], "big") for start in range(0, len(code), 8))
    if any(word.bit_count() < _FEWEST for word in words):
        return "it shows little but an even slope of shades, or stripes, as many pictures do"
    return None
