"""What changed between two pictures, as far as looking at them can tell."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

ALIKE = 0.96
"""Resemblance from which on pictures show the same (docs/recovery-measured.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A part of the newer picture that differs, in its pixels."""

    left: int
    top: int
    width: int
    height: int
    strength: float
    """Mean difference inside: 0 is none, 1 is black against white."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """How the newer picture lies in the older one.

    The newer picture shows a part of the older one, mirrored and turned as said here, then drawn at another size.
    Lengths are pixels of the older picture as it is looked at (upright).
    """

    scale_x: float
    """Pixels of the newer picture per pixel of the older one, along the older one's width."""
    scale_y: float
    left: float
    """Where the part begins; below zero where the newer picture shows more than the older one."""
    top: float
    width: float
    height: float
    certainty: float
    """How much of the compared detail agrees: 0..1. What was edited does not agree."""
    cropped: bool
    """Whether something at the older picture's edges is not seen in the newer one."""
    mirrored: bool
    """Left and right are exchanged; before turning."""
    turned: int
    """Degrees clockwise: 0, 90, 180 or 270."""
    tilt: float
    """Degrees clockwise by which it was turned beyond that, as when a horizon is put straight."""

    @property
    def scale(self) -> float:
        """Pixels of the newer picture per pixel of the older one, in the mean of both directions."""
        return math.sqrt(self.scale_x * self.scale_y)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resemblance:
    """How alike two pictures are that lie on each other, both reduced to some 64 × 64 grey pixels: correlations, 0..1.

    Each is the least of three: of the shades, and of what stands out from its surroundings, wider and narrower ones.
    """

    whole: float
    mostly: float
    """But for a tenth of the pixels, and a fifth of the detail: words and borders."""

    @property
    def is_same(self) -> bool:
        """Whether that alone tells that both show the same."""
        return self.whole >= ALIKE


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureDifference:
    """What was found by looking at both pictures."""

    size: tuple[int, int]
    """Width and height of the newer picture, upright."""
    older_size: tuple[int, int]
    alignment: Alignment | None
    """None: they cannot be aligned, and nothing can be said about changes."""
    why_not: str | None
    """Why they cannot be aligned, one sentence for people."""
    changed: float | None
    """Share of the compared area that differs: 0..1. None when nothing was compared."""
    regions: tuple[Region, ...]
    """What changed, the largest change first."""
    heat_map: bytes | None = field(repr=False)
    """PNG: the newer picture in grey with the changes in colour."""
    notes: tuple[str, ...]
    """What is to be known to read this, one sentence each: resolution, and what changed everywhere."""
    resemblance: Resemblance | None = None
    """None where they cannot be aligned, or do not overlap enough, or are too smooth for that."""
    comparable: bool = True
    """False: one is too small, or both are too smooth for that; they may yet show the same."""
