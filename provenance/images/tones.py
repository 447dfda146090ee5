"""What was done to all of a picture: brightness, contrast, colours, shade. Taken out before changes are looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from provenance.images.grids import LUMA, box_mean, detail, pooled

if TYPE_CHECKING:
    from provenance.images.grids import Mask, Plane

CELL = 4
"""Grid pixels: sides of the squares that are averaged, so that small misplacements do not matter."""
_SAMPLES = 16_000
_LEAST = 50
_SAME = 0.8
"""Correlation of detail from which on a place is held to be unchanged, whatever became of its tones."""
_FLAT = 0.02
"""Energy of detail below which a place has no structure that could have changed."""
_ROUNDS = 8
_NOTICED, _BETTER = 1.5, 0.75
"""Levels of difference from which on an explanation is sought, and what it must bring them down to."""
_BINS, _SHARE_OF_BIN, _LEAST_IN_BIN = 32, 0.004, 40
_BEND = 12.0
"""Levels by which a curve may differ from the smooth one below it."""
_SHADED = 0.05
_DARKNESS = 16.0
"""Levels that are added to both sides of a ratio: noise decides about ratios of what is black."""
_DOUBT, _DOUBT_PER_LEVEL = 3.0, 0.1


class Levelled(NamedTuple):
    """The older picture as it would look after what was done to all of it."""

    older: Plane
    words: tuple[str, ...] = ()
    """What was done, in words; empty when nothing was."""
    doubt: float = 0.0
    """Levels by which it may be off: the more was done, the less exactly it is known."""


class _Samples(NamedTuple):
    wanted: Plane
    """Colours in the newer picture, (n, 3)."""
    given: Plane
    """Colours there in the older one."""
    across: Plane
    """Where they are: -1 at the left edge to 1 at the right one."""
    down: Plane


def levelled(newer: Plane, older: Plane, shown: Mask) -> Levelled:
    """Give the older picture the tones of the newer one, judged by places whose structure is the same in both.

    Both are (rows, columns, 3) in levels. The fit is a cubic curve of each colour with mixing between them (ten numbers
    per colour), then a curve through medians for what was clipped, and a slow shade over the picture, as filters draw
    it towards the edges.
    """
    samples = _samples(newer, older, shown)
    if len(samples.wanted) < _LEAST:
        return Levelled(older)
    before = _usual(samples.wanted - samples.given)
    if before < _NOTICED:
        return Levelled(older)
    weights = _fitted(samples.wanted, _terms(samples.given))
    smooth = _terms(samples.given) @ weights
    shade = _shade(samples, smooth)
    gain = np.exp(_slow(samples.across, samples.down) @ shade)[:, None] if shade is not None else 1.0
    if shade is not None:
        weights = _fitted(samples.wanted / gain, _terms(samples.given))
        smooth = _terms(samples.given) @ weights
    if _usual(samples.wanted - smooth * gain) > _BETTER * before:
        return Levelled(older)
    guess = _redrawn(older, weights, smooth, samples.wanted / gain)
    if shade is not None:
        down, across = np.meshgrid(*(np.linspace(-1, 1, length) for length in older.shape[:2]), indexing="ij")
        guess *= np.exp(_slow(across, down) @ shade)[..., None].astype(np.float32)
    words = (*_words(samples), *(("shade over the picture",) if shade is not None else ()))
    return Levelled(guess, words or ("other tones",), min(_DOUBT, _DOUBT_PER_LEVEL * before))


def _samples(newer: Plane, older: Plane, shown: Mask) -> _Samples:
    wanted, given, seen = (pooled(it, CELL) for it in (newer, older, shown.astype(np.float32)))
    one, two = detail(wanted @ LUMA), detail(given @ LUMA)
    product, first, second = (box_mean(it, 2) for it in (one * two, one * one, two * two))
    same = (product > _SAME * np.sqrt(first * second)) | (np.maximum(first, second) < _FLAT)
    rows, columns = np.nonzero(same & (seen > 0.99))
    every = max(1, len(rows) // _SAMPLES)
    rows, columns = rows[::every], columns[::every]
    height, width = seen.shape
    return _Samples(
        wanted=wanted[rows, columns].astype(np.float64),
        given=given[rows, columns].astype(np.float64),
        across=(2 * columns + 1) / width - 1,
        down=(2 * rows + 1) / height - 1,
    )


def _usual(off: Plane) -> float:
    return float(np.median(np.abs(off).max(1)))


def _terms(colours: Plane) -> Plane:
    """Return each colour, its square and its cube, and a constant."""
    value = colours / 255 - 0.5
    return np.concatenate([value, value**2, value**3, np.ones_like(value[..., :1])], axis=-1)


def _slow(across: Plane, down: Plane) -> Plane:
    """Return what a slow shade is made of: slopes, bows, and what falls off in the corners."""
    square = across**2 + down**2
    return np.stack([np.ones_like(across), across, down, across**2, across * down, down**2, square**2], axis=-1)


def _fitted(wanted: Plane, terms: Plane) -> Plane:
    """Fit by weighted least squares; what lies far off, such as an edit, loses its weight (Geman and McClure)."""
    trust = np.ones(len(terms))
    weights: Plane = np.zeros((terms.shape[1], wanted.shape[1]))
    for _ in range(_ROUNDS):
        weighted = terms * trust[:, None]
        weights = np.linalg.solve(weighted.T @ terms + 1e-4 * np.eye(terms.shape[1]), weighted.T @ wanted)
        off = np.abs(wanted - terms @ weights).max(1)
        trust = 1 / (1 + (off / max(1e-3, 1.5 * float(np.median(off)))) ** 2) ** 2
    return weights


def _shade(samples: _Samples, smooth: Plane) -> Plane | None:
    """Fit the logarithm of a gain over the picture; None when there is no shade worth the name."""
    ratio = np.log((np.maximum(samples.wanted @ LUMA, 0) + _DARKNESS) / (np.maximum(smooth @ LUMA, 0) + _DARKNESS))
    terms = _slow(samples.across, samples.down)
    shade = _fitted(ratio[:, None], terms)[:, 0]
    drawn = terms @ shade
    if np.ptp(drawn) < _SHADED or float(np.median(np.abs(ratio - drawn))) > _BETTER * float(np.median(np.abs(ratio))):
        return None
    return shade


def _redrawn(older: Plane, weights: Plane, smooth: Plane, wanted: Plane) -> Plane:
    """Apply the smooth curves to the picture, and then those through the medians of what is missing."""
    guess = np.clip(_terms(older.astype(np.float64)) @ weights, 0, 255).astype(np.float32)
    smooth = np.clip(smooth, 0, 255)
    for colour in range(3):
        bins = np.clip(smooth[:, colour] * _BINS / 256, 0, _BINS - 1).astype(int)
        at, more = [], []
        for number in range(_BINS):
            inside = bins == number
            if inside.sum() >= max(_LEAST_IN_BIN, _SHARE_OF_BIN * len(smooth)):
                at.append(float(np.median(smooth[inside, colour])))
                more.append(float(np.median(wanted[inside, colour] - smooth[inside, colour])))
        if at:
            bend = np.interp(guess[..., colour], at, np.clip(more, -_BEND, _BEND))
            guess[..., colour] += bend.astype(np.float32)
    return guess


def _words(samples: _Samples) -> tuple[str, ...]:
    """Name what was done, by means and spreads before and after."""
    light, light_before = samples.wanted @ LUMA, samples.given @ LUMA
    words = []
    if abs(float(light.mean() - light_before.mean())) > 4:
        words.append("brighter" if light.mean() > light_before.mean() else "darker")
    contrast = (float(light.std()) + 1) / (float(light_before.std()) + 1)
    if not 0.93 < contrast < 1.08:
        words.append("more contrast" if contrast > 1 else "less contrast")
    tint, tint_before = samples.wanted - light[:, None], samples.given - light_before[:, None]
    strength, strength_before = float(np.abs(tint).mean()), float(np.abs(tint_before).mean())
    if strength < 1.0 < strength_before / 3:
        words.append("without colours")
    elif not 0.87 < (strength + 1) / (strength_before + 1) < 1.15:
        words.append("stronger colours" if strength > strength_before else "weaker colours")
    elif np.abs(tint.mean(0) - tint_before.mean(0)).max() > 4:
        words.append("other colours")
    return tuple(words)
