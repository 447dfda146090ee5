"""What the benchmarks share: interleaved timing, tables, a description of the machine, media to measure on."""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import statistics
import subprocess
import tempfile
import time
import wave
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image as Picture

    from provenance.workspace import Workspace

WARM_UP = 2
"""Rounds that are run and not counted: caches, allocator and branch predictors settle."""

PROCESSES = 3

# ---- timing


@dataclass(frozen=True, slots=True)
class Timing:
    """All measured seconds of one callable, in the order of the rounds."""

    seconds: tuple[float, ...]

    def __add__(self, other: Timing) -> Timing:
        return Timing(self.seconds + other.seconds)

    @property
    def milliseconds(self) -> float:
        """The median."""
        return statistics.median(self.seconds) * 1000

    def times(self, other: Timing) -> float:
        """How many times as long as another, by the medians."""
        return self.milliseconds / other.milliseconds

    def paired(self, other: Timing) -> tuple[float, float, float]:
        """Lower quartile, median and upper quartile of the ratios within each round.

        What slows a machine for some seconds slows both halves of a round, so that their ratio hardly moves.
        """
        low, middle, high = statistics.quantiles(
            (one / two for one, two in zip(self.seconds, other.seconds, strict=True)), n=4, method="inclusive"
        )
        return low, middle, high


def interleave(
    calls: Mapping[str, Callable[[], object]], *, rounds: int, tidy: Callable[[], object] = lambda: None
) -> dict[str, Timing]:
    """Time callables in turn (A, B, A, B, …); `tidy` runs after each of them, outside the clock."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(-WARM_UP, rounds):
        for name, call in calls.items():
            begun = time.perf_counter()
            call()
            ended = time.perf_counter()
            tidy()
            if number >= 0:
                taken[name].append(ended - begun)
    return {name: Timing(tuple(seconds)) for name, seconds in taken.items()}


# ---- tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Ours beside a peer that was measured in the same run."""

    what: str
    ours: Timing
    peer: Timing
    goal: float | None = None

    @property
    def met(self) -> bool:
        """Whether the goal was reached in this run, by the median of the paired ratios."""
        return self.goal is None or self.ours.paired(self.peer)[1] <= self.goal

    def cells(self) -> tuple[str, ...]:
        """One line of the table."""
        low, middle, high = self.ours.paired(self.peer)
        verdict = "–" if self.goal is None else f"≤ {self.goal:g} × {'met' if self.met else 'MISSED'}"
        return (
            self.what,
            f"{self.ours.milliseconds:.1f}",
            f"{self.peer.milliseconds:.1f}",
            f"{self.ours.times(self.peer):.2f}",
            f"{middle:.2f} ({low:.2f}–{high:.2f})",
            verdict,
        )


def print_rows(rows: Sequence[Row], *, peer: str, markdown: bool) -> None:
    """Print comparisons; the median of the paired ratios decides about the goal."""
    head = ("", "ours, ms", f"{peer}, ms", "ratio of medians", "paired ratio (quartiles)", "goal")
    print_table(head, [row.cells() for row in rows], markdown=markdown)


def verdict(rows: Iterable[Row]) -> str:
    """Sum up which goals were reached in this run; nothing fails by the clock."""
    missed = [row.what for row in rows if not row.met]
    return f"Goals missed in this run: {'; '.join(missed)}" if missed else "Goals: all met in this run"


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]], *, markdown: bool) -> None:
    """Print a table: the first column is text, the others are numbers."""
    if markdown:
        print("| " + " | ".join(head) + " |")
        print("| :-- |" + " --: |" * (len(head) - 1))
        for row in rows:
            print("| " + " | ".join(row) + " |")
    else:
        widths = [max(len(line[column]) for line in (head, *rows)) for column in range(len(head))]
        for line in (head, tuple("-" * width for width in widths), *rows):
            first = line[0].ljust(widths[0])
            print("  ".join((first, *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)))))
    print()


def arguments(
    question: str, *, rounds: int | None = None, more: Callable[[argparse.ArgumentParser], object] = lambda _: None
) -> argparse.Namespace:
    """Read the options that all benchmarks have and print what is measured, on what.

    Without `rounds`, everything is done once; `more` adds options of the script's own.
    """
    parser = argparse.ArgumentParser(description=question)
    if rounds is not None:
        parser.add_argument("--rounds", type=int, default=rounds, metavar="N", help=f"rounds of each row ({rounds})")
    parser.add_argument("--markdown", action="store_true", help="print the tables in Markdown")
    more(parser)
    chosen = parser.parse_args()
    if rounds is not None and chosen.rounds < 2:
        parser.error("--rounds must be 2 or more: quartiles need two values")
    print(f"{'# ' if chosen.markdown else ''}{question}\n\n{machine()}, {datetime.now(UTC):%Y-%m-%d}\n")
    return chosen


# ---- the machine


def machine() -> str:
    """Describe what was measured on, without the name of a host."""
    import c2pa

    kernel = re.match(r"[\d.]*\d", platform.release())
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {kernel.group() if kernel else ''}, "
        f"Python {platform.python_version()}, c2pa-rs {c2pa.sdk_version()}"
    )


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1) if found else platform.processor() or platform.machine()


# ---- a place to work in


@contextmanager
def folder() -> Iterator[Path]:
    """Give a temporary folder on disk: in memory, writing would cost nothing.

    `TMPDIR` moves it, for systems whose /tmp is in memory.
    """
    with tempfile.TemporaryDirectory(prefix="provenance-bench-") as name:
        yield Path(name)


def new_identity(home: Path, *, days: int = 30) -> None:
    """Make the development identity that both sides sign with."""
    from provenance.model.ports import Algorithm

    identities = open_workspace(home).identities
    identities.create("Example News", algorithm=Algorithm.ES256, days=days, passphrase=None, at=datetime.now(UTC))


def open_workspace(home: Path) -> Workspace:
    """Open a workspace that is not that of whoever runs this."""
    from provenance.settings import Settings
    from provenance.workspace import Workspace

    return Workspace(Settings(home=str(home / "home")))


# ---- processes

P = ParamSpec("P")
T = TypeVar("T")


def fresh(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in a new process.

    What a process has allocated before decides how fast the next large buffer is had (glibc moves its thresholds), so
    no row may depend on the rows before it.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *args, **kwargs).result()


def in_processes(function: Callable[[int], dict[str, Timing]], *, rounds: int) -> dict[str, Timing]:
    """Spread rounds over new processes and join them: how the heap of one comes to lie is partly chance."""
    share = max(2, rounds // PROCESSES)
    found = fresh(function, share)
    for _ in range(PROCESSES - 1):
        more = fresh(function, share)
        found = {name: timing + more[name] for name, timing in found.items()}
    return found


@contextmanager
def kept_heap() -> Iterator[None]:
    """Let new processes keep large buffers instead of giving them back to the kernel (glibc; mallopt(3))."""
    chosen = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}
    before = {name: os.environ.get(name) for name in chosen}
    os.environ.update(chosen)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


# ---- media


def make(maker: Callable[[Path], None], path: Path) -> Path:
    """Make a file in another process: the measured one must not inherit the heap that this takes."""
    fresh(maker, path)
    return path


def large_jpeg(path: Path) -> None:
    """12 megapixels, about 5 MB."""
    picture(4000, 3000).save(path, quality=90)


def larger_jpeg(path: Path) -> None:
    """12 megapixels, above 5 MB."""
    picture(4000, 3000).save(path, quality=92)


def small_jpeg(path: Path) -> None:
    """1 megapixel, about 300 kB."""
    picture(1200, 900).save(path, quality=86)


def large_png(path: Path) -> None:
    """12 megapixels, about 25 MB."""
    picture(4000, 3000, coloured=True).save(path, compress_level=1)


def large_wav(path: Path) -> None:
    """Two minutes of stereo, about 21 MB."""
    import numpy as np

    rate, seconds = 44_100, 120
    at = np.arange(rate * seconds, dtype=np.float32) / rate
    noise = np.random.default_rng(1).normal(0, 800, (at.size, 2))
    sound = np.sin(at * 2 * np.pi * 220)[:, None] * 12_000 + noise
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(sound.astype("<i2").tobytes())


def large_mp4(path: Path) -> None:
    """One second of noisy video, about 40 MB; needs ffmpeg."""
    source = "testsrc2=size=1920x1080:rate=25:duration=1,noise=alls=30:allf=t"
    encoder = shutil.which("ffmpeg") or "ffmpeg"
    options = ("-v", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", "-c:v", "mpeg4", "-q:v", "3")
    subprocess.run([encoder, *options, str(path)], check=True)


def has_ffmpeg() -> bool:
    """Whether video can be made here."""
    return shutil.which("ffmpeg") is not None


def picture(width: int, height: int, *, coloured: bool = False, seed: int = 1) -> Picture:
    """Make soft waves under noise, the same every time: as much detail as a photograph in poor light.

    Another `seed` gives another picture: other noise, and waves elsewhere.
    """
    import numpy as np
    from PIL import Image

    noise = np.random.default_rng(seed)
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    across += 97 * (seed - 1)
    waves: NDArray[np.float32] = np.stack(
        [
            127 + 90 * np.sin(across / 310 + down / 570),
            127 + 90 * np.sin(across / 190 - down / 330 + 1),
            127 + 90 * np.cos((across + down) / 410),
        ],
        axis=-1,
    )
    grain = noise.normal(0, 6, (height, width, 3)) if coloured else noise.normal(0, 12, (height, width, 1))
    return Image.fromarray(np.clip(waves + grain, 0, 255).astype(np.uint8))
