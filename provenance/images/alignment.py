"""Say how the newer picture lies in the older one, or why that cannot be said."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from provenance.images.finding import COARSE, Ambiguous, Finder, Place
from provenance.images.grids import LUMA, RADIUS, UPRIGHT, box_mean, detail, drawn, fitting, largest, to_grid
from provenance.model.pictures import Alignment

if TYPE_CHECKING:
    from PIL import Image

    from provenance.images.grids import Matrix
    from provenance.images.looking import Looked

LEAST_SIDE = 48
"""Pixels of the smaller side: in less, nothing is found again with certainty."""
_DETAILED, _PLACES = 0.15, 6
_SAME_SHAPE = 0.01
_EQUAL = 6
"""Levels that storing a smooth picture again changes it by."""
_MOSTLY = 0.5
_MORE = 0.4
"""Of what differs when one picture is shifted, so much must be equal when it is not: paper is white everywhere."""
_CUT = 0.004
_TILTED = 0.05


class NotAligned(Exception):
    """Nothing can be said about where the newer picture lies in the older one; the message says why, to people."""

    def __init__(self, message: str, *, comparable: bool = True) -> None:
        """Take `comparable` for whether they were looked at well enough to show different things."""
        super().__init__(message)
        self.comparable = comparable


def align(newer: Looked, older: Looked) -> Place:
    """Find how one picture lies in the other; raises NotAligned.

    Pictures with detail are aligned by it. Smooth ones, such as a sky or a gradient, are only taken for the same when
    they are equal as they stand: between shades, a place can be found anywhere.
    """
    for looked, which in ((newer, "newer"), (older, "older")):
        if min(looked.size) < LEAST_SIDE:
            raise NotAligned(
                f"the {which} picture is too small to be compared "
                f"({looked.size[0]} × {looked.size[1]} pixels; {LEAST_SIDE} on each side are needed)",
                comparable=False,
            )
    smooth = [which for it, which in ((newer, "newer"), (older, "older")) if not _has_detail(it.picture)]
    reason = "no part of one picture was found in the other: they show different things, or too much was changed"
    if smooth:
        reason = f"the {' and the '.join(smooth)} picture {'have' if len(smooth) > 1 else 'has'} too little detail"
    place = None
    if not smooth:
        try:
            place = Finder(newer.picture.convert("L").convert("F"), older.picture.convert("L").convert("F")).find()
        except Ambiguous:
            reason = "the newer picture fits into the older one in several ways, equally well"
    place = place or _as_it_stands(newer.picture, older.picture)
    if place is None:
        raise NotAligned(reason, comparable=len(smooth) < 2)
    return place


def described(place: Place, newer: Looked, older: Looked) -> Alignment:
    """Say in pixels of both pictures themselves what a place means."""
    tilt = _tilt(place.matrix)
    upright = np.linalg.inv(place.pose.matrix(older.picture.size))
    matrix = to_grid(older.picture.size, older.size) @ upright @ place.matrix @ to_grid(newer.size, newer.picture.size)
    lengths = np.hypot(matrix[0, :2], matrix[1, :2]) * newer.size
    sideways = place.pose.quarters % 2 == 1
    width, height = (float(it) for it in (lengths[::-1] if sideways else lengths))
    middle = matrix @ np.array([newer.size[0] / 2, newer.size[1] / 2, 1])
    left, top = float(middle[0]) - width / 2, float(middle[1]) - height / 2
    drawn_as = newer.size[::-1] if sideways else newer.size
    missing = (
        cut > max(1.5, _CUT * length)
        for cut, length in (
            (left, older.size[0]),
            (top, older.size[1]),
            (older.size[0] - left - width, older.size[0]),
            (older.size[1] - top - height, older.size[1]),
        )
    )
    return Alignment(
        scale_x=drawn_as[0] / width,
        scale_y=drawn_as[1] / height,
        left=left,
        top=top,
        width=width,
        height=height,
        certainty=place.certainty,
        cropped=any(missing),
        mirrored=place.pose.mirrored,
        turned=90 * place.pose.quarters,
        tilt=tilt,
    )


def _tilt(matrix: Matrix) -> float:
    """Degrees clockwise by which the newer picture was turned beyond quarters."""
    across = math.atan2(matrix[1, 0], matrix[0, 0])
    down = math.atan2(-matrix[0, 1], matrix[1, 1])
    tilt = -math.degrees((across + down) / 2)
    return tilt if abs(tilt) >= _TILTED else 0.0


def _has_detail(picture: Image.Image) -> bool:
    plane = detail(drawn(picture, fitting(picture.size, COARSE)) @ LUMA)
    energy = box_mean(plane * plane, 2 * RADIUS)[RADIUS :: 4 * RADIUS, RADIUS :: 4 * RADIUS]
    return int((energy > _DETAILED).sum()) >= _PLACES


def _as_it_stands(newer: Image.Image, older: Image.Image) -> Place | None:
    """Lay one picture over the other, if all of it is equal then, or more of it than if it were shifted."""
    whole = to_grid(newer.size, older.size)
    if newer.size == older.size and newer.tobytes() == older.tobytes():
        return Place(pose=UPRIGHT, matrix=whole, certainty=1.0)
    if abs(newer.width * older.height / (newer.height * older.width) - 1) > _SAME_SHAPE:
        return None
    grid = fitting(newer.size, COARSE)
    one, two = drawn(newer, grid), drawn(older, grid)
    shifts = [(0, 0), (grid[1] // 3, 0), (0, grid[0] // 3), (grid[1] // 2, grid[0] // 2)]
    share, *others = (float((largest(np.abs(one - np.roll(two, it, (0, 1)))) <= _EQUAL).mean()) for it in shifts)
    if share < _MOSTLY or share - max(others) < _MORE * (1 - max(others)):
        return None
    return Place(pose=UPRIGHT, matrix=whole, certainty=share)
