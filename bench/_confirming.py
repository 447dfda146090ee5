"""What becomes of candidates: what both witnesses say of a copy and each of them."""

from __future__ import annotations

import io
import itertools
import pickle
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from _copies import GROUPS
from _recovery import CHANGES, Original, percent

from provenance.fingerprints.thresholds import CANDIDATE
from provenance.images import make_thumbnail
from provenance.images.alignment import LEAST_SIDE, NotAligned, align
from provenance.images.looking import look
from provenance.images.resemblance import seen_whole
from provenance.images.witnesses import weighed
from provenance.model.fingerprints import ISCC
from provenance.model.recovery import CERTAIN, HALF_CERTAIN, Measured, is_same
from provenance.workspace.recovering import MOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL.Image import Image as Picture

    from provenance.model.pictures import Resemblance

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
    thorough: bool
    """Whether blocks are asked too where the other witness is sure: it takes a hundred times as long."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the witnesses say of a pair."""

    certainty: float | None
    """Of blocks; 0 where they cannot be aligned, `None` where they were not asked."""
    resemblance: Resemblance | None

    @property
    def is_same(self) -> bool:
        """Whether `provenance` takes them for the same."""
        return is_same(self.certainty or 0.0, self.resemblance)

    @property
    def is_clear(self) -> bool:
        """Whether one of the witnesses alone is sure."""
        alike = self.resemblance is not None and self.resemblance.is_same
        return alike or (self.certainty or 0.0) >= CERTAIN


def judged(pair: Pair) -> Judged:
    """Compare a copy with what is kept of a picture, as `provenance` does."""
    older = _stored(pair.other.picture())
    if not pair.whole:
        small = make_thumbnail(older, size=THUMBNAIL)
        assert small is not None
        older = small.data
    newer = look(_stored(pair.one.copy(pair.change)), which="the copy")
    kept = look(older, which="the original")
    if not pair.thorough and min(newer.size) >= LEAST_SIDE:
        afar = seen_whole(newer.picture, kept.picture)
        if afar is not None and afar.resemblance.is_same:
            return Judged(None, afar.resemblance)
    try:
        place = align(newer, kept)
    except NotAligned:
        place = None
    if place is None and min(newer.size) < LEAST_SIDE:
        return Judged(0.0, None)
    return Judged(place.certainty if place else 0.0, weighed(newer, kept, place)[1])


def _stored(image: Picture) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


class Confirming:
    """What was judged of pairs, each once; with a file, once for all runs."""

    def __init__(self, pool: Executor, path: Path | None) -> None:
        self._pool, self._path = pool, path
        self._known: dict[Pair, Judged] = {}
        if path is not None and path.is_file():
            self._known = pickle.loads(path.read_bytes())

    def of(self, pairs: Iterable[Pair]) -> list[Judged]:
        """Judge them; the answers are in the same order."""
        wanted = list(pairs)
        missing = [it for it in dict.fromkeys(wanted) if it not in self._known]
        for number, (pair, value) in enumerate(zip(missing, self._pool.map(judged, missing, chunksize=2), strict=True)):
            self._known[pair] = value
            if number % SAVED_AFTER == SAVED_AFTER - 1 or number == len(missing) - 1:
                self._save()
        return [self._known[it] for it in wanted]

    def _save(self) -> None:
        if self._path is not None:
            self._path.write_bytes(pickle.dumps(self._known))


@dataclass(frozen=True, slots=True)
class Queries:
    """Copies, each by the place of its original and its change, and how far they are from all originals."""

    originals: Sequence[Original]
    copies: Sequence[tuple[int, int]]
    own: Distances
    others: Distances
    """One row for each copy; its own picture is out of reach."""

    def candidates(self, number: int) -> tuple[bool, list[Original]]:
        """Say whether its own picture is a candidate, and which others would be if that were not known."""
        own, others = self.own[number], self.others[number]
        near = np.argsort(others, kind="stable")[:MOST]
        is_candidate = own <= WITHIN and int((others < own).sum()) < MOST
        return bool(is_candidate), [self.originals[int(it)] for it in near if others[it] <= WITHIN]


@dataclass(frozen=True, slots=True)
class Asked:
    """A copy, and what was judged of its candidates."""

    group: str
    own: Judged | None
    """Of its own picture; `None` where that is not among the candidates."""
    others: tuple[Judged, ...]


def asked(queries: Queries, confirming: Confirming, *, whole: bool, thorough: bool) -> list[Asked]:
    """Compare copies with their candidates, as `provenance recover` does."""
    found: list[tuple[int, bool, list[Pair]]] = []
    for number, (place, change) in enumerate(queries.copies):
        mine = queries.originals[place]
        is_candidate, others = queries.candidates(number)
        pictures = [*([mine] if is_candidate else []), *others]
        found.append((change, is_candidate, [Pair(mine, change, it, whole, thorough) for it in pictures]))
    said = iter(confirming.of(pair for _, _, pairs in found for pair in pairs))
    return [
        Asked(CHANGES[change][0], next(said) if is_candidate else None, tuple(next(said) for _ in pairs[is_candidate:]))
        for change, is_candidate, pairs in found
    ]


# ---- tables

RULES: dict[str, Callable[[Judged], bool]] = {
    "blocks alone": lambda it: (it.certainty or 0.0) >= CERTAIN,
    "or alike from afar": lambda it: it.is_clear,
    "or half of both": lambda it: it.is_same,
}


def by_confirmation(asked: Sequence[Asked]) -> Iterator[Row]:
    """Tell what is found when candidates are compared."""
    for group in GROUPS:
        mine = [it for it in asked if it.group == group]
        if mine:
            yield (
                group,
                str(len(mine)),
                percent(statistics.mean(it.own is not None for it in mine)),
                percent(_found(mine)),
                f"{sum(it.own is not None and not it.own.is_same for it in mine)}",
                f"{sum(any(other.is_same for other in it.others) for it in mine)}",
            )


def _found(asked: Sequence[Asked]) -> float:
    return statistics.mean(it.own is not None and it.own.is_same for it in asked)


def by_rule(asked: Sequence[Asked]) -> Iterator[Row]:
    """Tell what each witness adds, where all of them were asked."""
    for name, holds in RULES.items():
        found = [
            f"{sum(map(holds, own))} of {len(own)}"
            for group in GROUPS
            for own in ([it.own for it in asked if it.group == group and it.own is not None],)
        ]
        others = list(itertools.chain.from_iterable(it.others for it in asked))
        yield (name, *found, f"{sum(map(holds, others))} of {len(others)}")


def nearest_others(asked: Sequence[Asked]) -> str:
    """Say how near another picture came to being confirmed."""
    others = list(itertools.chain.from_iterable(it.others for it in asked))
    certain = max((it.certainty or 0.0 for it in others), default=0.0)
    alike = [it.resemblance for it in others if it.resemblance is not None]
    whole = max((it.whole for it in alike), default=0.0)
    both = [it.resemblance.mostly for it in others if it.resemblance and (it.certainty or 0.0) >= HALF_CERTAIN]
    return f"Of others, at most: certainty {certain:.2f}, alike {whole:.3f}, half of both {max(both, default=0.0):.3f}"


def measured(asked: Sequence[Asked]) -> Measured:
    """Count what was right of all comparisons."""
    own = [it.own for it in asked if it.own is not None]
    others = list(itertools.chain.from_iterable(it.others for it in asked))
    return Measured(
        copies=len(own),
        confirmed=sum(it.is_same for it in own),
        others=len(others),
        mistaken=sum(it.is_same for it in others),
    )


def goals(asked: Sequence[Asked]) -> str:
    """Say which goals were met."""
    words = []
    for group, goal in GOALS.items():
        mine = [it for it in asked if it.group == group]
        share = _found(mine) if mine else 0.0
        words.append(f"{group} {percent(share)} (≥ {percent(goal)}: {'met' if share >= goal else 'MISSED'})")
    return "Goals, after comparing: " + "; ".join(words)
