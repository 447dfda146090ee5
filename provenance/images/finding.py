"""Find how one picture lies in another: proposals from afar, judged from near by how many blocks agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from provenance.images.blocks import refine
from provenance.images.grids import POSES, SMOOTH, UPRIGHT, density, fitting, to_grid
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
_TRIED, _TRIED_STRETCHED = 8, 3
_APART = 0.05
_RIVALS = 2
_NEARLY = 0.3
"""Pixels of the coarser picture."""

# Of unrelated photographs a third of few blocks agrees, or a hundredth of many, and they fit badly; of unrelated pages
# of text more agree, where lines meet, and as many do one line further. Of related pictures what was not edited agrees,
# and fits well. `bench/compare.py` counts both.
_ENOUGH, _ENOUGH_OF_FEW = 0.12, 4.0
_FIT, _FIT_PER_SHARE = 0.97, 0.4
_CLEAR = ((0.25, 0.96, 20), (0.9, 0.85, 100))
"""Share, fit and number of blocks: some fit very well, or of many nearly all fit well."""
_AS_GOOD = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How the newer picture lies in the older one."""

    pose: Pose
    """What is done to the older picture first."""
    matrix: Matrix
    """Where points of the newer picture then lie in it, in pixels of both pictures as given."""
    certainty: float
    """Share of what can be compared that agrees."""


class Ambiguous(Exception):
    """The newer picture fits into the older one in several ways, equally well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    pose: Pose
    agreement: Agreement

    @property
    def matrix(self) -> Matrix:
        return self.agreement.matrix


class Finder:
    """Two grey pictures ("F"), and what was tried on them."""

    def __init__(self, newer: Image.Image, older: Image.Image) -> None:
        self._newer, self._older = newer, older
        self._small_newer, small = (it.resize(fitting(it.size, _SMALL), SMOOTH) for it in (newer, older))
        self._small_older = {pose: pose.drawn(small) for pose in POSES}
        self._tried: list[_Tried] = []

    def find(self) -> Place | None:
        """Return the place that most blocks agree on; None when they do not agree.

        Raises Ambiguous.
        """
        for proposals in self._stages():
            if any(self._try(proposal) for proposal in proposals):
                best = self._ranked()[0]
                middle = self._closer(best)
                if middle is not None and _is_clear(middle):
                    return self._place(best.pose, middle)
        return self._likeliest()

    def _stages(self) -> Iterator[Sequence[Proposal]]:
        """From what is likely, and quickly looked at, to what is not."""
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
            if all(_apart(proposal, it, self._small_newer) for it in kept):
                kept.append(proposal)
        return kept

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

    def _closer(self, tried: _Tried) -> Agreement | None:
        """Ask the blocks again, in the pictures as given."""
        older = tried.pose.drawn(self._older)
        enlarged = to_grid(self._small_older[tried.pose].size, older.size)
        reduced = to_grid(self._newer.size, self._small_newer.size)
        return refine(self._newer, older, enlarged @ tried.matrix @ reduced, area=MIDDLE, rounds=2)

    def _likeliest(self) -> Place | None:
        """Take the best of all that was tried, if enough of it agrees and nothing else fits nearly as well."""
        ranked = self._ranked()
        middle = self._closer(ranked[0]) if ranked else None
        if middle is None or not is_enough(middle):
            return None
        best = _Tried(pose=ranked[0].pose, agreement=middle)
        rivals = [it for it in ranked[1:] if _apart(it, ranked[0], self._small_newer)][:_RIVALS]
        for rival in rivals:
            agreement = self._closer(rival)
            if agreement is None or agreement.weight <= _AS_GOOD * middle.weight:
                continue
            # from near it may have come to the same place
            if _apart(_Tried(pose=rival.pose, agreement=agreement), best, self._newer):
                raise Ambiguous
        return self._place(best.pose, middle)

    def _place(self, pose: Pose, middle: Agreement) -> Place:
        """Ask the blocks for the last time, as finely as the pictures are compared."""
        older = pose.drawn(self._older)
        fine = refine(self._newer, older, middle.matrix, area=FINE, rounds=1, step=32) or middle
        matrix = settled(fine.matrix, self._newer, older)
        return Place(pose=pose, matrix=matrix, certainty=middle.share)


def _apart(one: Proposal | _Tried, other: Proposal | _Tried, newer: Image.Image) -> bool:
    """Whether two places differ by more than a twentieth of what is seen."""
    if one.pose != other.pose:
        return True
    corners = np.array([[0, newer.width, 0, newer.width], [0, 0, newer.height, newer.height], [1, 1, 1, 1]])
    first, second = one.matrix[:2] @ corners, other.matrix[:2] @ corners
    return bool(np.abs(first - second).max() > _APART * np.ptp(first, axis=1).max())


def settled(matrix: Matrix, newer: Image.Image, older: Image.Image) -> Matrix:
    """Take what is nearly all of the older picture, or nearly whole pixels of it, for exactly that."""
    corners = np.array([[0, newer.width, 0, newer.width], [0, 0, newer.height, newer.height], [1, 1, 1, 1]])
    shift = np.eye(3)
    shift[:2, 2] = np.round(matrix[:2, 2])
    for exact in (to_grid(newer.size, older.size), shift):
        if np.abs((exact - matrix)[:2] @ corners).max() < _NEARLY * max(1.0, *density(matrix)):
            return exact
    return matrix


def _is_clear(agreement: Agreement) -> bool:
    return any(
        agreement.share >= share and agreement.fit >= fit and agreement.detailed >= blocks
        for share, fit, blocks in _CLEAR
    )


def is_enough(agreement: Agreement) -> bool:
    """Whether so many blocks agree as hardly ever do by chance."""
    share = agreement.share
    enough = _ENOUGH + _ENOUGH_OF_FEW / max(1, agreement.detailed)
    return share >= enough and agreement.fit >= _FIT - _FIT_PER_SHARE * share
