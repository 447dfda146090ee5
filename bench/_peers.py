"""Run other programs over many files, each in a process of its own, and take what they say of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PROGRAMS = Path(__file__).parent / "peers"

NODE_PACKAGE = "@contentauth/c2pa-node"
NODE_VERSION = "0.8.0"
"""Later ones need Node 22 and a package that not every registry has. Its engine is c2pa-rs 0.90.1."""


class NotInstalled(Exception):
    """A peer cannot be run here; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What peers sign with: files with a key (PKCS#8) and its certificates (PEM, leaf first)."""

    key: Path
    chain: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one program did with some files."""

    files: int
    size: int
    """Bytes of all sources."""
    seconds: float
    """Of the loop."""
    startup: float
    """Seconds before the loop, as far as the program can tell."""
    whole: float
    """Seconds from the outside, with the start and the end of the process."""
    peak: int
    """Bytes of memory; 0 where the system does not say."""

    def cells(self) -> tuple[str, ...]:
        """Loop, start, milliseconds for each file, files and megabytes each second of the loop, memory."""
        return (
            f"{self.seconds:.2f}",
            f"{self.whole - self.seconds:.2f}",
            f"{self.seconds / self.files * 1000:.1f}",
            f"{self.files / self.seconds:.1f}",
            f"{self.size / self.seconds / 1e6:.0f}",
            f"{self.peak / 1e6:.0f}" if self.peak else "–",
        )


HEAD = ("loop, s", "start, s", "ms/file", "files/s", "MB/s", "peak, MB")
"""Of the columns of `Run.cells`."""


def engine(mode: str, sources: Sequence[Path], *, output: Path | None = None, keys: Keys | None = None) -> Run:
    """Run `peers/engine.py`: `documented`, `bare`, `read` or `sha256`; the first two need an output folder and keys."""
    return _run([sys.executable, str(PROGRAMS / "engine.py"), mode, *_signing(output, keys), *map(str, sources)])


def side_by_side(program: Callable[[Sequence[Path]], Run], sources: Sequence[Path]) -> Run:
    """Run a program once for each core, each over a part of the files: what this machine has to give.

    The loop that ends last counts, starts do not.
    """
    cores = len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(cores) as pool:
        runs = list(pool.map(program, [sources[number::cores] for number in range(cores)]))
    return Run(
        files=sum(run.files for run in runs),
        size=sum(run.size for run in runs),
        seconds=max(run.seconds for run in runs),
        startup=max(run.startup for run in runs),
        whole=max(run.whole for run in runs),
        peak=sum(run.peak for run in runs),
    )


def node(
    mode: str, package: Path, sources: Sequence[Path], *, output: Path | None = None, keys: Keys | None = None
) -> Run:
    """Run `peers/node.mjs`: `documented` or `read`; `package` is what `node_package` returned."""
    program = str(PROGRAMS / "node.mjs")
    return _run(["node", program, mode, str(package), *_signing(output, keys), *map(str, sources)])


def node_package(place: Path) -> Path:
    """Return the folder that holds the Node library, after installing it there once with npm.

    Its binary for Linux on x86-64 comes inside the package, so that no install script has to run. Raises
    `NotInstalled`.
    """
    if not (shutil.which("npm") and shutil.which("node")):
        raise NotInstalled("no Node.js on PATH")
    folder = place / "node"
    binary = folder / "node_modules" / NODE_PACKAGE / "dist" / "index.node"
    if not binary.exists():
        folder.mkdir(parents=True, exist_ok=True)
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(folder))
        command = ["npm", "install", *quiet, f"{NODE_PACKAGE}@{NODE_VERSION}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not binary.exists():
            raise NotInstalled(next(iter(done.stderr.splitlines()), "the package brings no binary"))
    return folder


def _signing(output: Path | None, keys: Keys | None) -> list[str]:
    if output is None or keys is None:
        return []
    return ["--output", str(output), "--key", str(keys.key), "--chain", str(keys.chain)]


def _run(command: Sequence[str]) -> Run:
    # What was written before is written out first: nobody pays for what another left behind.
    os.sync()
    begun = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    whole = time.perf_counter() - begun
    said = json.loads(done.stdout)
    return Run(
        files=said["files"],
        size=said["bytes"],
        seconds=said["seconds"],
        startup=said["startup"],
        whole=whole,
        peak=said["peak"],
    )
