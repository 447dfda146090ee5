"""Make fingerprints of frames of a video, by ffmpeg where it is installed: a program that is run, not a library.

A video is kept by frames at even distances of time, and looked up by some of its own. What was cut off at the ends, or
stored again at another frame rate, is found by the frames between.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from PIL import Image

from provenance.fingerprints import iscc
from provenance.fingerprints.distinct import why_not_distinct
from provenance.model.fingerprints import ISCC, Fingerprint, Fingerprints

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_KEPT, _SOUGHT = (60, 2.0), (40, 0.5)
"""Frames at most, and seconds between two of them at least; more are looked up, since that costs no place."""
_SIDE = 320
"""Pixels: frames are squeezed to squares; so is what an Image-Code is made of."""
_LONGEST = 300
"""Seconds that decoding may take."""
_KINDS = "mov,matroska,avi,mpegts,mpeg,flv,ogg,asf"
"""Containers that are opened: not playlists, which name other files to be opened."""
_READ = ("-protocol_whitelist", "file", "-format_whitelist", _KINDS)


def to_keep(path: Path) -> Fingerprints:
    """Return the fingerprints that are kept of a video, each named after its time; why there are none otherwise."""
    return _of_frames(path, *_KEPT)


def to_find(path: Path) -> Fingerprints:
    """Return the fingerprints that a copy of a video is looked up by; why there are none otherwise."""
    return _of_frames(path, *_SOUGHT)


def _of_frames(path: Path, most: int, apart: float) -> Fingerprints:
    programs = shutil.which("ffprobe"), shutil.which("ffmpeg")
    if programs[0] is None or programs[1] is None:
        return Fingerprints(found=(), why_none="ffmpeg is not installed, and nothing else here decodes video")
    try:
        step = max(apart, _seconds(programs[0], path) / most)
        found = tuple(_distinct(_frames(programs[1], path, step, most), step))
    except (OSError, ValueError, subprocess.SubprocessError):
        return Fingerprints(found=(), why_none="ffmpeg does not decode it as a video")
    return Fingerprints(
        found=found, why_none=None if found else "none of its frames differs from what many videos show"
    )


def _seconds(program: str, path: Path) -> float:
    return float(_run([program, *_READ, "-show_entries", "format=duration", "-of", "csv=p=0", f"file:{path}"]))


def _frames(program: str, path: Path, step: float, most: int) -> Iterator[Image.Image]:
    """Decode one frame for each step, grey."""
    # rounding up gives the last frame before each step, whatever the frame rate
    steps = f"fps=fps=1/{step}:round=up,scale={_SIDE}:{_SIDE}:flags=area"
    drawn = ("-vf", steps, "-frames:v", str(most), "-pix_fmt", "gray", "-f", "rawvideo", "-")
    levels = _run([program, "-nostdin", "-an", "-sn", "-dn", *_READ, "-i", f"file:{path}", *drawn])
    size = _SIDE * _SIDE
    for start in range(0, len(levels), size):
        yield Image.frombytes("L", (_SIDE, _SIDE), levels[start : start + size])


def _run(command: list[str]) -> bytes:
    done = subprocess.run(  # noqa: S603 -- a list, of our own words and a path after `file:`
        command, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=_LONGEST
    )
    return done.stdout


def _distinct(frames: Iterator[Image.Image], step: float) -> Iterator[Fingerprint]:
    for number, frame in enumerate(frames):
        grey = iscc.trimmed(frame.convert("RGB")).convert("L")
        code = iscc.of_grey(grey)
        if why_not_distinct(grey, code) is None:
            yield Fingerprint(method=ISCC, variant=f"frame-{round(1000 * number * step)}-ms", value=code)
