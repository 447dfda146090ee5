"""Find what differs between two pictures on one grid, beyond what storing them again did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from provenance.images.grids import LUMA, box_mean, largest, pooled
from provenance.images.islands import numbered, widened
from provenance.images.tones import levelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from provenance.images.grids import Mask, Plane

CELL = 4
"""Grid pixels: sides of the squares that are judged."""
SMALLEST = 3 * CELL
"""Grid pixels: about the smallest change that is seen."""
_COLOURS = np.array([LUMA, [-0.118, -0.232, 0.35], [0.35, -0.293, -0.057]], dtype=np.float32)
"""Light, and blue and red against it at 0.7 of their weight: storing spoils them more than light."""

# How much a cell may differ for its texture is learned from the picture itself; half of all cells may have been edited.
_GROUPS, _IN_GROUP = 24, 60
_TYPICAL = 0.45
_MOST, _MOST_PER_TEXTURE = 4.0, 0.4
"""Levels: whatever storing did, more than this is a change."""
_FLOOR = 1.0
_SEED, _SPREAD = 2.6, 1.6
_SEEDS, _CELLS = 2, 4
_PEAK, _WEIGHT = 2.8, 20.0
_TRIMMED = 0.3
"""Share of a place's usual difference below which its rim is only smoothing."""
_NEAR = 2
_RIM = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A connected place that differs, in cells; right and bottom are the first ones beyond."""

    left: int
    top: int
    right: int
    bottom: int
    strength: float
    """Mean difference inside, 0..1."""

    @property
    def weight(self) -> float:
        """What places are ordered by."""
        return (self.right - self.left) * (self.bottom - self.top) * self.strength


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What differs between two pictures."""

    places: tuple[Place, ...]
    """The largest first."""
    heat: Plane
    """For each cell how much it differs, 0..1; 0 where that is no change."""
    compared: Mask
    words: tuple[str, ...]
    """What was done to all of the picture."""

    @property
    def share(self) -> float:
        """Share of the compared cells that changed."""
        count = int(self.compared.sum())
        return int((self.heat > 0).sum()) / count if count else 0.0


def changes(newer: Plane, older: Plane, shown: Mask) -> Changes:
    """Compare two pictures, (rows, columns, 3) in levels, where both have something to show."""
    newer, older, shown = (_in_whole_cells(it) for it in (newer, older, shown))
    tones = levelled(newer, older, shown)
    off = (newer - tones.older) * _without_rim(shown)[..., None]
    # what is smoothed away first is what storing spoils most: the finest detail, and edges half a pixel off
    smooth = _smoothed(off @ _COLOURS.T)
    squares = pooled(largest(smooth * smooth), CELL)
    compared = pooled(shown.astype(np.float32), CELL) > 0.5
    textures = _texture(newer), _texture(tones.older)
    odds = _odds(np.sqrt(box_mean(squares, 1)), np.sqrt(textures[0] * textures[1]), compared, tones.doubt)
    amount = pooled(largest(np.abs(off)), CELL) / 255
    heat = np.zeros_like(amount)
    places = []
    for rows, columns in _groups(odds):
        heat[rows, columns] = amount[rows, columns]
        places.append(_place(rows, columns, squares, amount))
    return Changes(
        places=tuple(sorted(places, key=lambda it: (-it.weight, it.top, it.left))),
        heat=heat,
        compared=compared,
        words=(*tones.words, *_sharpness(*textures, compared)),
    )


def _in_whole_cells(plane: NDArray[Any]) -> NDArray[Any]:
    """Continue the edges at the right and the bottom until cells fit in."""
    rows, columns = (-length % CELL for length in plane.shape[:2])
    return np.pad(plane, [(0, rows), (0, columns), *[(0, 0)] * (plane.ndim - 2)], mode="edge")


def _without_rim(shown: Mask) -> Mask:
    """Leave out the outermost pixels: they are partly made of what lies beyond, which only one of them has."""
    return ~widened(~np.pad(shown, 1), _RIM)[1:-1, 1:-1]


def _smoothed(plane: Plane) -> Plane:
    return box_mean(box_mean(plane, 2), 2)


def _texture(plane: Plane) -> Plane:
    """Return, for each cell, how much varies there within a few pixels."""
    colours = plane @ _COLOURS.T
    fine = colours - _smoothed(colours)
    return np.sqrt(box_mean(pooled(largest(fine * fine), CELL), 1))


def _odds(differing: Plane, texture: Plane, compared: Mask, doubt: float) -> Plane:
    """Say by how many times each cell differs more than cells of its texture usually do; 0 where not compared.

    `doubt` is by how many levels the tones may be off.
    """
    known, usual = texture[compared], differing[compared]
    if not known.size:
        return np.zeros_like(differing)
    order = np.argsort(known, kind="stable")
    groups = np.array_split(order, max(1, min(_GROUPS, known.size // _IN_GROUP)))
    at = np.array([known[group].mean() for group in groups])
    typical = np.array([np.quantile(usual[group], _TYPICAL) for group in groups])
    typical = np.minimum(typical, _MOST + _MOST_PER_TEXTURE * at)
    odds = differing / (np.interp(texture, at, typical) + _FLOOR + doubt)
    return np.where(compared, odds, 0).astype(np.float32)


def _groups(odds: Plane) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield rows and columns of the cells of each place that differs beyond doubt.

    A place spreads from cells that differ much to those around them that differ too; places near each other are one.
    """
    spread = numbered(odds > _SPREAD)
    seeds = np.bincount(spread[odds > _SEED], minlength=int(spread.max()) + 1) >= _SEEDS
    seeds[0] = False
    kept = seeds[spread]
    near = np.where(kept, numbered(widened(kept, _NEAR)), 0)
    rows, columns = np.nonzero(near)
    order = np.argsort(near[rows, columns], kind="stable")
    rows, columns = rows[order], columns[order]
    ends = np.flatnonzero(np.diff(near[rows, columns])) + 1
    for some_rows, some_columns in zip(np.split(rows, ends), np.split(columns, ends), strict=True):
        values = odds[some_rows, some_columns]
        heavy = float((np.maximum(values - 1.5, 0) ** 2).sum()) >= _WEIGHT if values.size else False
        if values.size >= _CELLS and heavy and np.quantile(values, 0.9) >= _PEAK:
            yield some_rows, some_columns


def _place(rows: NDArray[np.int64], columns: NDArray[np.int64], squares: Plane, amount: Plane) -> Place:
    """Draw the box of a place, without the rim that smoothing has put around it."""
    values = np.sqrt(squares[rows, columns])
    inner = values >= _TRIMMED * np.quantile(values, 0.8)
    rows, columns = rows[inner], columns[inner]
    left, top, right, bottom = int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1
    strength = float(amount[top:bottom, left:right].mean())
    return Place(left=left, top=top, right=right, bottom=bottom, strength=strength)


def _sharpness(newer: Plane, older: Plane, compared: Mask) -> tuple[str, ...]:
    """Name what became of fine detail everywhere."""
    use = compared & (older > 2)
    if use.sum() < 100:
        return ()
    ratio = float(np.median(newer[use] / older[use]))
    return ("softer",) if ratio < 0.7 else ("sharper, or with more grain",) if ratio > 1.4 else ()
