"""What becomes of candidates: how surely a copy can be laid on each of them."""

from __future__ import annotations

import io
import itertools
import math
import pickle
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from _copies import GROUPS
from _recovery import CHANGES, Original, percent, sampled

from provenance.fingerprints.thresholds import CANDIDATE
from provenance.images import make_thumbnail
from provenance.images.alignment import NotAligned, align
from provenance.images.looking import look
from provenance.model.fingerprints import ISCC
from provenance.model.recovery import Measured
from provenance.workspace.recovering import MOST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL.Image import Image as Picture

    Distances = NDArray[np.uint16]
    Row = tuple[str, ...]

THUMBNAIL = 512
WITHIN = CANDIDATE[ISCC]
SAVED_AFTER = 10
GOALS = {"stored again": 0.99, "scaled": 0.99, "cropped by 2–10 %": 0.95, "mirrored": 0.95, "border or banner": 0.90,
         "two of them": 0.85}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """A copy, and a picture that it is compared with."""

    one: Original
    change: int
    other: Original
    whole: bool
    """Whether it is compared with the original itself, and not with a thumbnail."""


def certainty(pair: Pair) -> float:
    """Align a copy with what is kept of a picture; 0 where that cannot be done."""
    older = _stored(pair.other.picture())
    if not pair.whole:
        small = make_thumbnail(older, size=THUMBNAIL)
        assert small is not None
        older = small.data
    newer = _stored(pair.one.copy(pair.change))
    try:
        return align(look(newer, which="the copy"), look(older, which="the original")).certainty
    except NotAligned:
        return 0.0


def _stored(image: Picture) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


class Confirming:
    """Certainties of pairs, each found once; with a file, once for all runs."""

    def __init__(self, pool: Executor, path: Path | None) -> None:
        self._pool, self._path = pool, path
        self._known: dict[Pair, float] = {}
        self._used: set[Pair] = set()
        if path is not None and path.is_file():
            self._known = pickle.loads(path.read_bytes())

    def of(self, pairs: Iterable[Pair]) -> list[float]:
        """Return their certainties, in the same order."""
        wanted = list(pairs)
        self._used.update(wanted)
        missing = [it for it in dict.fromkeys(wanted) if it not in self._known]
        for number, (pair, value) in enumerate(
            zip(missing, self._pool.map(certainty, missing, chunksize=2), strict=True)
        ):
            self._known[pair] = value
            if number % SAVED_AFTER == SAVED_AFTER - 1 or number == len(missing) - 1:
                self._save()
        return [self._known[it] for it in wanted]

    def measured(self, originals: Sequence[Original], limit: float) -> Measured:
        """Count what was right of all that these were compared with, each pair once."""
        mine = [(pair.one == pair.other, self._known[pair] >= limit) for pair in self._used if pair.one in originals]
        return Measured(
            copies=sum(is_own for is_own, _ in mine),
            confirmed=sum(is_own and is_confirmed for is_own, is_confirmed in mine),
            others=sum(not is_own for is_own, _ in mine),
            mistaken=sum(is_confirmed and not is_own for is_own, is_confirmed in mine),
        )

    def _save(self) -> None:
        if self._path is not None:
            self._path.write_bytes(pickle.dumps(self._known))


@dataclass(frozen=True, slots=True)
class Asked:
    """A copy, and how surely it lies on each of its candidates."""

    group: str
    own: float | None
    """On its own picture; `None` where that is not among the candidates."""
    others: tuple[float, ...]
    """On the nearest others, all of them that would be candidates if its own were not known."""


def asked(
    originals: Sequence[Original], own: Distances, others: Distances, confirming: Confirming, *, each: int, whole: bool
) -> list[Asked]:
    """Compare so many copies of each picture with their candidates, as `provenance recover` does."""
    found: list[tuple[int, bool, list[Pair]]] = []
    for place, original in enumerate(originals):
        for change in sampled(original, each):
            row = place * len(CHANGES) + change
            near = np.argsort(others[row], kind="stable")[:MOST]
            near = near[others[row][near] <= WITHIN]
            is_candidate = own[row] <= WITHIN and int((others[row] < own[row]).sum()) < MOST
            pictures = [*([original] if is_candidate else []), *(originals[int(it)] for it in near)]
            found.append((change, bool(is_candidate), [Pair(original, change, it, whole) for it in pictures]))
    said = iter(confirming.of(pair for _, _, pairs in found for pair in pairs))
    return [
        Asked(CHANGES[change][0], next(said) if is_candidate else None, tuple(next(said) for _ in pairs[is_candidate:]))
        for change, is_candidate, pairs in found
    ]


def alike(
    originals: Sequence[Original], others: Distances, confirming: Confirming, *, most: int, whole: bool
) -> list[float]:
    """Compare different pictures of which a copy of one is a candidate for the other: each two of them once."""
    pairs: dict[tuple[int, int], Pair] = {}
    for flat in np.argsort(others, axis=None, kind="stable"):
        row, other = divmod(int(flat), others.shape[1])
        own, change = divmod(row, len(CHANGES))
        if others[row, other] > WITHIN or len(pairs) == most:
            break
        pairs.setdefault((min(own, other), max(own, other)), Pair(originals[own], change, originals[other], whole))
    return confirming.of(pairs.values())


# ---- tables


def limit_of(first: Sequence[Asked], strangers: Sequence[float]) -> float:
    """Choose the least certainty, in steps of 0.05, from which on no picture of a half is taken for another one."""
    highest = max((*strangers, *itertools.chain.from_iterable(it.others for it in first)), default=0.0)
    return (math.floor(20 * highest) + 1) / 20


def by_confirmation(asked: Sequence[Asked], limit: float) -> Iterator[Row]:
    """Tell what is found when candidates are compared."""
    for group in GROUPS:
        mine = [it for it in asked if it.group == group]
        if mine:
            yield (
                group,
                str(len(mine)),
                percent(statistics.mean(it.own is not None for it in mine)),
                percent(_found(mine, limit)),
                f"{sum(it.own is not None and it.own < limit for it in mine)}",
                f"{sum(any(other >= limit for other in it.others) for it in mine)}",
            )


def _found(asked: Sequence[Asked], limit: float) -> float:
    return statistics.mean(it.own is not None and it.own >= limit for it in asked)


def by_certainty(asked: Sequence[Asked], strangers: Sequence[float]) -> Iterator[Row]:
    """Tell how many pictures of each kind have which certainty."""
    own = [it.own for it in asked if it.own is not None]
    others = [*itertools.chain.from_iterable(it.others for it in asked), *strangers]
    for low, high in itertools.pairwise((0.0, 0.01, *np.arange(0.3, 1.0, 0.1).round(1).tolist(), 1.01)):
        counts = (sum(low <= it < high for it in them) for them in (own, others))
        yield ("not aligned" if high == 0.01 else f"{low:.2f} to {min(high, 1):.2f}", *map(str, counts))


def goals(asked: Sequence[Asked], limit: float) -> str:
    """Say which goals were met."""
    words = []
    for group, goal in GOALS.items():
        mine = [it for it in asked if it.group == group]
        share = _found(mine, limit) if mine else 0.0
        words.append(f"{group} {percent(share)} (≥ {percent(goal)}: {'met' if share >= goal else 'MISSED'})")
    return "Goals, after comparing: " + "; ".join(words)
