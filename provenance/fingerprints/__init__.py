"""Find pictures again by what they look like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from provenance.model.fingerprints import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image as Picture

ENOUGH: Final = 512
"""Pixels of the longer edge from which fingerprints are made: more of them change next to nothing."""


def kept_of(picture: Picture) -> Fingerprints:
    """Return the fingerprints that are kept of an original; without the extra `recovery`, why there are none."""
    return _made("to_keep", picture)


def sought_of(picture: Picture) -> Fingerprints:
    """Return the fingerprints that a copy is looked up by; without the extra `recovery`, why there are none."""
    return _made("to_find", picture)


def _made(how: str, picture: Picture) -> Fingerprints:
    try:
        from provenance.fingerprints import image  # noqa: PLC0415 -- brings in numpy, an extra

        make: Callable[[Picture], Fingerprints] = getattr(image, how)
        return make(picture)
    except ImportError as error:
        if (error.name or "").startswith("provenance"):
            raise
        missing = f'fingerprints need {error.name}, which is not installed: pip install "media-provenance[recovery]"'
        return Fingerprints(found=(), why_none=missing)
