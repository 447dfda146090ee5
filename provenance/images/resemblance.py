"""See two pictures from afar: lay all of one on the other, a little shifted and scaled, and correlate them.

It is a witness besides the blocks of `finding`, which ask for detail: it sees what is soft or small, and does not see
what is fine. The place is bettered step by step, as by Lucas and Kanade for pictures whose tones differ
(Evangelidis and Psarakis, Parametric image alignment using enhanced correlation coefficient maximization, 2008).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.images.grids import SMOOTH, UPRIGHT, Pose, box_mean, density, drawn, fitting, sample, to_grid
from provenance.model.pictures import Resemblance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PIL import Image

    from provenance.images.grids import Mask, Matrix, Plane

MIRRORED = Pose(mirrored=True, quarters=0)
_SEEN = 192 * 192
"""Pixels of the copies that both pictures are seen in."""
_GRIDS = (16 * 16, 32 * 32, 64 * 64)
_ROUNDS = 6
_FARTHEST = 0.06
"""Share of the grid that one step may lead."""
_SHOWN = 0.75
"""So much of one picture must lie in the other: two views may overlap, and be two."""
_STRETCHED = 1.3
_LEAST_GAIN = 0.1
"""Contrast of the newer picture per contrast of the older one, from which on a step can be told."""
_WIDE, _NARROW, _GRAIN = 8, 4, 2
"""Radii of the surroundings that something stands out from, in grid pixels."""
_FAINT, _NO_GRAIN = 1.0, 0.1
"""Levels: detail and grain below tell nothing."""
_SAME_GRAIN = 0.4
"""Correlation: that of other grain is hardly above 0.1 (docs/recovery-measured.md)."""
_FEWEST = 100
_EQUAL = 6
"""Levels that storing a smooth picture again changes it by."""
_MOST_OF_GREY, _MOST_OF_DETAIL = 0.9, 0.8
"""Shares that are left when words and borders are left out; they disturb detail around themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How one picture lies in the other as seen from afar, and how alike they are there."""

    pose: Pose
    matrix: Matrix
    """Where points of the newer picture lie in the posed older one, in pixels of both pictures as given."""
    resemblance: Resemblance
    equal: float
    """Share of the pixels whose shades are the same, but for brightness and contrast in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Laid:
    correlation: float
    matrix: Matrix
    newer: Plane
    older: Plane
    shown: Mask


def seen(newer: Image.Image, older: Image.Image, start: tuple[Pose, Matrix]) -> Seen | None:
    """Begin at the place that was found otherwise; pictures in RGB. None where they do not lie on each other."""
    return _seen(newer, older, *start, grids=_GRIDS[-1:])


def seen_whole(newer: Image.Image, older: Image.Image) -> Seen | None:
    """Begin with all of one on all of the other, upright and mirrored, and return what is more alike."""
    whole = to_grid(newer.size, older.size)
    found = (_seen(newer, older, pose, whole, grids=_GRIDS) for pose in (UPRIGHT, MIRRORED))
    return max((it for it in found if it is not None), key=lambda it: it.resemblance.whole, default=None)


def _seen(newer: Image.Image, older: Image.Image, pose: Pose, matrix: Matrix, *, grids: tuple[int, ...]) -> Seen | None:
    small = newer.convert("L").convert("F").resize(fitting(newer.size, _SEEN), SMOOTH, reducing_gap=3.0)
    posed = pose.drawn(older)
    other = posed.convert("L").convert("F").resize(fitting(posed.size, _SEEN), SMOOTH, reducing_gap=3.0)
    onto, reduced = to_grid(newer.size, small.size), to_grid(posed.size, other.size)
    laid = _laid(small, other, reduced @ matrix @ np.linalg.inv(onto), grids)
    found = None if laid is None else resemblance_of(laid.newer, laid.older, laid.shown)
    if laid is None or found is None:
        return None
    return Seen(
        pose=pose,
        matrix=np.linalg.inv(reduced) @ laid.matrix @ onto,
        resemblance=found,
        equal=_equal(laid.newer[laid.shown], laid.older[laid.shown]),
    )


def _laid(newer: Image.Image, older: Image.Image, matrix: Matrix, grids: Iterable[int]) -> _Laid | None:
    """Better a place on one grid after the other."""
    laid = None
    for area in grids:
        laid = _bettered(newer, older, matrix, area)
        if laid is None:
            return None
        matrix = laid.matrix
    return laid


def _bettered(newer: Image.Image, older: Image.Image, matrix: Matrix, area: int) -> _Laid | None:
    """Step towards more correlation, as long as there is more."""
    grid = fitting(newer.size, area)
    onto = to_grid(newer.size, grid)
    mine, best = drawn(newer, grid), None
    at = matrix @ np.linalg.inv(onto)
    for _ in range(_ROUNDS):
        there = sample(older, at, grid)
        if there is None or _overlap(there.shown, at, older) < _SHOWN:
            break
        if not _is_plausible(at, matrix @ np.linalg.inv(onto)):
            break
        correlation = _correlation(mine[there.shown], there.values[there.shown])
        if best is not None and correlation <= best.correlation:
            break
        best = _Laid(correlation=correlation, matrix=at @ onto, newer=mine, older=there.values, shown=there.shown)
        step = _step(mine, there.values, there.shown)
        if step is None:
            break
        at = at @ step
    return best


def _overlap(shown: Mask, at: Matrix, older: Image.Image) -> float:
    """Return which share of one picture lies in the other, of the one of which it is more."""
    across, down = density(at)
    return max(float(shown.mean()), float(shown.sum()) * across * down / (older.width * older.height))


def _is_plausible(at: Matrix, begun: Matrix) -> bool:
    """Whether no side has become much longer or shorter than where it began."""
    return all(1 / _STRETCHED < one / two < _STRETCHED for one, two in zip(density(at), density(begun), strict=True))


def _step(newer: Plane, older: Plane, shown: Mask) -> Matrix | None:
    """Return the shift and the scale of both axes that differences of shade ask for; None where they ask nothing."""
    rows, columns = newer.shape
    down, across = np.gradient(older, axis=0), np.gradient(older, axis=1)
    middle = columns / 2, rows / 2
    y, x = np.mgrid[0:rows, 0:columns] + 0.5
    slopes = across, down, across * (x / middle[0] - 1), down * (y / middle[1] - 1)
    asked = np.stack([*(it[shown] for it in slopes), older[shown], np.ones(int(shown.sum()))], axis=-1)
    found = np.linalg.lstsq(asked, newer[shown], rcond=None)[0]
    if found[4] <= _LEAST_GAIN:
        return None
    most = _FARTHEST * max(rows, columns)
    right, below, wider, higher = np.clip(found[:4] / found[4], -most, most)
    return np.array([[1 + wider / middle[0], 0, right - wider], [0, 1 + higher / middle[1], below - higher], [0, 0, 1]])


# ---- how alike


def resemblance_of(newer: Plane, older: Plane, shown: Mask) -> Resemblance | None:
    """Correlate two grey pictures that lie on each other, by shade and by detail of two sizes, and take the least.

    Slopes of shade are alike everywhere: where there is no detail, it takes the same grain to say anything.
    """
    pairs = [(newer[shown], older[shown], _MOST_OF_GREY)]
    narrow = _outstanding(newer, older, shown, _NARROW)
    if _faintest(narrow) >= _FAINT:
        wide = _outstanding(newer, older, shown, _WIDE)
        if len(wide[0]) < _FEWEST:  # a strip, seen from afar, has no surroundings
            return None
        pairs += [(*it, _MOST_OF_DETAIL) for it in (wide, narrow)]
    else:
        grain = _outstanding(newer, older, shown, _GRAIN)
        if _faintest(grain) < _NO_GRAIN or _correlation(*grain) < _SAME_GRAIN:
            return None
    whole = min(_correlation(one, other) for one, other, _ in pairs)
    mostly = min(_correlation(*_kept(one, other, share)) for one, other, share in pairs)
    return Resemblance(whole=max(0.0, whole), mostly=max(0.0, mostly))


def _outstanding(newer: Plane, older: Plane, shown: Mask, radius: int) -> tuple[Plane, Plane]:
    """Return what stands out from its surroundings in both, where all of these are seen."""
    wide = np.pad(shown.astype(np.float32), radius)
    inner = box_mean(wide, radius)[radius:-radius, radius:-radius] > 1 - 1e-3
    return (newer - box_mean(newer, radius))[inner], (older - box_mean(older, radius))[inner]


def _faintest(pair: tuple[Plane, Plane]) -> float:
    return min(float(it.std()) for it in pair) if len(pair[0]) >= _FEWEST else 0.0


def _correlation(one: Plane, other: Plane) -> float:
    first, second = one - one.mean(), other - other.mean()
    return float((first * second).sum() / np.sqrt((first**2).sum() * (second**2).sum() + 1e-9))


def _kept(one: Plane, other: Plane, share: float) -> tuple[Plane, Plane]:
    """Leave out where they differ most, brightness and contrast aside."""
    use = np.ones(len(one), dtype=bool)
    for _ in range(4):
        off = _off(one, other, use)
        use = off <= np.quantile(off, share)
    return one[use], other[use]


def _off(one: Plane, other: Plane, use: Mask) -> Plane:
    asked = np.stack([other, np.ones_like(other)], axis=-1)
    found = np.linalg.lstsq(asked[use], one[use], rcond=None)[0]
    off: Plane = np.abs(one - asked @ found)
    return off


def _equal(one: Plane, other: Plane) -> float:
    everything = np.ones(len(one), dtype=bool)
    return float((_off(one, other, everything) <= _EQUAL).mean())
