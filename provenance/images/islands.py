"""Connected places of a mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from provenance.images.grids import Mask


def numbered(mask: Mask) -> NDArray[np.int32]:
    """Give every connected place, corners included, a number of its own from 1 on; 0 is outside.

    Goes row by row over runs and joins those that touch: the work is bounded by the number of runs.
    """
    numbers = np.zeros(mask.shape, dtype=np.int32)
    parents: list[int] = [0]
    above: list[tuple[int, int, int]] = []
    for row, line in enumerate(mask):
        here = []
        edges = np.flatnonzero(np.diff(line.astype(np.int8), prepend=0, append=0))
        first = 0
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            while first < len(above) and above[first][1] < start:
                first += 1
            number = 0
            for other_start, _, other in above[first:]:
                if other_start > end:
                    break
                number = _joined(parents, number, other)
            if number == 0:
                number = len(parents)
                parents.append(number)
            here.append((start, end, number))
            numbers[row, start:end] = number
        above = here
    roots = np.array([_root(parents, number) for number in range(len(parents))], dtype=np.int32)
    return np.unique(roots, return_inverse=True)[1].astype(np.int32)[numbers]


def _joined(parents: list[int], number: int, other: int) -> int:
    other = _root(parents, other)
    if number == 0:
        return other
    number = _root(parents, number)
    low, high = min(number, other), max(number, other)
    parents[high] = low
    return low


def _root(parents: list[int], number: int) -> int:
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number


def widened(mask: Mask, radius: int) -> Mask:
    """Add everything within so many steps."""
    for axis in (0, 1):
        wide = np.pad(mask, [(radius, radius) if axis == it else (0, 0) for it in (0, 1)])
        length = mask.shape[axis]
        mask = np.zeros_like(mask)
        for first in range(2 * radius + 1):
            mask |= wide[first : first + length] if axis == 0 else wide[:, first : first + length]
    return mask
