"""How fast do other programs sign and verify many files?"""

from __future__ import annotations

import shutil
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from _measure import arguments, folder, kept_heap, print_table
from _ours import forget, run
from _peers import HEAD, NODE_PACKAGE, NODE_VERSION, Keys, NotInstalled, Run, engine, node, node_package, side_by_side
from _sets import SETS, MediaSet, files_of, identity, key_and_chain, media, signed, video

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence

FEW = 0.25
TIMES = 5
"""How many names each file gets where the start should weigh little; each name is verified."""


def options(parser: argparse.ArgumentParser) -> None:
    """Add where the media are kept, and how many of them are taken."""
    parser.add_argument("--sets", type=Path, metavar="FOLDER", help="where the media are kept between runs")
    parser.add_argument("--scale", type=float, default=FEW, metavar="X", help=f"how many files, of all ({FEW:g})")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="peers take every Nth file only (1)")
    parser.add_argument("--only", metavar="NAME", help=f"one set: {', '.join((*(s.name for s in SETS), 'mp4'))}")


def signing(sources: Sequence[Path], output: Path, keys: Keys, package: Path | None) -> dict[str, Callable[[], Run]]:
    """Name the programs that sign."""
    bare = partial(engine, "bare", output=output, keys=keys)
    calls: dict[str, Callable[[], Run]] = {
        "c2pa-python, documented example": partial(engine, "documented", sources, output=output, keys=keys),
        "bare engine, no thumbnail, and a Reader": partial(bare, sources),
        "the same, heap kept": partial(kept, partial(bare, sources)),
    }
    if len(sources) > 1:
        calls["the same, one for each core"] = partial(kept, partial(side_by_side, bare, sources))
    if package is not None:
        named = f"c2pa-node {NODE_VERSION}, documented example"
        calls[named] = partial(node, "documented", package, sources, output=output, keys=keys)
    return calls


def verifying(sources: Sequence[Path], package: Path | None) -> dict[str, Callable[[], Run]]:
    """Name the programs that read and validate, and what bounds them all."""
    bare = partial(engine, "read")
    calls: dict[str, Callable[[], Run]] = {
        "bare Reader": partial(bare, sources),
        "the same, heap kept": partial(kept, partial(bare, sources)),
    }
    if len(sources) > 1:
        calls["the same, one for each core"] = partial(kept, partial(side_by_side, bare, sources))
    if package is not None:
        calls[f"c2pa-node {NODE_VERSION}, Reader"] = partial(node, "read", package, sources)
    return calls | {"SHA-256": partial(engine, "sha256", sources)}


def ours(home: Path, sources: Path, *arguments: object) -> Run:
    """Run our command over a folder, on all cores; all of it counts, with its start and its end."""
    forget(home)
    taken = run(home, *arguments)
    files = files_of(sources)
    size = sum(path.stat().st_size for path in files)
    if taken.code not in {0, 3}:
        raise SystemExit(f"provenance {arguments[0]} ended with {taken.code}")
    return Run(files=len(files), size=size, seconds=taken.seconds, startup=0, whole=taken.seconds, peak=taken.peak)


def signed_by_us(home: Path, sources: Path, output: Path) -> dict[str, Callable[[], Run]]:
    """Name the ways in which ours signs: with thumbnails as usual, and without."""
    plain = partial(ours, home, sources, "sign", sources, "-o", f"{output}/", "-q")
    return {
        "ours, thumbnail": plain,
        "ours, no thumbnail": partial(plain, "--thumbnail", "none"),
    }


def verified_by_us(home: Path, sources: Path) -> dict[str, Callable[[], Run]]:
    """Name the ways in which ours verifies: the set, and as many files that the start weighs little."""
    more = repeated(sources)
    return {
        "ours": partial(ours, home, sources, "verify", sources, "--format", "jsonl"),
        f"ours, {TIMES} times as many": partial(ours, home, more, "verify", more, "--format", "jsonl"),
    }


def repeated(sources: Path) -> Path:
    """Return a folder in which each file of another one has several names."""
    place = sources.with_name(f"{sources.name}-x{TIMES}")
    place.mkdir(exist_ok=True)
    for path in files_of(sources):
        for number in range(TIMES):
            with suppress(FileExistsError):
                (place / f"{number}-{path.name}").hardlink_to(path)
    return place


def warm(sources: Path) -> None:
    """Read all media of a set and their signed versions."""
    for folder_of_media in (sources, sources.with_name(f"{sources.name}-signed")):
        for path in folder_of_media.glob("*"):
            with path.open("rb", buffering=0) as stream:
                while stream.read(1 << 24):
                    pass


def kept(call: Callable[[], Run]) -> Run:
    """Run a program with a heap that is kept between files: what the engine could do, and nobody documents."""
    with kept_heap():
        return call()


def ratios(name: str, taken: Run, found: Mapping[str, Run]) -> tuple[str]:
    """Say how many times as many files a second ours does, with what is comparable: with a thumbnail or without."""
    if name.startswith("ours"):
        return ("",)
    like = (
        "ours, thumbnail" if "documented" in name else "ours, no thumbnail" if "ours, no thumbnail" in found else "ours"
    )
    mine = found[like]
    return (f"{(taken.seconds / taken.files) / (mine.seconds / mine.files):.2f} ×",)


def measure(
    calls: Mapping[str, Callable[[], Run]], output: Path, *, rounds: int, warm: Callable[[], None]
) -> dict[str, Run]:
    """Run programs in turn and keep the median run of each, by the loop; outputs are removed outside the clock.

    `warm` reads all sources before each run: nobody pays for the disk that they come from.
    """
    runs: dict[str, list[Run]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            warm()
            output.mkdir()
            runs[name].append(call())
            shutil.rmtree(output)
    return {name: sorted(found, key=lambda run: run.seconds)[len(found) // 2] for name, found in runs.items()}


def chosen_sets(wanted: str | None, place: Path, scale: float) -> dict[str, Path]:
    """Make the sets that are asked for; return their folders."""

    def made(item: MediaSet) -> Path:
        return media(item, place, scale=scale)

    found = {item.what: made(item) for item in SETS if wanted in {None, item.name}}
    film = video(place, scale=scale) if wanted in {None, "mp4"} else None
    return found | ({"MP4": film} if film else {})


def main() -> None:
    chosen = arguments("How fast do other programs sign and verify many files?", rounds=3, more=options)
    with folder() as scratch:
        place = chosen.sets or scratch
        home = identity(place)
        key, chain = key_and_chain(home)
        package = None
        try:
            package = node_package(place)
        except NotInstalled as reason:
            print(f"{NODE_PACKAGE}: not installed ({reason})\n")
        for what, sources in chosen_sets(chosen.only, place, chosen.scale).items():
            # Loops over single files are as fast over a part of them; our start is spread over all.
            files, done = (files_of(place)[:: chosen.every] for place in (sources, signed(sources, home)))
            size = sum(path.stat().st_size for path in files)
            print(f"{what}: {len(files)} files, {size / 1e6:.0f} MB\n")
            output = place / "output"
            with suppress(FileNotFoundError):
                shutil.rmtree(output)
            keys = Keys(key=key, chain=chain)
            signers = signing(files, output, keys, package) | signed_by_us(home, sources, output)
            verifiers = verifying(done, package) | verified_by_us(home, signed(sources, home))
            for calls in (signers, verifiers):
                found = measure(calls, output, rounds=chosen.rounds, warm=partial(warm, sources))
                rows = [(name, *taken.cells(), *ratios(name, taken, found)) for name, taken in found.items()]
                print_table(("", *HEAD, "ours is faster by"), rows, markdown=chosen.markdown)


if __name__ == "__main__":
    main()
