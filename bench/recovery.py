"""Are pictures found again by what they look like, and are others taken for them?

Half of the pictures chooses distances, the other half is what the tables of distances tell of. A query is a copy of a
picture; it is false when another picture of its half is taken for it. What is confirmed is told of fresh pictures, on
which nothing at all was chosen.
"""

from __future__ import annotations

import os
import pickle
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from _confirming import WITHIN, Confirming, Queries, asked, by_confirmation, by_rule, goals, measured, nearest_others
from _copies import GROUPS
from _measure import arguments, print_table
from _recovery import (
    ALL,
    CHANGES,
    NOTHING,
    Printed,
    fresh,
    nearest,
    nearest_phash,
    originals,
    percent,
    printed,
    sampled,
    sampled_fresh,
)

from provenance.fingerprints.thresholds import CANDIDATE
from provenance.model.fingerprints import MIRRORED, PHASH, WHOLE
from provenance.workspace.recovering import MOST

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Executor

    from _recovery import Original
    from numpy.typing import NDArray

    Distances = NDArray[np.uint16]
    Row = tuple[str, ...]

EACH, EACH_QUICK = 24, 3
STEPS = (16, 24, 32, 40, 48, 56, 64, 72, 80)
BIT = 8
FRESH_EACH, EACH_FRESH = 12, 4
"""Fresh pictures of a kind; copies of each that are compared with thumbnails, besides those of the groups that must be
told exactly. One of them is compared with the original."""


@dataclass(frozen=True, slots=True)
class Half:
    """Pictures and copies of them with their fingerprints."""

    originals: list[Original]
    kept: list[Printed]
    copies: list[tuple[int, int]]
    """Of which picture each query is a copy, and by which change."""
    queries: list[Printed]
    tables: dict[str, Distances] = field(default_factory=dict)

    def distances(self, method: str) -> Found:
        """Look up every copy by a method."""
        table = self.table(method)
        owner = np.array([place for place, _ in self.copies])
        own = table[np.arange(len(table)), owner]
        others = table.copy()
        others[np.arange(len(table)), owner] = NOTHING
        return Found(own, others)

    def sampled(self, chosen: Callable[[int, Original], Sequence[int]]) -> Queries:
        """Take some copies of each picture: those whose changes are chosen by its place and itself."""
        found, wanted = self.distances(USED), [set(chosen(place, it)) for place, it in enumerate(self.originals)]
        rows = [row for row, (place, change) in enumerate(self.copies) if change in wanted[place]]
        return Queries(self.originals, [self.copies[row] for row in rows], found.own[rows], found.others[rows])

    def table(self, method: str) -> Distances:
        """Return the distances of all copies to all pictures; they are counted once."""
        if method not in self.tables:
            self.tables[method] = METHODS[method](self)
        return self.tables[method]


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


def _together(half: Half) -> Distances:
    """Let one bit of pHash count as much as eight of ISCC, and take what is nearer."""
    by_phash = np.minimum(half.table(BY_PHASH), NOTHING // BIT) * BIT
    together: Distances = np.minimum(half.table(OF_PARTS), by_phash).astype(np.uint16)
    return together


BY_PHASH, OF_PARTS, USED = "pHash, mirrored too", "ISCC, of parts too", "that, or pHash × 8"
METHODS: dict[str, Callable[[Half], Distances]] = {
    BY_PHASH: lambda it: nearest_phash(it.queries, it.kept),
    "ISCC": lambda it: nearest(it.queries, it.kept, parts=(WHOLE,)),
    "ISCC, mirrored too": lambda it: nearest(it.queries, it.kept, parts=(WHOLE, MIRRORED)),
    OF_PARTS: lambda it: nearest(it.queries, it.kept, parts=None),
    USED: _together,
}


# ---- tables


def by_method(tuning: Half, held: Half) -> Iterator[Row]:
    """Tell what each method finds where none of the first half is taken for another, and as far as candidates are."""
    for name in METHODS:
        found = held.distances(name)
        for limit in (tuning.distances(name).limit, CANDIDATE[PHASH] if name == BY_PHASH else WITHIN):
            if limit < 0:
                yield (name, "never", *(["–"] * (len(GROUPS) + 1)))
            else:
                recalls = [percent(found.recall(limit, group)) for group in GROUPS]
                yield (name, str(limit), *recalls, percent(found.false(limit)))


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
        within = own <= WITHIN
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
            percent(float((own <= WITHIN).mean())),
            str(nearest_other.min()),
            percent(float((nearest_other <= WITHIN).mean())),
        )


# ---- candidates that are compared


def confirmed(fresh: Half, confirming: Confirming, *, markdown: bool) -> None:
    """Tell of fresh pictures what is found when candidates are compared with thumbnails, and with the originals."""
    for whole in (False, True):
        queries = fresh.sampled(_one if whole else lambda *_: ALL)
        found = asked(queries, confirming, whole=whole, thorough=False)
        print(f"Fresh pictures: candidates compared with the {'original' if whole else 'thumbnail'}\n")
        head = ("", "copies", "candidate", "confirmed", "own not confirmed", "others confirmed")
        print_table(head, list(by_confirmation(found)), markdown=markdown)
        print(f"{goals(found)}\n{nearest_others(found)}\n")
    evenly = fresh.sampled(lambda _, it: sampled(it, EACH_FRESH))
    print(f"As many of each group: {measured(asked(evenly, confirming, whole=False, thorough=False))}\n")


def gained(halves: tuple[Half, Half], confirming: Confirming, *, each: int, markdown: bool) -> None:
    """Tell what each witness adds, on the pictures that limits were chosen on."""
    queries = [half.sampled(lambda _, it: sampled(it, each)) for half in halves]
    found = [it for one in queries for it in asked(one, confirming, whole=False, thorough=True)]
    print("What each witness adds, both halves\n")
    print_table(("", *GROUPS, "others"), list(by_rule(found)), markdown=markdown)
    print(nearest_others(found) + "\n")


def _one(place: int, original: Original) -> Sequence[int]:
    # Pictures that follow each other have every second half of the groups: so each group comes as often.
    return sampled(original, EACH_FRESH)[place // 2 % EACH_FRESH :][:1]


def fresh_half(pool: Executor, each: int) -> Half:
    """Make the fingerprints of fresh pictures, and of some copies of each."""
    listed = fresh(each)
    made = list(pool.map(printed_some, listed, chunksize=2))
    copies = [(place, change) for place, it in enumerate(listed) for change in sampled_fresh(it, EACH_FRESH)]
    return Half(listed, [kept for kept, _ in made], copies, [copy for _, found in made for copy in found])


def printed_some(original: Original) -> tuple[Printed, list[Printed]]:
    """Make the fingerprints of a picture and of some of its copies."""
    return printed(original, sampled_fresh(original, EACH_FRESH))


def halves(listed: list[Original], made: Iterable[tuple[Printed, list[Printed]]]) -> tuple[Half, Half]:
    """Share pictures out: every second one of each kind."""
    parts: dict[int, Half] = defaultdict(lambda: Half([], [], [], []))
    for original, (kept, copies) in zip(listed, made, strict=True):
        half = parts[original.number % 2]
        half.originals.append(original)
        half.kept.append(kept)
        half.copies.extend((len(half.originals) - 1, change) for change in ALL)
        half.queries.extend(copies)
    return parts[0], parts[1]


def fingerprints(listed: list[Original], pool: Executor, path: Path | None) -> list[tuple[Printed, list[Printed]]]:
    """Make all fingerprints, or read those of an earlier run over the same pictures."""
    if path is not None and path.is_file():
        earlier: tuple[list[Original], list[tuple[Printed, list[Printed]]]] = pickle.loads(path.read_bytes())
        if earlier[0] == listed:
            return earlier[1]
    made = list(pool.map(printed, listed, chunksize=2))
    if path is not None:
        path.write_bytes(pickle.dumps((listed, made)))
    return made


def options(parser: argparse.ArgumentParser) -> None:
    """Add which pictures, and where to go on."""
    parser.add_argument("--quick", action="store_true", help=f"{EACH_QUICK} pictures of a kind, not {EACH}")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="measure on the pictures below a folder too")
    parser.add_argument("--gain", type=int, default=0, metavar="N", help="ask each witness about N copies of each too")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep fingerprints and comparisons there, and go on")


def main() -> None:
    chosen = arguments("Are pictures found again, and are others taken for them?", more=options)
    listed = originals(EACH_QUICK if chosen.quick else EACH, chosen.folder)
    kept = {name: chosen.keep / f"{name}.pickle" if chosen.keep else None for name in ("fingerprints", "comparisons")}
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        tuning, held = halves(listed, fingerprints(listed, pool, kept["fingerprints"]))
        print(f"{len(listed)} pictures × {len(CHANGES)} changes; {len(held.originals)} of them are held out\n")
        groups = tuple(GROUPS)
        print(
            "By method, other half: where none of the first half is taken for another, and as far as candidates are\n"
        )
        print_table(("", "distance ≤", *groups, "false"), list(by_method(tuning, held)), markdown=chosen.markdown)
        found = held.distances(USED)
        print(f"By distance ({USED}), other half\n")
        print_table(("", *groups, "false", "false pairs"), list(by_threshold(found)), markdown=chosen.markdown)
        print(f"By change, within {WITHIN}\n")
        head: Row = ("", "median distance", "candidate", "nearest", f"among {MOST} nearest")
        print_table(head, list(by_change(found)), markdown=chosen.markdown)
        print("By kind of picture\n")
        head = ("", "not distinct", "candidate", "nearest other", "others within")
        print_table(head, list(by_kind(held, found)), markdown=chosen.markdown)
        confirming = Confirming(pool, kept["comparisons"])
        if chosen.gain:
            gained((tuning, held), confirming, each=chosen.gain, markdown=chosen.markdown)
        confirmed(fresh_half(pool, EACH_QUICK if chosen.quick else FRESH_EACH), confirming, markdown=chosen.markdown)


if __name__ == "__main__":
    main()
