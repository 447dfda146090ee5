"""What does a batch cost beyond its files: memory, time for each of them, the journal?"""

from __future__ import annotations

import shutil
import time
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from _measure import arguments, folder, fresh, make, new_identity, open_workspace, print_table
from _ours import forget, run
from _sets import numbered_jpeg

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from pathlib import Path

    from _ours import Taken

SIZES = (100, 1000, 10_000)
ENGINES = ("threads", "processes")
JOURNAL = ("begin", "finish", "known", "makers", "touch")
"""Methods of the journal that a batch calls."""


def options(parser: argparse.ArgumentParser) -> None:
    """Add how many files there are."""
    parser.add_argument("--scale", type=float, default=1.0, metavar="X", help="how many files, of all (1)")


def tiny_jpeg(path: Path) -> None:
    """Make a picture of some 60 kB."""
    from _measure import picture

    picture(480, 360, coloured=True).save(path, "JPEG", quality=85)


def fill(place: Path, data: bytes, count: int) -> Path:
    """Make a folder of that many files, each a little different."""
    place.mkdir(parents=True)
    for number in range(count):
        (place / f"{number:06}.jpg").write_bytes(numbered_jpeg(data, number))
    return place


def sign(home: Path, source: Path, *more: object) -> Taken:
    """Sign a folder from nothing, outputs included, and remove them."""
    forget(home)
    output = home / "output"
    taken = run(home, "sign", source, "-o", f"{output}/", "-q", *more)
    shutil.rmtree(output)
    if taken.code:
        raise SystemExit(f"provenance sign ended with {taken.code}")
    return taken


def journal_share(home: Path, source: Path) -> tuple[float, float, float]:
    """Sign a folder in this process and its own; return seconds in all, in the journal, and in digests of one core."""
    from provenance.batch.crew import Batch
    from provenance.batch.executors import Engine
    from provenance.batch.journal import Journal
    from provenance.batch.naming import Naming
    from provenance.batch.recipe import Signing
    from provenance.batch.signatures import Signatures
    from provenance.claims import SigningOptions

    forget(home)
    space = open_workspace(home)
    spent = [0.0]

    def timed(name: str) -> Any:
        function = getattr(Journal, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            begun = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                spent[0] += time.perf_counter() - begun

        return patch.object(Journal, name, call)

    for name in JOURNAL:
        timed(name).start()
    begun = time.perf_counter()
    output = home / "output"
    batch = Batch(names=[str(source)], engine=Engine(name="processes"))
    done = list(Signatures(space, batch, Signing(options=SigningOptions()), Naming(output=f"{output}/")))
    whole = time.perf_counter() - begun
    shutil.rmtree(output)
    digests = digest_seconds(source)
    if any(item.failed for item in done):
        raise SystemExit("not all files were signed")
    return whole, spent[0], digests


def digest_seconds(source: Path) -> float:
    """Return the seconds that one core takes to hash what is in a folder, read already."""
    import hashlib

    spent = 0.0
    for path in source.iterdir():
        data = path.read_bytes()
        begun = time.perf_counter()
        hashlib.sha256(data).hexdigest()
        spent += time.perf_counter() - begun
    return spent


def growth(home: Path, places: Mapping[int, Path], rounds: int) -> list[tuple[str, ...]]:
    """Say what each of few and of many files takes; the most are signed once."""
    few, *_, most = places
    found = {
        size: [sign(home, place, "--engine", "processes") for _ in range(1 if size == most else rounds)]
        for size, place in places.items()
    }
    seconds = {size: median(item.seconds for item in taken) for size, taken in found.items()}
    start = (most * seconds[few] - few * seconds[most]) / (most - few)
    print(f"The start and the end take {start:.2f} s\n")
    return [
        (
            f"{size:,}",
            f"{seconds[size]:.1f}",
            f"{(seconds[size] - start) / size * 1e3:.2f}",
            f"{max(item.alone for item in taken) / 1e6:.0f}",
            f"{max(item.peak for item in taken) / 1e6:.0f}",
        )
        for size, taken in found.items()
    ]


def engines(home: Path, place: Path, count: int, rounds: int) -> list[tuple[str, ...]]:
    """Sign with threads and with processes, in turn."""
    calls = {name: partial(sign, home, place, "--engine", name) for name in ENGINES}
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            taken[name].append(call().seconds)
    return [(name, f"{count / median(found):.1f}") for name, found in taken.items()]


def journal(home: Path, place: Path, rounds: int) -> list[tuple[str, ...]]:
    """Say what part of a batch its journal is."""
    shares = [fresh(journal_share, home, place) for _ in range(rounds)]
    whole, writing, digests = (median(item[part] for item in shares) for part in range(3))
    return [
        ("the batch", f"{whole:.2f}", ""),
        ("reading and writing the journal", f"{writing:.3f}", f"{writing / whole:.1%}"),
        ("SHA-256 of the sources, on one core", f"{digests:.3f}", f"{digests / whole:.1%}"),
    ]


def main() -> None:
    question = "What does a batch cost beyond its files: memory, time for each of them, the journal?"
    chosen = arguments(question, rounds=3, more=options)
    with folder() as home:
        new_identity(home)
        data = make(tiny_jpeg, home / "tiny.jpg").read_bytes()
        sizes = [max(10, round(size * chosen.scale)) for size in SIZES]
        places = {size: fill(home / f"in-{size}", data, size) for size in sizes}
        show = partial(print_table, markdown=chosen.markdown)

        print(f"A JPEG of {len(data) / 1e3:.0f} kB, signed with its thumbnail by processes\n")
        show(
            ("files", "s", "ms each", "peak of the leader, MB", "peak of all, MB"), growth(home, places, chosen.rounds)
        )

        middle = sizes[1]
        print(f"Who works, {middle} files\n")
        show(("engine", "files/s"), engines(home, places[middle], middle, chosen.rounds))

        print(f"The journal, {middle} files\n")
        show(("", "s", "of the batch"), journal(home, places[middle], chosen.rounds))


if __name__ == "__main__":
    main()
