"""How long does it take to find the nearest of a million fingerprints?"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from unittest import mock

import numpy as np
from _measure import Timing, arguments, folder, fresh, interleave, print_table

from provenance.fingerprints.index import Index

MANY = 1_000_000
GROUP = 10_000
WITHIN, MOST = 64, 20
SOUGHT = 28
"""Fingerprints that one copy is looked up by: its parts, as they stand and mirrored."""
GOALS = {"numpy": 60.0, "faiss": 5.0}


def values(seed: int, count: int = GROUP) -> list[bytes]:
    """Make up fingerprints: chance bits, which is what unrelated pictures come near to."""
    data = np.random.default_rng(seed).bytes(32 * count)
    return [data[start : start + 32] for start in range(0, len(data), 32)]


def near(value: bytes, bits: int, seed: int) -> bytes:
    """Change so many bits."""
    levels = np.unpackbits(np.frombuffer(value, np.uint8))
    levels[np.random.default_rng(seed).permutation(256)[:bits]] ^= 1
    return np.packbits(levels).tobytes()


def peak() -> int:
    """Bytes that are held in memory now."""
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return 4096 * int(fields[1])


def build(path: Path) -> tuple[float, float, int]:
    """Add fingerprints in groups, as a catalogue does, and save; returns both times, and the bytes that it took."""
    before, added, index = peak(), 0.0, Index(256)
    for start in range(0, MANY, GROUP):
        group = list(zip(range(start, start + GROUP), values(start), strict=True))
        begun = time.perf_counter()
        index.add(group)
        added += time.perf_counter() - begun
    begun, held = time.perf_counter(), peak() - before
    index.save(path)
    return added, time.perf_counter() - begun, held


def ask(path: Path, engine: str, rounds: int) -> tuple[dict[str, Timing], float, int]:
    """Look up copies of ten bits' difference; returns the times, that of opening, and the bytes that it took."""
    hidden = {"faiss": None} if engine == "numpy" else {}
    with mock.patch.dict(sys.modules, hidden):
        sought = near(values(40 * GROUP)[123], 10, 1)
        before, begun = peak(), time.perf_counter()
        index = Index.load(path, bits=256)
        opened = time.perf_counter() - begun
        assert index is not None
        assert index.nearest([sought], most=MOST, within=WITHIN)[0][0] == (40 * GROUP + 123, 10)
        held = peak() - before
        all_sought = [near(sought, 10, seed) for seed in range(SOUGHT)]
        calls = {
            "one": lambda: index.nearest([sought], most=MOST, within=WITHIN),
            "all": lambda: index.nearest(all_sought, most=MOST, within=WITHIN),
        }
        return interleave(calls, rounds=rounds), opened, held


def main() -> None:
    chosen = arguments("How long does it take to find the nearest of a million fingerprints?", rounds=50)
    with folder() as place:
        path = place / "index"
        added, saved, held = fresh(build, path)
        size = path.stat().st_size / 1e6
        print(f"{MANY:,} of 256 bits: added in {added:.2f} s, saved in {saved:.2f} s, a file of {size:.0f} MB;")
        print(f"{held / 1e6:.0f} MB in memory while it is built\n")
        rows = []
        for engine, goal in GOALS.items():
            timings, opened, taken = fresh(ask, path, engine, chosen.rounds)
            one, every = timings["one"], timings["all"]
            met = "met" if one.milliseconds <= goal else "MISSED"
            times = f"{one.milliseconds:.1f}", f"{1000 * max(one.seconds):.1f}", f"{every.milliseconds:.0f}"
            rows.append((engine, *times, f"{1000 * opened:.1f}", f"{taken / 1e6:.0f}", f"≤ {goal:g} ms: {met}"))
        head = ("", "a query, ms", "slowest", f"all {SOUGHT} of a copy, ms", "opened in, ms", "MB", "goal")
        print_table(head, rows, markdown=chosen.markdown)


if __name__ == "__main__":
    main()
