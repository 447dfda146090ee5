"""Find pictures again by what they look like."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from provenance.model.fingerprints import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PIL.Image import Image as Picture


def kept_of(picture: Picture) -> Fingerprints:
    """Return the fingerprints that are kept of an original; without the extra `recovery`, why there are none."""
    return _made("to_keep", picture)


def sought_of(picture: Picture) -> Fingerprints:
    """Return the fingerprints that a copy is looked up by; without the extra `recovery`, why there are none."""
    return _made("to_find", picture)


def kept_of_video(path: Path) -> Fingerprints:
    """Return the fingerprints that are kept of a video; why there are none without ffmpeg or the extra `recovery`."""
    return _made("to_keep", path, module="video")


def sought_of_video(path: Path) -> Fingerprints:
    """Return the fingerprints that a copy of a video is looked up by; why there are none otherwise."""
    return _made("to_find", path, module="video")


def _made(how: str, given: Picture | Path, *, module: str = "image") -> Fingerprints:
    try:
        # They bring in numpy, an extra.
        make: Callable[[Picture | Path], Fingerprints] = getattr(import_module(f"{__name__}.{module}"), how)
        return make(given)
    except ImportError as error:
        if (error.name or "").startswith("provenance"):
            raise
        missing = f'fingerprints need {error.name}, which is not installed: pip install "media-provenance[recovery]"'
        return Fingerprints(found=(), why_none=missing)
