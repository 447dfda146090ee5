"""What does verifying cost against a bare Reader?"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING

import c2pa
from _measure import (
    Row,
    Timing,
    arguments,
    folder,
    fresh,
    has_ffmpeg,
    in_processes,
    interleave,
    kept_heap,
    large_mp4,
    large_png,
    large_wav,
    larger_jpeg,
    make,
    new_identity,
    open_workspace,
    print_rows,
    print_table,
    small_jpeg,
    verdict,
)

from provenance import SigningError
from provenance.model.trust import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from provenance.model.trust import Trust

GOAL = 1.25
WORTHWHILE = 5_000_000
"""Bytes from which on the goal holds: below, the fixed cost of looking at a report in Python shows."""

MEDIA: dict[str, tuple[str, Callable[[Path], None]]] = {
    "JPEG": ("image/jpeg", larger_jpeg),
    "PNG": ("image/png", large_png),
    "WAV": ("audio/wav", large_wav),
    "MP4": ("video/mp4", large_mp4),
    "small JPEG": ("image/jpeg", small_jpeg),
}
_KINDS = {Purpose.SIGNER: "manifest", Purpose.TIMESTAMP: "tsa", Purpose.IDENTITY: "cawg"}


def bare_read(path: Path, media_type: str, context: c2pa.Context) -> str:
    """Read and validate a file with nothing but the engine."""
    with path.open("rb") as stream, c2pa.Reader(media_type, stream, context=context) as reader:
        report: str = reader.json()
        return report


def engine_context(trust: Trust) -> c2pa.Context:
    """Give the engine the same trust as the workspace, and otherwise its own defaults."""
    anchors = [
        {"trust_kind": _KINDS[item.purpose], "trust_uri": item.name, "trust_anchors": "\n".join(item.anchors)}
        for item in trust.lists
    ]
    return c2pa.Context.from_dict({"trust": {"trust_config": "\n".join(trust.key_usages), "anchors": anchors}})


def digest(path: Path) -> str:
    """Hash a file: the least that anybody has to do who looks at all of it."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sign(home: Path, source: Path, output: Path) -> None:
    """Sign the file that both sides will look at."""
    open_workspace(home).sign(source, output)


def measure(home: Path, path: Path, media_type: str, rounds: int) -> dict[str, Timing]:
    """Verify one file in turn; workspace and context are open already."""
    space = open_workspace(home)
    context = engine_context(space.trust)
    store = space.verify(path).inspection.store
    if store is None or store.reported_state != "Trusted" or '"Trusted"' not in bare_read(path, media_type, context):
        raise AssertionError("both sides must find a trusted signature")
    calls: dict[str, Callable[[], object]] = {
        "ours": partial(space.verify, path),
        "reader": partial(bare_read, path, media_type, context),
        "sha": partial(digest, path),
    }
    return interleave(calls, rounds=rounds)


def main() -> None:
    chosen = arguments("What does verifying cost against a bare Reader?", rounds=18)
    rows: list[Row] = []
    kept: list[Row] = []
    hashes: list[tuple[str, ...]] = []
    with folder() as home:
        new_identity(home)
        for name, (media_type, maker) in MEDIA.items():
            if maker is large_mp4 and not has_ffmpeg():
                print("No ffmpeg on PATH: no MP4.\n")
                continue
            extension = f".{name.split()[-1].lower()}"
            source = make(maker, home / f"source{extension}")
            path = home / f"signed{extension}"
            try:
                fresh(sign, home, source, path)
            except SigningError as error:
                print(f"{name}: not measured, it could not be signed: {error.message}\n")
                continue
            size = path.stat().st_size
            found = in_processes(partial(measure, home, path, media_type), rounds=chosen.rounds)
            with kept_heap():
                tuned = in_processes(partial(measure, home, path, media_type), rounds=chosen.rounds // 2)
            what = f"{name} {size / 1e6:.1f} MB"
            rows.append(
                Row(what=what, ours=found["ours"], peer=found["reader"], goal=GOAL if size >= WORTHWHILE else None)
            )
            kept.append(Row(what=what, ours=tuned["ours"], peer=tuned["reader"]))
            sha = found["sha"]
            hashes.append(
                (what, f"{sha.milliseconds:.1f}", *(f"{found[k].times(sha):.2f}" for k in ("ours", "reader")))
            )
            source.unlink()
            path.unlink()
    print_rows(rows, peer="Reader", markdown=chosen.markdown)
    print("The same with a heap that is kept between files (MALLOC_… environment, for both sides)\n")
    print_rows(kept, peer="Reader", markdown=chosen.markdown)
    print("Against SHA-256 of the same file\n")
    print_table(("", "SHA-256, ms", "ours / SHA-256", "Reader / SHA-256"), hashes, markdown=chosen.markdown)
    print(verdict(rows))


if __name__ == "__main__":
    main()
