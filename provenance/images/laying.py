"""Draw the older picture as the newer one shows it, so that one can be laid over the other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image

from provenance.images.opening import open_picture
from provenance.images.thumbnails import encoded

if TYPE_CHECKING:
    from provenance.model.media import Thumbnail
    from provenance.model.pictures import Alignment

_BEYOND = (128, 128, 128)
"""Where the older picture shows nothing."""


def laid(older: bytes, place: Alignment, *, size: tuple[int, int]) -> Thumbnail:
    """Return what of the older picture the newer one shows, in its size.

    `older` is a small picture that was made here, as `place` was found for it, and `size` that of the newer one in
    pixels. What lies beyond the older picture is grey.
    """
    with open_picture(older) as image:
        drawn = image.convert("RGB").transform(
            size, Image.Transform.AFFINE, _matrix(place, size), Image.Resampling.BICUBIC, fillcolor=_BEYOND
        )
    return encoded(drawn)


def _matrix(place: Alignment, size: tuple[int, int]) -> tuple[float, float, float, float, float, float]:
    """Lead from a pixel of the newer picture to that of the older one: turn back, then scale, then mirror."""
    angle = math.radians(place.turned + place.tilt)
    mirror = -1 if place.mirrored else 1
    a, b = mirror * math.cos(angle) / place.scale_x, mirror * math.sin(angle) / place.scale_x
    d, e = -math.sin(angle) / place.scale_y, math.cos(angle) / place.scale_y
    middle = size[0] / 2, size[1] / 2
    c = place.left + place.width / 2 - a * middle[0] - b * middle[1]
    f = place.top + place.height / 2 - d * middle[0] - e * middle[1]
    return a, b, c, d, e, f
