"""Compare two pictures block by block: where does each one lie in the other picture, and how well does it fit?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.images.grids import box_mean, density, detail, drawn, sample, squares, to_grid

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

    from provenance.images.grids import Mask, Matrix, Plane, Size

_SIDE = 32
_REACH = 12
"""Grid pixels that a block may lie off."""
_DETAILED = 0.15
"""Energy of detail, per pixel, from which on a block has something to go by."""
_FITTING = 0.55
"""Correlation from which on a block is held to be the same."""
_NEAR = 1.25
"""Grid pixels between where a block was found and where all of them say it should be."""
_COVERED = 0.7
_CELLS = 41
_SHRINKING = (6.0, 4.0, 3.0, 2.0)
_LEAST = 4
_HOPELESS = 0.08
"""Share of agreeing blocks below which no further round helps."""
_SETTLED = 0.05
"""Grid pixels of correction below which no further round is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """All blocks that lie in both pictures: their middles, how far they lie off, how well they fit."""

    middles: NDArray[np.float64]
    """(n, 3): x, y and 1, in grid pixels."""
    moved: NDArray[np.float64]
    """(n, 2): where in the older picture the same is seen, less the middle."""
    fit: NDArray[np.float64]
    """Correlation there, up to 1."""
    detailed: Mask
    """Whether either picture has detail in the block."""
    comparable: Mask
    """Whether both have some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How many blocks say the same about where the picture lies."""

    matrix: Matrix
    """The better estimate: where points of the newer picture lie in the older one."""
    agreeing: int
    detailed: int
    """Blocks with detail, whether they agree or not."""
    fit: float
    """Mean correlation of the agreeing blocks."""
    grid: Size

    @property
    def share(self) -> float:
        """Share of the detailed blocks that agree."""
        return self.agreeing / self.detailed if self.detailed else 0.0

    @property
    def weight(self) -> float:
        """What places are compared by: many blocks, most of them, and fitting well."""
        return self.agreeing * self.share * self.fit


def grid_for(newer: Image.Image, matrix: Matrix, area: float) -> Size:
    """Return the grid over the newer picture: about so many pixels, and no finer than either picture."""
    factor = min(1.0, math.sqrt(area / (newer.width * newer.height)), *density(matrix))
    return max(16, round(newer.width * factor)), max(16, round(newer.height * factor))


def refine(
    newer: Image.Image, older: Image.Image, matrix: Matrix, *, area: float, rounds: int, step: int = _SIDE // 2
) -> Agreement | None:
    """Correct an estimate by what the blocks say, and count how many agree; None when it leads nowhere.

    Pictures are grey ("F"); `area` is that of the grid in pixels, `step` the distance between blocks.
    """
    found: Agreement | None = None
    for _ in range(rounds):
        grid = grid_for(newer, matrix, area)
        onto = to_grid(newer.size, grid)
        seen = sample(older, matrix @ np.linalg.inv(onto), grid)
        if seen is None:
            return None
        blocks = _blocks(detail(drawn(newer, grid)), detail(seen.values), seen.shown, step)
        if blocks is None:
            return None
        shift = _consensus(blocks)
        if shift is None:
            detailed = int(blocks.detailed.sum())
            return Agreement(matrix=matrix, agreeing=0, detailed=detailed, fit=0.0, grid=grid)
        matrix = matrix @ np.linalg.inv(onto) @ (np.eye(3) + shift) @ onto
        found = _agreement(blocks, shift, matrix, grid)
        if not _plausible(matrix):
            return None
        if found.share < _HOPELESS or np.abs(blocks.middles @ shift[:2].T).max() < _SETTLED:
            break
    return found


def _agreement(blocks: Blocks, shift: Matrix, matrix: Matrix, grid: Size) -> Agreement:
    off = blocks.moved - blocks.middles @ shift[:2].T
    same = blocks.detailed & (np.hypot(off[:, 0], off[:, 1]) < _NEAR) & (blocks.fit > _FITTING)
    fit = float(blocks.fit[same].mean()) if same.any() else 0.0
    return Agreement(matrix=matrix, agreeing=int(same.sum()), detailed=int(blocks.detailed.sum()), fit=fit, grid=grid)


def _plausible(matrix: Matrix) -> bool:
    """Whether it is still a picture that was scaled, stretched a little or tilted a little."""
    across, down = density(matrix)
    return (
        1e-3 < across < 1e3
        and 0.4 < across / down < 2.5
        and abs(matrix[1, 0]) < 0.2 * across
        and abs(matrix[0, 1]) < 0.2 * down
    )


def _blocks(newer: Plane, older: Plane, shown: Mask, step: int) -> Blocks | None:
    """Correlate all blocks of one size at once."""
    side = min(_SIDE, min(newer.shape) // 4 * 2)
    step, reach = min(step, side // 2) if side < _SIDE else step, min(_REACH, side // 2 - 2)
    edge = np.hanning(side + 2)[1:-1].astype(np.float32)
    window = np.outer(edge, edge)
    weight = shown.astype(np.float32)
    covered = squares(weight, side, step)
    use = (covered.mean((2, 3)) > _COVERED).ravel()
    if not use.any():
        return None
    first, second = ((squares(it * weight, side, step) * window).reshape(-1, side, side)[use] for it in (newer, older))
    energies = [np.einsum("nij,nij->n", it, it) for it in (first, second)]
    product = np.fft.irfft2(np.conj(np.fft.rfft2(first)) * np.fft.rfft2(second), s=(side, side))
    near = np.arange(-reach, reach + 1) % side
    moved, height = _peaks(product[:, near][:, :, near], reach)
    row, column = np.divmod(np.flatnonzero(use), covered.shape[1])
    middles = np.stack([column * step + side / 2, row * step + side / 2, np.ones(len(row))], axis=1)
    per_pixel = np.array(energies) / (window * window).sum()
    return Blocks(
        middles=middles,
        moved=moved,
        fit=height / np.sqrt(energies[0] * energies[1] + 1e-9),
        detailed=per_pixel.max(0) > _DETAILED,
        comparable=per_pixel.min(0) > _DETAILED / 3,
    )


def _peaks(product: Plane, reach: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the highest point of each correlation to a fraction of a pixel (a parabola through three points)."""
    count, side = len(product), 2 * reach + 1
    at = np.arange(count)
    row, column = np.divmod(product.reshape(count, -1).argmax(1), side)
    height = product[at, row, column]
    y, x = np.clip(row, 1, side - 2), np.clip(column, 1, side - 2)
    middle = product[at, y, x]
    down = row + _vertex(product[at, y - 1, x], middle, product[at, y + 1, x]) - reach
    across = column + _vertex(product[at, y, x - 1], middle, product[at, y, x + 1]) - reach
    return np.stack([across, down], axis=1).astype(np.float64), height.astype(np.float64)


def _vertex(before: Plane, middle: Plane, after: Plane) -> Plane:
    bend = before - 2 * middle + after
    curved = bend < -1e-9
    return np.where(curved, 0.5 * (before - after) / np.where(curved, bend, -1), 0).clip(-0.5, 0.5).astype(np.float32)


def _consensus(blocks: Blocks) -> Matrix | None:
    """Fit one shift, scale and tilt to what most blocks say; edited ones, which say anything, lose their weight.

    Begins with the most frequent shift and narrows down (iterated weighted least squares). Returns what is to be added
    to the unit matrix.
    """
    use = blocks.detailed & blocks.comparable & (blocks.fit > 0.25)
    if use.sum() < _LEAST:
        return None
    points, moved, weights = blocks.middles[use], blocks.moved[use], blocks.fit[use] ** 2
    middle = (points.min(0) + points.max(0)) / 2
    extent = max(1.0, float(np.ptp(points[:, :2], axis=0).max()) / 2)
    inward = np.array([[1 / extent, 0, -middle[0] / extent], [0, 1 / extent, -middle[1] / extent], [0, 0, 1]])
    local = points @ inward.T
    fitted = np.zeros((2, 3))
    fitted[:, 2] = _most_frequent(moved, weights)
    for radius in _SHRINKING:
        off = moved - local @ fitted.T
        weight = weights * np.maximum(0, 1 - (off**2).sum(1) / radius**2) ** 2
        if (weight > 0).sum() < _LEAST:
            return None
        weighted = local * weight[:, None]
        # where few blocks speak, rather a shift than a scale or a tilt
        steady = np.diag([0.03, 0.03, 1e-6]) * weight.sum()
        fitted = np.linalg.solve(weighted.T @ local + steady, weighted.T @ moved).T
    return np.vstack([fitted @ inward, np.zeros(3)])


def _most_frequent(moved: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the whole-pixel shift around which most blocks lie."""
    half = _CELLS // 2
    cells = np.clip(np.round(moved) + half, 0, _CELLS - 1).astype(int)
    votes = np.zeros((_CELLS, _CELLS), dtype=np.float32)
    np.add.at(votes, (cells[:, 1], cells[:, 0]), weights.astype(np.float32))
    row, column = divmod(int(box_mean(votes, 2).argmax()), _CELLS)
    return np.array([column - half, row - half], dtype=np.float64)
