"""Pictures as arrays on a common grid: smoothing, detail that light does not change, sampling one over the other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Plane = NDArray[np.floating[Any]]
    """Rows and columns, and colours where it has three axes; levels are 0..255."""
    Mask = NDArray[np.bool_]
    Matrix = NDArray[np.float64]
    """3 × 3: where a point of one picture lies in another, in pixels counted from the corner."""
    Size = tuple[int, int]
    """Width and height."""

LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""How much red, green and blue add to light (ITU-R BT.601)."""
RADIUS = 4
_FAINT = 4.0
"""Levels: variation below this is held to be noise, not detail."""
SMOOTH = Image.Resampling.BICUBIC
_STRAIGHT = 0.1
"""Grid pixels: what a tilt may move the corners by and still be passed over."""
_LEAST = 8
_MOST = 8
"""How many times as many pixels as the grid may be drawn on the way to a tilted one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Mirrored (left and right exchanged) and then turned clockwise by quarters."""

    mirrored: bool
    quarters: int

    def of(self, plane: Plane) -> Plane:
        """Return an array in this pose."""
        return np.rot90(plane[:, ::-1] if self.mirrored else plane, -self.quarters)

    def drawn(self, picture: Image.Image) -> Image.Image:
        """Return a picture in this pose."""
        if self.mirrored:
            picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        turns = (None, Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_90)
        turn = turns[self.quarters]
        return picture if turn is None else picture.transpose(turn)

    def matrix(self, size: Size) -> Matrix:
        """Say where points of a picture of that size come to lie."""
        width, height = size
        found = np.array([[-1.0, 0, width], [0, 1, 0], [0, 0, 1]]) if self.mirrored else np.eye(3)
        for _ in range(self.quarters):
            found = np.array([[0.0, -1, height], [1, 0, 0], [0, 0, 1]]) @ found
            width, height = height, width
        return found

    @property
    def inverse(self) -> Pose:
        """The pose that undoes this one; with a mirror it is the same."""
        return self if self.mirrored else Pose(mirrored=False, quarters=-self.quarters % 4)


UPRIGHT = Pose(mirrored=False, quarters=0)
POSES = tuple(Pose(mirrored=mirrored, quarters=quarters) for mirrored in (False, True) for quarters in range(4))


class Sampled(NamedTuple):
    """A picture seen through the grid of another, and where it has anything to show."""

    values: Plane
    shown: Mask


def fitting(size: Size, area: float, *, least: int = 12) -> Size:
    """Return the size of about so many pixels in the same shape; never larger than it is."""
    factor = min(1.0, math.sqrt(area / (size[0] * size[1])))
    return max(least, round(size[0] * factor)), max(least, round(size[1] * factor))


def drawn(picture: Image.Image, size: Size) -> Plane:
    """Draw a picture at another size."""
    return np.asarray(picture.resize(size, SMOOTH, reducing_gap=3.0), dtype=np.float32)


def box_mean(plane: Plane, radius: int) -> Plane:
    """Average over squares of 2 × radius + 1 pixels; edges are continued."""
    for axis in (0, 1):
        around = [(radius, radius) if axis == it else (0, 0) for it in range(plane.ndim)]
        wide = np.pad(plane, around, mode="edge")
        length = plane.shape[axis]
        total = np.zeros_like(plane)
        for first in range(2 * radius + 1):
            total += wide[first : first + length] if axis == 0 else wide[:, first : first + length]
        plane = total / np.float32(2 * radius + 1)
    return plane


def softened(plane: Plane) -> Plane:
    """Average each pixel with its neighbours, weighted 1 2 1 in both directions."""
    wide = np.pad(plane, [(1, 1), (1, 1), *[(0, 0)] * (plane.ndim - 2)], mode="edge")
    rows = (wide[:-2] + 2 * wide[1:-1] + wide[2:]) / np.float32(4)
    soft: Plane = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / np.float32(4)
    return soft


def detail(plane: Plane) -> Plane:
    """Return what stands out from its surroundings, measured by how much varies there.

    Brightness, contrast and slow shades are gone, flat places are near zero, edges and textures near ±1.
    """
    soft = softened(plane)
    out = soft - box_mean(soft, RADIUS)
    measured: Plane = out / np.sqrt(box_mean(out * out, RADIUS) + np.float32(_FAINT**2))
    return measured


def largest(plane: Plane) -> Plane:
    """Return the largest of the three colours of each pixel."""
    return np.maximum(np.maximum(plane[..., 0], plane[..., 1]), plane[..., 2])


def density(matrix: Matrix) -> tuple[float, float]:
    """How many pixels of the other picture one pixel across and one pixel down cover."""
    return math.hypot(matrix[0, 0], matrix[1, 0]), math.hypot(matrix[0, 1], matrix[1, 1])


def to_grid(size: Size, grid: Size) -> Matrix:
    """Say where points of a picture lie on a grid laid over it."""
    return np.diag([grid[0] / size[0], grid[1] / size[1], 1.0])


def sample(picture: Image.Image, matrix: Matrix, grid: Size) -> Sampled | None:
    """Draw what a grid sees of a picture; `matrix` says where the grid's points lie in it.

    None when it sees next to nothing. What lies outside the picture is filled up and not `shown`.
    """
    width, height = grid
    across, down = density(matrix)
    if abs(matrix[0, 1]) * height > _STRAIGHT * across or abs(matrix[1, 0]) * width > _STRAIGHT * down:
        return _tilted(picture, matrix, grid)
    left, top = matrix[0, 2], matrix[1, 2]
    first, last = _inside(left, across, width, picture.width)
    upper, lower = _inside(top, down, height, picture.height)
    if last - first < _LEAST or lower - upper < _LEAST:
        return None
    box = (
        max(0.0, left + first * across),
        max(0.0, top + upper * down),
        min(float(picture.width), left + last * across),
        min(float(picture.height), top + lower * down),
    )
    seen = picture.resize((last - first, lower - upper), SMOOTH, box=box, reducing_gap=3.0)
    values = np.asarray(seen, dtype=np.float32)
    shown = np.zeros((height, width), dtype=bool)
    shown[upper:lower, first:last] = True
    around = [(upper, height - lower), (first, width - last), *[(0, 0)] * (values.ndim - 2)]
    return Sampled(np.pad(values, around, mode="edge"), shown)


def _inside(start: float, step: float, count: int, length: int) -> tuple[int, int]:
    """Find the first and the last but one of the grid's lines that lie inside, but for a hundredth."""
    first = max(0, math.ceil(-start / step - 0.01))
    return first, min(count, math.floor((length - start) / step + 0.01))


def _tilted(picture: Image.Image, matrix: Matrix, grid: Size) -> Sampled | None:
    """Reduce what is seen to about the grid's resolution, and tilt that: tilting alone would skip pixels."""
    width, height = grid
    across, down = density(matrix)
    corners = matrix @ np.array([[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1]], dtype=np.float64)
    left, top = (max(0, math.floor(corners[axis].min() - 3 * (across, down)[axis])) for axis in (0, 1))
    right = min(picture.width, math.ceil(corners[0].max() + 3 * across))
    bottom = min(picture.height, math.ceil(corners[1].max() + 3 * down))
    if right - left < _LEAST or bottom - top < _LEAST:
        return None
    size = max(_LEAST, round((right - left) / across)), max(_LEAST, round((bottom - top) / down))
    if size[0] * size[1] > _MOST * width * height:
        return None
    small = picture.resize(size, SMOOTH, box=(left, top, right, bottom), reducing_gap=3.0)
    scale = np.diag([size[0] / (right - left), size[1] / (bottom - top), 1.0])
    into = scale @ np.array([[1.0, 0, -left], [0, 1, -top], [0, 0, 1]]) @ matrix
    seen = small.transform(grid, Image.Transform.AFFINE, tuple(into[:2].ravel()), SMOOTH)
    rows, columns = np.mgrid[0:height, 0:width] + 0.5
    x, y = (matrix[axis, 0] * columns + matrix[axis, 1] * rows + matrix[axis, 2] for axis in (0, 1))
    # a margin of two pixels: what is interpolated there is partly nothing
    edge_x, edge_y = 2 * across, 2 * down
    shown = (x > edge_x) & (x < picture.width - edge_x) & (y > edge_y) & (y < picture.height - edge_y)
    return Sampled(np.asarray(seen, dtype=np.float32), shown)


def squares(plane: Plane, side: int, step: int) -> Plane:
    """Return overlapping squares as (rows, columns, side, side), without copying."""
    return np.lib.stride_tricks.sliding_window_view(plane, (side, side))[::step, ::step]


def steps(first: float, last: float, factor: float) -> Iterator[float]:
    """Go from the first to the last by a factor."""
    value = first
    while value <= last:
        yield value
        value *= factor


def pooled(plane: Plane, side: int) -> Plane:
    """Average over squares that lie side by side; what is left over at the right and the bottom is left out."""
    rows, columns = plane.shape[0] // side, plane.shape[1] // side
    cut = plane[: rows * side, : columns * side]
    means: Plane = cut.reshape(rows, side, columns, side, *plane.shape[2:]).mean((1, 3))
    return means
