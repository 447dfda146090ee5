"""Are pictures found again by what they look like, and are others taken for them?

Half of the pictures chooses thresholds, the other half is what the tables tell of. A query is a copy of a picture; it
is false when another picture of its half is taken for it.
"""

from __future__ import annotations

import itertools
import os
import statistics
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from _copies import GROUPS
from _measure import arguments, print_table
from _recovery import CHANGES, Compared, Pair, Printed, compared, nearest, nearest_phash, originals, printed, sampled

from provenance.fingerprints.views import MIRRORED
from provenance.model.fingerprints import WHOLE

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from _recovery import Original
    from numpy.typing import NDArray

    Distances = NDArray[np.uint16]
    Row = tuple[str, ...]

EACH, EACH_QUICK = 24, 3
GOALS = {"stored again": 0.99, "scaled": 0.99, "cropped by 2–10 %": 0.95, "mirrored": 0.95, "border or banner": 0.90,
         "two of them": 0.85}  # fmt: skip
STEPS = (16, 24, 32, 40, 48, 56, 64, 72, 80)
CANDIDATE = 64
MOST = 3
"""Candidates that are compared with a copy."""
NOTHING = 999
BIT = 8
HARDEST = 60
"""Pairs of different pictures that are compared, the nearest of all: a large catalogue has many such."""


@dataclass(frozen=True, slots=True)
class Half:
    """Pictures with their fingerprints, and the copies of them: as many of each as there are changes."""

    originals: list[Original]
    kept: list[Printed]
    queries: list[Printed]

    def distances(self, method: Callable[[list[Printed], list[Printed]], Distances]) -> Found:
        """Look up every copy by a method."""
        table = method(self.queries, self.kept)
        owner = np.repeat(np.arange(len(self.kept)), len(CHANGES))
        own = table[np.arange(len(table)), owner]
        others = table.copy()
        others[np.arange(len(table)), owner] = NOTHING
        return Found(own, others)


@dataclass(frozen=True, slots=True)
class Found:
    """How far each copy is from its own picture, and from each of the others."""

    own: Distances
    others: Distances

    @property
    def limit(self) -> int:
        """The largest distance at which no copy is taken for another picture."""
        return int(self.others.min()) - 1

    def recall(self, limit: int, group: str) -> float:
        """Share of the copies of a group that are found."""
        return float((self.own <= limit)[_in_group(len(self.own), group)].mean())

    def false(self, limit: int) -> float:
        """Share of all copies that another picture is found for."""
        return float((self.others.min(1) <= limit).mean())


def _in_group(queries: int, group: str) -> NDArray[np.bool_]:
    return np.resize([it == group for it, _, _ in CHANGES], queries)


def _together(queries: list[Printed], kept: list[Printed]) -> Distances:
    """Let one bit of pHash count as much as eight of ISCC, and take what is nearer."""
    by_phash = np.minimum(nearest_phash(queries, kept), NOTHING // BIT) * BIT
    together: Distances = np.minimum(nearest(queries, kept, parts=None), by_phash).astype(np.uint16)
    return together


METHODS: dict[str, Callable[[list[Printed], list[Printed]], Distances]] = {
    "pHash, mirrored too": nearest_phash,
    "ISCC": lambda queries, kept: nearest(queries, kept, parts=(WHOLE,)),
    "ISCC, mirrored too": lambda queries, kept: nearest(queries, kept, parts=(WHOLE, MIRRORED)),
    "ISCC, of parts too": lambda queries, kept: nearest(queries, kept, parts=None),
    "that, or pHash × 8": _together,
}
USED = "that, or pHash × 8"


def percent(share: float) -> str:
    """Write a share, never rounded up to all of them."""
    return "100 %" if share == 1 else f"{min(99.9, 100 * share):.1f} %"


# ---- tables


def by_method(tuning: Half, held: Half) -> Iterator[Row]:
    """Tell what each method finds where none of the first half is taken for another."""
    for name, method in METHODS.items():
        limit = tuning.distances(method).limit
        found = held.distances(method)
        recalls = [percent(found.recall(limit, group)) for group in GROUPS]
        yield name, str(limit), *recalls, percent(found.false(limit))


def by_threshold(found: Found) -> Iterator[Row]:
    """Tell what is found within each distance, and how many false pairs there are."""
    pairs = found.others.size - len(found.others)
    for limit in STEPS:
        false = int((found.others <= limit).sum())
        recalls = [percent(found.recall(limit, group)) for group in GROUPS]
        yield f"≤ {limit}", *recalls, percent(found.false(limit)), f"{false} of {pairs}"


def by_change(found: Found) -> Iterator[Row]:
    """Tell for each change how far copies are from their pictures, and whether these are the nearest."""
    ranks = (found.others < found.own[:, None]).sum(1)
    for number, (group, name, _) in enumerate(CHANGES):
        own, rank = found.own[number :: len(CHANGES)], ranks[number :: len(CHANGES)]
        within = own <= CANDIDATE
        yield (
            f"{group}: {name}",
            f"{np.median(own):.0f}",
            percent(float(within.mean())),
            percent(float((within & (rank == 0)).mean())),
            percent(float((within & (rank < MOST)).mean())),
        )


def by_kind(half: Half, found: Found) -> Iterator[Row]:
    """Tell which pictures are taken for others."""
    kinds = np.repeat([it.kind for it in half.originals], len(CHANGES))
    for kind in dict.fromkeys(it.kind for it in half.originals):
        mine = kinds == kind
        own, nearest_other = found.own[mine], found.others[mine].min(1)
        refused = sum(not len(it.codes) for one, it in zip(half.originals, half.kept, strict=True) if one.kind == kind)
        yield (
            kind,
            f"{refused} of {int(mine.sum()) // len(CHANGES)}",
            percent(float((own <= CANDIDATE).mean())),
            str(nearest_other.min()),
            percent(float((nearest_other <= CANDIDATE).mean())),
        )


# ---- candidates that are compared


@dataclass(frozen=True, slots=True)
class Asked:
    """A copy with its candidates, the nearest first, and what comparing said of each."""

    group: str
    own: int
    candidates: tuple[tuple[int, Compared], ...]

    def taken(self, certainty: float, changed: float, *, known: bool = True) -> int | None:
        """Return the picture that the copy is taken for; not `known`: as if its own were not in the catalogue."""
        for picture, said in self.candidates:
            if said.passes(certainty, changed) and (known or picture != self.own):
                return picture
        return None


def ask(half: Half, found: Found, pool: ProcessPoolExecutor, *, each: int, whole: bool) -> list[Asked]:
    """Compare some copies of each picture with their candidates."""
    asked, pairs = [], []
    for place, original in enumerate(half.originals):
        for change in sampled(original, each):
            row = place * len(CHANGES) + change
            distances = found.others[row].copy()
            distances[place] = found.own[row]
            close = [int(it) for it in np.argsort(distances, kind="stable")[:MOST] if distances[it] <= CANDIDATE]
            asked.append((change, place, close))
            pairs += [Pair(original, change, half.originals[it], whole) for it in close]
    said = iter(pool.map(compared, pairs, chunksize=4))
    return [Asked(CHANGES[change][0], place, tuple((it, next(said)) for it in close)) for change, place, close in asked]


def hardest(half: Half, found: Found, pool: ProcessPoolExecutor) -> list[Compared]:
    """Compare the nearest pairs of different pictures, each two of them once, with thumbnails."""
    pairs: dict[tuple[int, int], Pair] = {}
    for flat in np.argsort(found.others, axis=None, kind="stable"):
        row, other = divmod(int(flat), found.others.shape[1])
        own, change = divmod(row, len(CHANGES))
        pair = Pair(half.originals[own], change, half.originals[other], whole=False)
        pairs.setdefault((min(own, other), max(own, other)), pair)
        if len(pairs) == HARDEST:
            break
    return list(pool.map(compared, pairs.values(), chunksize=2))


def rule(asked: Sequence[Asked], strangers: Sequence[Compared]) -> tuple[float, float]:
    """Choose the certainty and the changed share that take the most copies for their own, and none for another."""
    best = (-1, 0.0, 0.0)
    for certainty, changed in itertools.product(np.arange(0.05, 1.0, 0.05), (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)):
        wrong = any(it.taken(certainty, changed, known=False) is not None for it in asked)
        wrong = wrong or any(it.passes(certainty, changed) for it in strangers)
        right = sum(it.taken(certainty, changed) == it.own for it in asked)
        if not wrong and right > best[0]:
            best = (right, round(float(certainty), 2), changed)
    return best[1], best[2]


def by_confirmation(asked: Sequence[Asked], chosen: tuple[float, float]) -> Iterator[Row]:
    """Tell what is found when candidates are compared."""
    for group in GROUPS:
        mine = [it for it in asked if it.group == group]
        if mine:
            right = sum(it.taken(*chosen) == it.own for it in mine)
            wrong = sum(it.taken(*chosen) not in (it.own, None) for it in mine)
            candidate = sum(it.own in [picture for picture, _ in it.candidates] for it in mine)
            unknown = sum(it.taken(*chosen, known=False) is not None for it in mine)
            yield (
                group,
                str(len(mine)),
                percent(candidate / len(mine)),
                percent(right / len(mine)),
                str(wrong),
                str(unknown),
            )


def goals(asked: Sequence[Asked], chosen: tuple[float, float]) -> str:
    """Say which goals were met."""
    words = []
    for group, goal in GOALS.items():
        mine = [it for it in asked if it.group == group]
        share = statistics.mean(it.taken(*chosen) == it.own for it in mine) if mine else 0.0
        words.append(f"{group} {percent(share)} (≥ {percent(goal)}: {'met' if share >= goal else 'MISSED'})")
    return "Goals, after comparing: " + "; ".join(words)


def halves(listed: list[Original], made: Iterable[tuple[Printed, list[Printed]]]) -> tuple[Half, Half]:
    """Share pictures out: every second one of each kind."""
    parts: dict[int, Half] = defaultdict(lambda: Half([], [], []))
    for original, (kept, copies) in zip(listed, made, strict=True):
        half = parts[original.number % 2]
        half.originals.append(original)
        half.kept.append(kept)
        half.queries.extend(copies)
    return parts[0], parts[1]


def main() -> None:
    def more(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--quick", action="store_true", help=f"{EACH_QUICK} pictures of a kind, not {EACH}")
        parser.add_argument("--folder", type=Path, metavar="DIR", help="measure on the pictures below a folder too")

    chosen = arguments("Are pictures found again, and are others taken for them?", more=more)
    listed = originals(EACH_QUICK if chosen.quick else EACH, chosen.folder)
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        tuning, held = halves(listed, pool.map(printed, listed, chunksize=2))
        print(f"{len(listed)} pictures × {len(CHANGES)} changes; {len(held.originals)} of them are held out\n")
        groups = tuple(GROUPS)
        print("By method: none of the first half is taken for another; of the other half are found\n")
        print_table(("", "distance ≤", *groups, "false"), list(by_method(tuning, held)), markdown=chosen.markdown)
        found = held.distances(METHODS[USED])
        print(f"By distance ({USED}), other half\n")
        print_table(("", *groups, "false", "false pairs"), list(by_threshold(found)), markdown=chosen.markdown)
        print(f"By change, within {CANDIDATE}\n")
        head: Row = ("", "median distance", "candidate", "nearest", f"among {MOST} nearest")
        print_table(head, list(by_change(found)), markdown=chosen.markdown)
        print("By kind of picture\n")
        head = ("", "not distinct", "candidate", "nearest other", "others within")
        print_table(head, list(by_kind(held, found)), markdown=chosen.markdown)
        strangers = [hardest(it, it.distances(METHODS[USED]), pool) for it in (tuning, held)]
        for whole in (False, True):
            count = 1 if whole or chosen.quick else 2
            first = ask(tuning, tuning.distances(METHODS[USED]), pool, each=count, whole=whole)
            asked = ask(held, found, pool, each=count, whole=whole)
            best = rule(first, strangers[0])
            wrong = sum(it.passes(*best) for it in strangers[1])
            print(f"Candidates compared with the {'original' if whole else 'thumbnail'}: taken for the same where")
            print(f"the certainty is {best[0]} or more, and {percent(best[1])} or less has changed\n")
            head = ("", "copies", "candidate", "found", "taken for another", "taken for another when unknown")
            print_table(head, list(by_confirmation(asked, best)), markdown=chosen.markdown)
            print(f"Of the {HARDEST} nearest pairs of different pictures {wrong} are taken for the same\n")
            print(goals(asked, best) + "\n")


if __name__ == "__main__":
    main()
