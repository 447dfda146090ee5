"""What does a time-stamp authority that takes 100 ms cost a batch?"""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from _measure import arguments, folder, print_table
from _ours import forget, run
from _sets import SETS, files_of, identity, media

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from _ours import Taken
    from _sets import MediaSet

GOAL = 0.8
"""Of the speed without an authority."""
WAIT = 0.1
"""Seconds that the authority takes for each answer."""
PROGRAM = Path(__file__).parent / "peers" / "authority.py"


def options(parser: argparse.ArgumentParser) -> None:
    """Add where the media are kept, and how many of them are taken."""
    parser.add_argument("--sets", type=Path, metavar="FOLDER", help="where the media are kept between runs")
    parser.add_argument("--scale", type=float, default=0.25, metavar="X", help="how many files, of all (0.25)")


def sign(home: Path, sources: Path, output: Path, *more: str, settings: Path) -> Taken:
    """Sign a folder from nothing."""
    forget(home)
    shutil.rmtree(output, ignore_errors=True)
    taken = run(home, "sign", sources, "-o", f"{output}/", "-q", *more, more={"PROVENANCE_SETTINGS": str(settings)})
    shutil.rmtree(output, ignore_errors=True)
    if taken.code:
        raise SystemExit(f"provenance sign ended with {taken.code}")
    return taken


def compare(item: MediaSet, place: Path, settings: Path, chosen: argparse.Namespace) -> tuple[str, ...]:
    """Sign a set without and with an authority, in turn."""
    sources = media(item, place, scale=chosen.scale)
    count = len(files_of(sources))
    found: dict[str, list[float]] = {"off": [], "required": []}
    for _ in range(chosen.rounds):
        for name, seconds in found.items():
            taken = sign(identity(place), sources, settings.parent / "output", "--timestamp", name, settings=settings)
            seconds.append(taken.seconds)
    ratio = median(off / on for off, on in zip(*found.values(), strict=True))
    speeds = (f"{count / median(seconds):.1f}" for seconds in found.values())
    return (item.what, *speeds, f"{ratio:.2f}", f"≥ {GOAL} {'met' if ratio >= GOAL else 'missed'}")


@contextmanager
def authority(scratch: Path) -> Iterator[Path]:
    """Start an authority; give settings that name it."""
    root = scratch / "tsa.pem"
    command = [sys.executable, str(PROGRAM), str(root), str(WAIT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().strip() if process.stdout else ""
            settings = scratch / "settings.toml"
            text = f'[timestamps]\nurls = ["{url}"]\n[trust]\ntimestamps = ["{root}"]\n'
            settings.write_text(text, encoding="utf-8")
            yield settings
        finally:
            process.kill()


def main() -> None:
    chosen = arguments("What does a time-stamp authority that takes 100 ms cost a batch?", rounds=3, more=options)
    with folder() as scratch, authority(scratch) as settings:
        rows = [compare(item, chosen.sets or scratch, settings, chosen) for item in SETS[:2]]
        head = ("", "files/s without", "with an authority", "ratio", "goal")
        print_table(head, rows, markdown=chosen.markdown)


if __name__ == "__main__":
    main()
