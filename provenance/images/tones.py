"""What was done to all of a picture: brightness, contrast, colours. It is taken out before changes are looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from provenance.images.grids import LUMA, box_mean, detail, pooled

if TYPE_CHECKING:
    from provenance.images.grids import Mask, Plane

CELL = 4
"""Grid pixels: sides of the squares that are averaged, so that small misplacements do not matter."""
_SAMPLES = 16_000
_SAME = 0.8
"""Correlation of detail from which on a place is held to be unchanged, whatever became of its tones."""
_FEW = 0.05
_ROUNDS = 8
_BETTER = 0.75
_NOTICED = 1.5
_BINS = 32
_SHARE_OF_BIN = 0.004
_DOUBT, _DOUBT_PER_LEVEL = 3.0, 0.1
_BEND = 12.0
"""Levels by which a curve may differ from the smooth one below it."""


class Levelled(NamedTuple):
    """The older picture as it would look after what was done to all of it."""

    older: Plane
    words: tuple[str, ...] = ()
    """What was done, in words; empty when nothing was."""
    doubt: float = 0.0
    """Levels by which it may be off: the more was done, the less exactly it is known."""


def levelled(newer: Plane, older: Plane, shown: Mask) -> Levelled:
    """Give the older picture the tones of the newer one, judged by places whose structure is the same in both.

    Both are (rows, columns, 3) in levels. The fit is a cubic curve of each colour with mixing between them (ten numbers
    per colour), by weighted least squares against outliers, then a curve through medians for what was clipped.
    """
    wanted, given, same = (pooled(it, CELL) for it in (newer, older, shown.astype(np.float32)))
    use = (same > 0.99) & _same_structure(wanted @ LUMA, given @ LUMA)
    if use.sum() < _FEW * use.size:
        use = same > 0.99
    every = max(1, int(use.sum()) // _SAMPLES)
    wanted, given = wanted[use][::every].astype(np.float64), given[use][::every].astype(np.float64)
    if len(wanted) < 50:
        return Levelled(older)
    before = float(np.median(np.abs(wanted - given).max(1)))
    if before < _NOTICED:
        return Levelled(older)
    weights = _fitted(wanted, given)
    if float(np.median(np.abs(wanted - _terms(given) @ weights).max(1))) > _BETTER * before:
        return Levelled(older)
    guess = np.clip(_terms(older.astype(np.float64)) @ weights, 0, 255).astype(np.float32)
    smooth = np.clip(_terms(given) @ weights, 0, 255)
    for colour in range(3):
        knots = _knots(smooth[:, colour], wanted[:, colour])
        if knots is not None:
            at, more = knots
            guess[..., colour] += np.interp(guess[..., colour], at, more).astype(np.float32)
    return Levelled(guess, _words(wanted, given), min(_DOUBT, _DOUBT_PER_LEVEL * before))


def _same_structure(wanted: Plane, given: Plane) -> Mask:
    one, two = detail(wanted), detail(given)
    product, first, second = (box_mean(it, 2) for it in (one * two, one * one, two * two))
    same: Mask = product > _SAME * np.sqrt(first * second) + 0.01
    return same


def _terms(colours: Plane) -> Plane:
    """Each colour, its square and its cube, and a constant."""
    value = colours / 255 - 0.5
    return np.concatenate([value, value**2, value**3, np.ones_like(value[..., :1])], axis=-1)


def _fitted(wanted: Plane, given: Plane) -> Plane:
    terms = _terms(given)
    trust = np.ones(len(terms))
    weights: Plane = np.zeros((terms.shape[1], 3))
    for _ in range(_ROUNDS):
        weighted = terms * trust[:, None]
        weights = np.linalg.solve(weighted.T @ terms + 1e-4 * np.eye(terms.shape[1]), weighted.T @ wanted)
        off = np.abs(wanted - terms @ weights).max(1)
        trust = 1 / (1 + (off / max(1.0, 1.5 * float(np.median(off)))) ** 2) ** 2
    return weights


def _knots(smooth: Plane, wanted: Plane) -> tuple[Plane, Plane] | None:
    """Return levels, and what is to be added there: the medians of what is missing, bin by bin."""
    bins = np.clip(smooth * _BINS / 256, 0, _BINS - 1).astype(int)
    at, more = [], []
    for number in range(_BINS):
        inside = bins == number
        if inside.sum() >= max(40, _SHARE_OF_BIN * len(smooth)):
            at.append(float(np.median(smooth[inside])))
            more.append(float(np.median(wanted[inside] - smooth[inside])))
    return (np.array(at), np.clip(more, -_BEND, _BEND)) if len(at) > 1 else None


def _words(wanted: Plane, given: Plane) -> tuple[str, ...]:
    """Name what was done, by means and spreads before and after."""
    light, light_before = wanted @ LUMA, given @ LUMA
    words = []
    if abs(float(light.mean() - light_before.mean())) > 4:
        words.append("brighter" if light.mean() > light_before.mean() else "darker")
    contrast = (float(light.std()) + 1) / (float(light_before.std()) + 1)
    if not 0.93 < contrast < 1.08:
        words.append("more contrast" if contrast > 1 else "less contrast")
    tint, tint_before = wanted - light[:, None], given - light_before[:, None]
    strength, strength_before = float(np.abs(tint).mean()), float(np.abs(tint_before).mean())
    if strength < 1.0 < strength_before / 3:
        words.append("without colours")
    elif not 0.87 < (strength + 1) / (strength_before + 1) < 1.15:
        words.append("stronger colours" if strength > strength_before else "weaker colours")
    elif np.abs(tint.mean(0) - tint_before.mean(0)).max() > 4:
        words.append("other colours")
    return tuple(words) or ("other tones",)
