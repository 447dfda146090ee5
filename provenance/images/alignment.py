"""Find out how one picture lies in another: proposals from afar, judged from near by how many blocks agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.images.blocks import refine
from provenance.images.grids import POSES, RADIUS, SMOOTH, UPRIGHT, box_mean, detail, drawn, fitting, to_grid
from provenance.images.search import around, whole, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL import Image

    from provenance.images.blocks import Agreement
    from provenance.images.grids import Matrix, Pose
    from provenance.images.search import Proposal

COARSE, MIDDLE, FINE = 256 * 192, 512 * 384, 1024 * 768
"""Pixels of the grids on which blocks are asked."""
_SMALL = 4 * COARSE
LEAST_SIDE = 48
"""Grid pixels: from less than this nothing can be told."""

_PART, _PART_STRETCHED, _MORE = (0.2, 1.3), (0.2, 1.1), (0.2, 0.9)
_STRETCHES = (0.75, 0.87, 1.15, 1.33)
_TRIED = 8
_TRIED_STRETCHED = 3
_APART = 0.05
_RIVALS = 2

# Measured on thousands of pairs (bench/compare.py). Of unrelated photographs a third of few blocks agrees, or a
# hundredth of many, and they fit badly; pages of text agree where their lines meet, and no better than with the lines
# one further. What was edited agrees in what was not edited, and fits well there.
_ENOUGH, _ENOUGH_OF_FEW = 0.12, 4.0
_FIT, _FIT_PER_SHARE = 0.97, 0.4
_CLEAR_SHARE, _CLEAR_FIT, _CLEAR_BLOCKS = 0.25, 0.96, 20
_AS_GOOD = 0.5

_EQUAL = 6.0
"""Levels that recompressing changes a smooth picture by."""
_VARIED = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How the newer picture lies in the posed older one."""

    pose: Pose
    matrix: Matrix
    """Where points of the newer picture lie in the posed older one, in pixels of both pictures as given."""
    certainty: float


class Ambiguous(Exception):
    """It fits in several ways equally well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    pose: Pose
    agreement: Agreement

    @property
    def matrix(self) -> Matrix:
        return self.agreement.matrix


def find(newer: Image.Image, older: Image.Image) -> Place | None:
    """Find how the newer picture lies in the older one; both are grey ("F").

    None when no part of one is found in the other. Raises Ambiguous.
    """
    return _Finder(newer, older).find()


def has_detail(picture: Image.Image) -> bool:
    """Whether there is anything to align by."""
    plane = detail(drawn(picture, fitting(picture.size, COARSE)))
    energy = box_mean(plane * plane, 2 * RADIUS)[:: 4 * RADIUS, :: 4 * RADIUS]
    return int((energy > 0.15).sum()) >= 6


class _Finder:
    def __init__(self, newer: Image.Image, older: Image.Image) -> None:
        self._newer, self._older = newer, older
        self._small_newer, small = (it.resize(fitting(it.size, _SMALL), SMOOTH) for it in (newer, older))
        self._small_older = {pose: pose.drawn(small) for pose in POSES}
        self._tried: list[_Tried] = []

    def find(self) -> Place | None:
        for proposals in self._stages():
            if any(self._try(proposal) for proposal in proposals):
                best = self._ranked()[0]
                middle = self._closer(best)
                if middle is not None and _is_clear(middle):
                    return self._place(best.pose, middle)
        return self._likeliest()

    def _stages(self) -> Iterator[Sequence[Proposal]]:
        newer, older = self._small_newer, self._small_older[UPRIGHT]
        yield [whole(newer, older, UPRIGHT)]
        turned = [whole(newer, older, pose) for pose in POSES[1:]]
        yield [*self._distinct(within(newer, older, sizes=_PART), _TRIED), *turned]
        yield self._distinct(around(newer, older, sizes=_MORE), _TRIED)
        for stretch in _STRETCHES:
            yield self._distinct(within(newer, older, sizes=_PART_STRETCHED, stretch=stretch), _TRIED_STRETCHED)

    def _distinct(self, proposals: Sequence[Proposal], most: int) -> list[Proposal]:
        """Leave out what is nearly the same as a better one."""
        kept: list[Proposal] = []
        for proposal in proposals:
            if len(kept) == most:
                break
            if all(self._apart(proposal, it) for it in kept):
                kept.append(proposal)
        return kept

    def _apart(self, one, other, big=False) -> bool:
        """Whether two places differ by more than a twentieth of what is seen."""
        if one.pose != other.pose:
            return True
        width, height = (self._newer if big else self._small_newer).size
        corners = np.array([[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1]])
        first, second = (it.matrix[:2] @ corners for it in (one, other))
        return bool(np.abs(first - second).max() > _APART * np.ptp(first, axis=1).max())

    def _try(self, proposal: Proposal) -> bool:
        """Ask the blocks about a proposal, coarsely; say whether the answer is so clear that no other is needed."""
        older = self._small_older[proposal.pose]
        agreement = refine(self._small_newer, older, proposal.matrix, area=COARSE, rounds=3)
        if agreement is None or min(agreement.grid) < LEAST_SIDE:
            return False
        self._tried.append(_Tried(pose=proposal.pose, agreement=agreement))
        return _is_clear(agreement)

    def _ranked(self) -> list[_Tried]:
        return sorted(self._tried, key=lambda it: -it.agreement.weight)

    def _likeliest(self) -> Place | None:
        """Take the best of all that was tried, if enough of it agrees and nothing else fits nearly as well."""
        ranked = self._ranked()
        middle = self._closer(ranked[0]) if ranked else None
        if middle is None or not _is_enough(middle):
            return None
        rivals = [it for it in ranked[1:] if self._apart(it, ranked[0])][:_RIVALS]
        for rival in rivals:
            agreement = self._closer(rival)
            if agreement is None or agreement.weight <= _AS_GOOD * middle.weight:
                continue
            if self._apart(
                _Tried(pose=rival.pose, agreement=agreement), _Tried(pose=ranked[0].pose, agreement=middle), big=True
            ):
                raise Ambiguous
        return self._place(ranked[0].pose, middle)

    def _place(self, pose: Pose, middle: Agreement) -> Place:
        """Ask the blocks for the last time, as finely as the pictures are compared."""
        fine = refine(self._newer, pose.drawn(self._older), middle.matrix, area=FINE, rounds=1, step=32)
        return Place(pose=pose, matrix=(fine or middle).matrix, certainty=middle.share)

    def _closer(self, tried: _Tried) -> Agreement | None:
        """Ask the blocks again, in the pictures as given."""
        older = tried.pose.drawn(self._older)
        enlarged = to_grid(self._small_older[tried.pose].size, older.size)
        reduced = to_grid(self._newer.size, self._small_newer.size)
        return refine(self._newer, older, enlarged @ tried.agreement.matrix @ reduced, area=MIDDLE, rounds=2)


def _is_clear(agreement: Agreement) -> bool:
    return agreement.detailed >= _CLEAR_BLOCKS and agreement.share >= _CLEAR_SHARE and agreement.fit >= _CLEAR_FIT


def _is_enough(agreement: Agreement) -> bool:
    share = agreement.share
    return share >= _ENOUGH + _ENOUGH_OF_FEW / max(1, agreement.detailed) and agreement.fit >= (
        _FIT - _FIT_PER_SHARE * share
    )
