"""Run our own command over many files, as a user does, and watch what it takes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PULSE = 0.2
"""Seconds between two looks at the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one run of the command took, from the outside, with its start and its end."""

    seconds: float
    peak: int
    """Bytes: the most that it and its processes held together, as far as looks a fifth of a second apart can tell."""
    alone: int
    """Bytes: the most that the process that leads has held."""
    code: int
    """Exit code."""


def run(home: Path, *arguments: object, more: Mapping[str, str] | None = None) -> Taken:
    """Run `provenance` with a workspace, its output thrown away."""
    journal = home / "home"
    # What was compiled is kept, as where it is installed.
    environment = os.environ | {"PROVENANCE_HOME": str(journal), "PYTHONDONTWRITEBYTECODE": ""} | dict(more or {})
    os.sync()
    begun = time.perf_counter()
    command = [sys.executable, "-m", "provenance", *map(str, arguments)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        peak = alone = 0
        while True:
            leader = _held(process.pid, "VmHWM")
            alone = max(alone, leader)
            first = children(process.pid)
            together = (process.pid, *first, *(worker for nursery in first for worker in children(nursery)))
            peak = max(peak, sum(_held(pid, "VmRSS") for pid in together))
            try:
                code = process.wait(timeout=_PULSE)
            except subprocess.TimeoutExpired:
                continue
            return Taken(seconds=time.perf_counter() - begun, peak=peak, alone=alone, code=code)


def forget(home: Path) -> None:
    """Remove the journal, so that the next run begins from nothing."""
    for path in (home / "home").glob("journal.db*"):
        path.unlink()


def children(pid: int) -> list[int]:
    """Return the processes that one has begun."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, task.read_text(encoding="ascii").split())
        except OSError:
            continue
    return found


def _held(pid: int, what: str) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    found = re.search(rf"^{what}:\s*(\d+) kB$", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0
