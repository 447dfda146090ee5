"""Choose frames of an animation, so that copies with other frame rates still have the same ones."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image as Picture

MOVING = {"GIF", "PNG", "WEBP", "AVIF"}
"""Formats whose frames follow each other in time; others have pages, or pictures for other purposes."""
_PARTS = 4
"""A frame is taken at the end of each such part of the time, but the last, beside the first frame."""
_MOST = 600
"""Frames that are looked at: each has to be decoded to come to the next."""
_USUAL = 100
"""Milliseconds that a frame is shown for where nothing is said, as browsers have it."""


def key_frames(picture: Picture) -> Iterator[tuple[int, Picture]]:
    """Give frames after the first, evenly spaced in time, each with the milliseconds at which it is shown.

    Nothing for what does not move. The picture stands at another frame afterwards.
    """
    if picture.format not in MOVING or not getattr(picture, "is_animated", False):
        return
    count = min(int(getattr(picture, "n_frames", 1)), _MOST)
    begins = [0, *itertools.accumulate(_duration(picture, number) for number in range(count))]
    chosen = dict.fromkeys(
        max(number for number in range(count) if begins[number] <= begins[-1] * part / _PARTS)
        for part in range(1, _PARTS)
    )
    for number in chosen:
        if number > 0:
            picture.seek(number)
            yield begins[number], picture.copy()


def _duration(picture: Picture, number: int) -> int:
    picture.seek(number)
    picture.load()
    return int(picture.info.get("duration") or _USUAL)
