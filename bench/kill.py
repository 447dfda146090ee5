"""Does a batch that is killed at random moments end whole when it is run again?"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from _measure import arguments, folder, make, new_identity, open_workspace, print_table, small_jpeg

from provenance.model.facets import Content, Signing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILES = 200
WAYS: dict[str, tuple[tuple[str, ...], str]] = {
    "embedded": (("-o", "out/"), "out"),
    "sidecar": (("-o", "out/", "--sidecar"), "out"),
    "in place": (("--in-place",), "in"),
}
SEED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """What came of one kill."""

    way: str
    done: int
    """Files that were there when it came."""
    faults: tuple[str, ...]
    seconds: float
    """Of the run that went on."""


def attempt(home: Path, photo: Path, way: str, moments: random.Random) -> Kill:
    """Start a batch, kill it at some moment, run it again, and look at everything that it made."""
    options, where = WAYS[way]
    place = home / "round"
    for name in ("in", "tmp"):
        (place / name).mkdir(parents=True)
    data = photo.read_bytes()
    for number in range(FILES):
        # Bytes behind the end of a picture make each another file.
        (place / "in" / f"{number:03}.jpg").write_bytes(data + number.to_bytes(2, "big"))
    before = {path.name: path.stat().st_ino for path in (place / where).glob("*.jpg")} if where == "in" else {}
    command = [sys.executable, "-m", "provenance", "sign", "in", *options, "--engine", "processes", "--workers", "2"]
    environment = os.environ | {"PROVENANCE_HOME": str(home / "home"), "TMPDIR": str(place / "tmp")}
    process = subprocess.Popen([*command, "-q", "--thumbnail", "none"], cwd=place, env=environment)
    after = moments.randrange(FILES)
    while process.poll() is None and len(list(_made(place / where, before))) < after:
        time.sleep(0.002)
    time.sleep(moments.uniform(0, 0.05))
    process.kill()
    process.wait()
    done = len(list(_made(place / where, before)))
    begun = time.perf_counter()
    again = subprocess.run(
        [*command, "--thumbnail", "none"], cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - begun
    faults = list(_faults(home, place, where, sidecars=way == "sidecar"))
    if again.returncode:
        faults.append(f"exit code {again.returncode}: {again.stderr[-200:]}")
    shutil.rmtree(place)
    (home / "home" / "journal.db").unlink()
    return Kill(way=way, done=done, faults=tuple(faults), seconds=seconds)


def _made(place: Path, before: dict[str, int]) -> Iterator[Path]:
    for path in place.glob("[0-9]*.jpg"):
        if path.stat().st_ino != before.get(path.name):
            yield path


def _faults(home: Path, place: Path, where: str, *, sidecars: bool) -> Iterator[str]:
    """Say what is not as it should be after all."""
    space = open_workspace(home)
    found = sorted((place / where).glob("*"))
    if len(found) != FILES * (1 + sidecars):
        yield f"{len(found)} files"
    for path in found:
        if path.suffix != ".jpg":
            continue
        seen = space.inspect(path)
        if seen.facets.content.state is not Content.INTACT or seen.facets.signature.state is not Signing.VALID:
            yield f"{path.name} does not verify"
        elif seen.store is None or len(seen.store.manifests) != 1:
            yield f"{path.name} bears {len(seen.store.manifests) if seen.store else 0} manifests"
    for path in place.rglob("*"):
        if path.name.endswith(".part") or path.parent == place / "tmp":
            yield f"{path.name} was left behind"


def main() -> None:
    chosen = arguments("Does a batch that is killed at random moments end whole when it is run again?", rounds=50)
    moments = random.Random(SEED)
    ways = list(WAYS)
    with folder() as home:
        new_identity(home)
        photo = make(small_jpeg, home / "small.jpg")
        kills = [attempt(home, photo, ways[number % len(ways)], moments) for number in range(chosen.rounds)]
    rows = []
    for way in WAYS:
        ours = [item for item in kills if item.way == way]
        if ours:
            early, late = min(item.done for item in ours), max(item.done for item in ours)
            whole = sum(not item.faults for item in ours)
            slowest = max(item.seconds for item in ours)
            rows.append((way, str(len(ours)), f"{early} to {late}", str(whole), f"{slowest:.1f} s"))
    head = ("results", "kills", f"of {FILES} done by then", "whole after one more run", "which took at most")
    print_table(head, rows, markdown=chosen.markdown)
    for fault, count in Counter(fault for item in kills for fault in item.faults).most_common(20):
        print(f"{count} x {fault}")
    raise SystemExit(any(item.faults for item in kills))


if __name__ == "__main__":
    main()
