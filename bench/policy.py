"""What does judging by the standard policy cost of a verification?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from _measure import (
    Timing,
    arguments,
    folder,
    fresh,
    in_processes,
    interleave,
    larger_jpeg,
    make,
    new_identity,
    open_workspace,
    print_table,
    small_jpeg,
)

from provenance import verification

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOAL = 0.02
"""Of the time that verifying takes."""
REPEATED = 50
"""Times that one measured call judges: once is too short for the clock."""
MEDIA: dict[str, Callable[[Path], None]] = {"small JPEG": small_jpeg, "JPEG": larger_jpeg}


def sign(home: Path, source: Path, output: Path) -> None:
    """Sign the file that is looked at."""
    open_workspace(home).sign(source, output)


def judge(home: Path, path: Path) -> Callable[[], object]:
    """Collect the facts once, and return what judges them again and again."""
    space = open_workspace(home)
    policy, found = space.policy("standard"), space.inspect(path)

    def again() -> None:
        for _ in range(REPEATED):
            verification.verify(found, policy)

    return again


def measure(home: Path, path: Path, rounds: int) -> dict[str, Timing]:
    """Verify a file and judge its facts, in turn."""
    space = open_workspace(home)
    calls: dict[str, Callable[[], object]] = {
        "verify": partial(space.verify, path, policy="standard"),
        "judge": judge(home, path),
    }
    return interleave(calls, rounds=rounds)


def main() -> None:
    chosen = arguments("What does judging by the standard policy cost of a verification?", rounds=30)
    rows: list[tuple[str, ...]] = []
    missed: list[str] = []
    with folder() as home:
        new_identity(home)
        for name, maker in MEDIA.items():
            source, path = make(maker, home / "source.jpg"), home / "signed.jpg"
            fresh(sign, home, source, path)
            found = in_processes(partial(measure, home, path), rounds=chosen.rounds)
            low, middle, high = (share / REPEATED for share in found["judge"].paired(found["verify"]))
            what = f"{name} {path.stat().st_size / 1e6:.1f} MB"
            judging = found["judge"].milliseconds / REPEATED
            share = f"{middle:.1%} ({low:.1%}–{high:.1%})"
            rows.append((what, f"{found['verify'].milliseconds:.2f}", f"{judging:.3f}", share))
            missed += [what] if middle > GOAL else []
            source.unlink()
            path.unlink()
    print_table(("", "verify, ms", "judge, ms", "share (quartiles)"), rows, markdown=chosen.markdown)
    print(f"Goal (at most {GOAL:.0%}): {'missed by ' + ', '.join(missed) if missed else 'met by all in this run'}")


if __name__ == "__main__":
    main()
