"""Find places where one picture may lie in another, over all scales, turned and mirrored."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.images.grids import POSES, UPRIGHT, detail, drawn, fitting, steps, to_grid

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

    from provenance.images.grids import Matrix, Plane, Pose

_AREA = 110 * 110
"""Pixels of the grid that is searched: enough for what is seen from afar, and few enough for every scale and pose."""
_ENLARGED = 2.0
"""How far a small picture may be enlarged to be looked for."""
_LONGEST = 320
_STEP = 1.04
_OVERHANG = 5
"""A picture may reach over the edges of the other one by a fifth of itself."""
_LEAST = 10
_FLAT = 0.02
_PREFERRED = 1.01
"""What is as good upright is not mirrored or turned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A place where the newer picture may lie in the older one, once that is in a pose."""

    pose: Pose
    matrix: Matrix
    """Where points of the newer picture lie in the posed older one."""
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """The larger picture in one pose, made ready to be searched."""

    pose: Pose
    shape: tuple[int, int]
    spectrum: NDArray[np.complexfloating[Any, Any]]
    energy: NDArray[np.float64]
    """Sums of squares over all rectangles that begin in the upper left corner."""


def whole(newer: Image.Image, older: Image.Image, pose: Pose) -> Proposal:
    """Propose that the newer picture shows all of the older one, stretched if need be."""
    width, height = older.size if pose.quarters % 2 == 0 else older.size[::-1]
    matrix = np.diag([width / newer.width, height / newer.height, 1.0])
    return Proposal(pose=pose, matrix=matrix, score=math.inf)


def within(
    newer: Image.Image, older: Image.Image, *, sizes: tuple[float, float], stretch: float = 1.0
) -> list[Proposal]:
    """Look for the newer picture in the older one; the best proposal of every size and pose, best first.

    `sizes` bound the root of the share of the older picture that is seen; `stretch` is by how much the newer picture
    was made too wide. Pictures are grey ("F").
    """
    area = min(_AREA, _ENLARGED**2 * newer.width * newer.height, _ENLARGED**2 * older.width * older.height)
    grid = fitting(older.size, area)
    if max(grid) > _LONGEST:
        return []
    side = _smooth_number(round(max(grid) * 1.3) + 4)
    plane = detail(drawn(older, grid))
    poses = POSES if stretch == 1.0 else (UPRIGHT,)
    fields = [_field(plane, pose, side) for pose in poses]
    scale = older.width / grid[0], older.height / grid[1]
    found: list[Proposal] = []
    wide = math.sqrt(grid[0] * grid[1] / (newer.width * newer.height) / stretch)
    for share in steps(*sizes, _STEP):
        size = round(newer.width * wide * share), round(newer.height * wide * share * stretch)
        if min(size) < _LEAST or max(size) > side or size[0] > _ENLARGED * newer.width:
            continue
        template = detail(drawn(newer, size))
        spectrum = np.conj(np.fft.rfft2(template, s=(side, side)))
        energy = float((template * template).sum())
        for field in fields:
            best = _best(field, spectrum, energy, size[::-1])
            if best is not None:
                score, top, left = best
                enlarged = np.diag([*(scale if field.pose.quarters % 2 == 0 else scale[::-1]), 1.0])
                moved = np.array([[1.0, 0, left], [0, 1, top], [0, 0, 1]])
                matrix = enlarged @ moved @ to_grid(newer.size, size)
                found.append(Proposal(pose=field.pose, matrix=matrix, score=score))
    return sorted(found, key=lambda it: -it.score * (_PREFERRED if it.pose == UPRIGHT else 1.0))


def around(newer: Image.Image, older: Image.Image, *, sizes: tuple[float, float]) -> list[Proposal]:
    """Look for the older picture in the newer one: something was set around it."""
    found = []
    for proposal in within(older, newer, sizes=sizes):
        pose = proposal.pose.inverse
        matrix = pose.matrix(older.size) @ np.linalg.inv(proposal.matrix) @ proposal.pose.matrix(newer.size)
        found.append(Proposal(pose=pose, matrix=matrix, score=proposal.score))
    return found


def _field(plane: Plane, pose: Pose, side: int) -> _Field:
    posed = pose.of(plane)
    energy = np.pad(np.cumsum(np.cumsum(posed.astype(np.float64) ** 2, 0), 1), ((1, 0), (1, 0)))
    rows, columns = posed.shape
    return _Field(pose=pose, shape=(rows, columns), spectrum=np.fft.rfft2(posed, s=(side, side)), energy=energy)


def _best(
    field: _Field, spectrum: NDArray[np.complexfloating[Any, Any]], energy: float, shape: tuple[int, int]
) -> tuple[float, int, int] | None:
    """Return score, top and left of the best place for a template of that shape.

    The score is the correlation times the root of the pixels that meet: what chance gives is alike for all sizes.
    """
    side = (field.spectrum.shape[0],) * 2
    if any(own > 1.35 * other for own, other in zip(shape, field.shape, strict=True)):
        return None
    product = np.fft.irfft2(field.spectrum * spectrum, s=side)
    tops, lefts = (_starts(own, other) for own, other in zip(shape, field.shape, strict=True))
    product = product[np.ix_(tops % side[0], lefts % side[1])]
    top, bottom = np.clip(tops, 0, field.shape[0]), np.clip(tops + shape[0], 0, field.shape[0])
    left, right = np.clip(lefts, 0, field.shape[1]), np.clip(lefts + shape[1], 0, field.shape[1])
    sums = field.energy
    met = sums[np.ix_(bottom, right)] - sums[np.ix_(top, right)] - sums[np.ix_(bottom, left)] + sums[np.ix_(top, left)]
    pixels = np.outer(bottom - top, right - left)
    share = pixels / (shape[0] * shape[1])
    # over nearly flat places chance would do: a little energy is always assumed
    scores = product / np.sqrt(energy * share * (met + _FLAT * pixels) + 1e-9) * np.sqrt(pixels)
    row, column = divmod(int(scores.argmax()), scores.shape[1])
    return float(scores[row, column]), int(tops[row]), int(lefts[column])


def _starts(own: int, other: int) -> NDArray[np.int64]:
    """All places along one axis, with the overhang at both ends."""
    over = own // _OVERHANG
    free = other - own
    return np.arange(min(free, 0) - over, max(free, 0) + over + 1)


def _smooth_number(least: int) -> int:
    """Return the next number with no other factors than 2, 3 and 5: fast to transform."""
    number = least
    while True:
        rest = number
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return number
        number += 1
