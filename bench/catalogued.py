"""What does it cost when signing that a catalogue is kept?"""

from __future__ import annotations

import shutil
import subprocess
from functools import partial
from typing import TYPE_CHECKING

from _measure import (
    arguments,
    folder,
    has_ffmpeg,
    in_processes,
    interleave,
    large_jpeg,
    make,
    new_identity,
    open_workspace,
    print_table,
)

from provenance.catalogue import Catalogue
from provenance.catalogue.places import url_of

if TYPE_CHECKING:
    from pathlib import Path

    from _measure import Timing

WITHOUT, KEPT = "without", "with a catalogue"
WAYS = {WITHOUT: "plain", KEPT: "kept"}
"""With the folder of each one's workspace."""


def film(path: Path) -> None:
    """Twenty seconds of noisy video, about 20 MB; needs ffmpeg."""
    source = "testsrc2=size=1920x1080:rate=25:duration=20,noise=alls=20:allf=t"
    encoder = shutil.which("ffmpeg") or "ffmpeg"
    options = ("-v", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", "-c:v", "mpeg4", "-b:v", "8M")
    subprocess.run([encoder, *options, str(path)], check=True)


def sign(home: Path, source: Path, rounds: int) -> dict[str, Timing]:
    """Sign a file in each way in turn."""
    outputs = {name: home / place / f"signed{source.suffix}" for name, place in WAYS.items()}
    calls = {name: partial(open_workspace(home / place).sign, source, outputs[name]) for name, place in WAYS.items()}

    def tidy() -> None:
        for output in outputs.values():
            output.unlink(missing_ok=True)

    return interleave(calls, rounds=rounds, tidy=tidy)


def main() -> None:
    chosen = arguments("What does it cost when signing that a catalogue is kept?", rounds=15)
    with folder() as home:
        for name in WAYS.values():
            (home / name).mkdir()
            new_identity(home / name)
        Catalogue.create(url_of("", home / WAYS[KEPT] / "home")).close()
        sources = [make(large_jpeg, home / "large.jpg")]
        if has_ffmpeg():
            sources.append(make(film, home / "film.mp4"))
        rows = []
        for source in sources:
            found = in_processes(partial(sign, home, source), rounds=chosen.rounds)
            more = found[KEPT].milliseconds - found[WITHOUT].milliseconds
            low, middle, high = found[KEPT].paired(found[WITHOUT])
            times = (f"{found[name].milliseconds:.0f}" for name in WAYS)
            what = f"{source.suffix[1:].upper()} {source.stat().st_size / 1e6:.1f} MB"
            rows.append((what, *times, f"{more:+.0f}", f"{middle:.2f} ({low:.2f}–{high:.2f})"))
        head = ("", *(f"{name}, ms" for name in WAYS), "more, ms", "paired ratio (quartiles)")
        print_table(head, rows, markdown=chosen.markdown)


if __name__ == "__main__":
    main()
