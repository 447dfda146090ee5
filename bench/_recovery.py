"""What recovery takes, for each picture by itself: its fingerprints, those of its copies, and how far they differ."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from _copies import GROUPS, copied
from _gallery import KINDS, photograph
from _pictures import PHOTOGRAPHS

from provenance.fingerprints.image import to_find, to_keep
from provenance.model.fingerprints import ISCC, PHASH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _copies import Change
    from numpy.typing import NDArray
    from PIL.Image import Image as Picture

    from provenance.model.fingerprints import Fingerprints

    Rows = NDArray[np.uint64]

NOTHING = 999
FRESH = 300
"""Drawn pictures from this number on chose nothing: neither limits nor methods."""
EXACT = ("stored again", "scaled")
"""Groups of which all fresh copies are made: where 99 % are aimed at, one of a few copies decides nothing."""
PHOTOGRAPH = "photographs"
DISTINCT = (
    "python__A.jpg", "python__P1000827.jpg", "python__TUSCANY.TIF", "python__cloud.jpg", "python__mars.webp",
    "python__sample1.gif", "python__sample1.avif", "python__sample1.webp", "python__test.webp", "rs__MultiPage.tif",
    "rs__adobe-20220124-E-clm-CAICAI.jpg", "rs__no_alg.jpg", "rs__ocsp.jpg",
)  # fmt: skip
"""Photographs and scans of the public test files that show different things."""
CHANGES: tuple[tuple[str, str, Change], ...] = tuple(
    (group, name, change) for group, changes in GROUPS.items() for name, change in changes.items()
)
ALL = range(len(CHANGES))


@functools.lru_cache(maxsize=100)
def _drawn(kind: str, name: str) -> Picture:
    return KINDS[kind](int(name)) if kind in KINDS else photograph(Path(name))


@dataclass(frozen=True, slots=True)
class Original:
    """One picture, by what it takes to have it again in another process."""

    number: int
    kind: str
    name: str

    def picture(self) -> Picture:
        """Draw or open it."""
        return _drawn(self.kind, self.name).copy()

    def copy(self, change: int) -> Picture:
        """Make a copy; the same one each time."""
        return copied(CHANGES[change][2], self.picture(), np.random.default_rng([self.number, change]))


@dataclass(frozen=True, slots=True)
class Printed:
    """The fingerprints of one method and one picture, in words of 64 bits, with their variants."""

    variants: tuple[str, ...]
    codes: Rows
    phash: Rows

    @classmethod
    def of(cls, fingerprints: Fingerprints) -> Printed:
        """Pack them; none at all for a picture that is not distinct."""
        codes = [it for it in fingerprints.found if it.method == ISCC]
        phash = b"".join(it.value for it in fingerprints.found if it.method == PHASH)
        packed = np.frombuffer(b"".join(it.value for it in codes), np.uint64).reshape(-1, 4)
        return cls(tuple(it.variant for it in codes), packed, np.frombuffer(phash, np.uint64).reshape(-1, 1))


def originals(each: int, folder: Path | None) -> list[Original]:
    """List what is measured on: drawn pictures, public test files where they are, and a folder of one's own."""
    found = [(kind, str(number)) for kind in KINDS for number in range(each)]
    found += [(PHOTOGRAPH, str(PHOTOGRAPHS / name)) for name in DISTINCT if (PHOTOGRAPHS / name).is_file()]
    if folder is not None:
        found += [(folder.name, str(path)) for path in sorted(folder.rglob("*")) if _opens(path)]
    return [Original(number, kind, name) for number, (kind, name) in enumerate(found)]


def fresh(each: int) -> list[Original]:
    """List drawn pictures that no limit was chosen on; their numbers are even, as `sampled` counts pairs."""
    found = ((kind, str(FRESH + number)) for kind in KINDS for number in range(each))
    return [Original(2 * (1000 + number), kind, name) for number, (kind, name) in enumerate(found)]


def _opens(path: Path) -> bool:
    try:
        photograph(path)
    except (OSError, ValueError, SyntaxError):
        return False
    return True


def printed(original: Original, changes: Sequence[int] = ALL) -> tuple[Printed, list[Printed]]:
    """Make the fingerprints of a picture, and those that its copies are looked up by."""
    kept = Printed.of(to_keep(original.picture()))
    return kept, [Printed.of(to_find(original.copy(it))) for it in changes]


def nearest(queries: list[Printed], kept: list[Printed], *, parts: tuple[str, ...] | None) -> NDArray[np.uint16]:
    """Return the distances of each query to each picture, by what is nearest; `parts` names those that count.

    Without any names, it is all parts. Where there is nothing to be compared, the distance is `NOTHING`.
    """
    codes = [it.codes[_named(it, parts)] for it in kept]
    owners = np.repeat(np.arange(len(kept)), [len(it) for it in codes])
    return _distances([it.codes[_named(it, parts)] for it in queries], np.concatenate(codes), owners, len(kept))


def nearest_phash(queries: list[Printed], kept: list[Printed]) -> NDArray[np.uint16]:
    """Return the distances by pHash, as they stand or mirrored."""
    owners = np.repeat(np.arange(len(kept)), [len(it.phash) for it in kept])
    return _distances([it.phash for it in queries], np.concatenate([it.phash for it in kept]), owners, len(kept))


def _named(it: Printed, parts: tuple[str, ...] | None) -> NDArray[np.bool_]:
    return np.array([parts is None or name in parts for name in it.variants], dtype=bool)


def _distances(queries: list[Rows], rows: Rows, owners: NDArray[np.int64], pictures: int) -> NDArray[np.uint16]:
    found = np.full((len(queries), pictures), NOTHING, np.uint16)
    mine, begins = np.unique(owners, return_index=True)
    words = np.ascontiguousarray(rows.T)
    for number, query in enumerate(queries):
        if len(query):
            counts = (np.bitwise_count(own[:, None] ^ word) for own, word in zip(query.T, words, strict=True))
            bits = functools.reduce(np.add, (it.astype(np.uint16) for it in counts))
            found[number, mine] = np.minimum.reduceat(bits.min(0), begins)
    return found


def sampled(original: Original, count: int) -> list[int]:
    """Choose so many of its copies to be compared, of groups and changes in turn."""
    chosen, groups = [], tuple(GROUPS)
    for number in range(original.number // 2 * count, (original.number // 2 + 1) * count):
        turn, group = divmod(number, len(groups))
        mine = [place for place, (name, _, _) in enumerate(CHANGES) if name == groups[group]]
        chosen.append(mine[turn % len(mine)])
    return chosen


def sampled_fresh(original: Original, count: int) -> list[int]:
    """Choose so many copies of a fresh picture, and all copies of the groups that must be told exactly."""
    chosen = set(sampled(original, count))
    return [place for place, (group, _, _) in enumerate(CHANGES) if group in EXACT or place in chosen]


def percent(share: float) -> str:
    """Write a share, never rounded up to all of them."""
    return "100 %" if share == 1 else f"{min(99.9, 100 * share):.1f} %"
