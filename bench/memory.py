"""How much memory does a very large file take?"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from _large import LARGE, Large
from _measure import arguments, folder, make, new_identity, open_workspace, print_table

if TYPE_CHECKING:
    import argparse

    from provenance.workspace import Workspace

LIMIT = 20 << 30
"""Bytes of address space that a measured process may have, so that it fails before the machine does."""
PATIENCE = 900
"""Seconds."""
DOINGS = ("embed", "sidecar", "verify")
_FAILURE = 300
"""Letters of a failure that are shown."""
_SIDECAR_WITH_FILE = "sidecar-with-file"
"""Done where the engine rewrites the file even for a sidecar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What one thing done to one file took."""

    peak: int
    """Bytes."""
    seconds: float
    failure: str | None

    def cell(self, size: int) -> str:
        """Memory, how many times the file that is, seconds; or that it failed."""
        if self.failure is not None:
            return f"failed ({self.peak / 1e6:.0f} MB, {self.seconds:.0f} s)"
        return f"{self.peak / 1e6:.0f} MB ({self.peak / size:.2f} ×), {self.seconds:.1f} s"


# ---- in the measured process


def do(what: str, home: Path, source: Path, output: Path) -> None:
    """Do one thing to one file and print what it took, as a line of JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    space = open_workspace(home)
    failure = None
    begun = time.perf_counter()
    try:
        _done(what, space, source, output)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is the result
        failure = f"{type(error).__name__}: {error}"
    print(json.dumps({"peak": _peak(), "seconds": time.perf_counter() - begun, "failure": failure}))


def _done(what: str, space: Workspace, source: Path, output: Path) -> None:
    from provenance import SigningOptions
    from provenance.model.claim import Carrier

    if what == "embed":
        space.sign(source, output)
    elif what in {"sidecar", _SIDECAR_WITH_FILE}:
        target = output if what == _SIDECAR_WITH_FILE else None
        space.sign(source, target, options=SigningOptions(carrier=Carrier.SIDECAR))
    else:
        verdict = space.verify(source)
        if verdict.inspection.store is None or verdict.inspection.store.reported_state != "Trusted":
            raise AssertionError(f"does not verify: {verdict.facets.credential.reason}")


def _peak() -> int:
    """Return the most memory that this process has held, in bytes (proc(5), VmHWM).

    `getrusage` would count what the parent held when it forked.
    """
    found = re.search(r"^VmHWM:\s*(\d+) kB$", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


# ---- in the measuring one


def measure(what: str, home: Path, source: Path, output: Path) -> Took:
    """Do one thing in a process that was newly executed."""
    command = [sys.executable, __file__, "--do", what, str(home), str(source), str(output)]
    begun = time.perf_counter()
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return Took(peak=0, seconds=time.perf_counter() - begun, failure=f"not done after {PATIENCE} s")
    if done.returncode:
        # The engine ends the process where it gets no memory.
        last = (done.stderr.strip().splitlines() or [""])[-1]
        failure = f"the process ended with {done.returncode}: {last}"
        return Took(peak=0, seconds=time.perf_counter() - begun, failure=failure)
    return Took(**json.loads(done.stdout))


def one(kind: Large, home: Path, *, scale: float) -> tuple[int, dict[str, Took]]:
    """Make a file and do everything to it; return its size too. The disk has to hold it twice."""
    source, output = home / f"large{kind.suffix}", home / f"signed{kind.suffix}"
    sidecars = [path.with_name(f"{path.name}.c2pa") for path in (source, output)]
    try:
        make(_Maker(kind, round(kind.largest * scale)), source)
        found = {"sidecar": measure(_SIDECAR_WITH_FILE if kind.rewritten else "sidecar", home, source, output)}
        for path in (output, *sidecars):
            path.unlink(missing_ok=True)
        found["embed"] = measure("embed", home, source, output)
        size = source.stat().st_size
        source.unlink()
        if found["embed"].failure is None:
            found["verify"] = measure("verify", home, output, output)
        return size, found
    finally:
        for path in (source, output, *sidecars):
            path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Maker:
    kind: Large
    size: int

    def __call__(self, path: Path) -> None:
        self.kind.make(path, self.size)


def options(parser: argparse.ArgumentParser) -> None:
    """Add how large the files are."""
    parser.add_argument(
        "--scale", type=float, default=1, metavar="X", help="size of the files, against the largest (1)"
    )
    parser.add_argument("--only", metavar="NAME", help=f"one format: {', '.join(item.name for item in LARGE)}")


def main() -> None:
    chosen = arguments("How much memory does a very large file take?", more=options)
    rows, failures = [], []
    with folder() as home:
        new_identity(home)
        for kind in LARGE:
            if chosen.only not in {None, kind.name}:
                continue
            if not kind.possible:
                print(f"{kind.name}: not made, no ffmpeg on PATH\n")
                continue
            size, found = one(kind, home, scale=chosen.scale)
            cells = (found[what].cell(size) if what in found else "–" for what in DOINGS)
            rows.append((f"{kind.name} {size / 1e6:.0f} MB", *cells))
            failures += [f"{kind.name}, {what}: {took.failure}" for what, took in found.items() if took.failure]
            print(f"… {' | '.join(rows[-1])}", file=sys.stderr, flush=True)
    print_table(("", "signing", "signing to a sidecar", "verifying"), rows, markdown=chosen.markdown)
    for failure in failures:
        print(f"{failure[:_FAILURE]}\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--do"]:
        do(sys.argv[2], *map(Path, sys.argv[3:6]))
    else:
        main()
