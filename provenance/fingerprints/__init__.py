"""Find pictures again by what they look like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from provenance.model.fingerprints import Fingerprints

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

ENOUGH: Final = 512
"""Pixels of the longer edge from which fingerprints are made: more of them change next to nothing."""


def fingerprints_of(picture: Picture) -> Fingerprints:
    """Return the fingerprints that are kept of an original; without the extra `recovery`, why there are none."""
    try:
        from provenance.fingerprints.image import to_keep  # noqa: PLC0415 -- brings in numpy, an extra

        return to_keep(picture)
    except ImportError as error:
        if (error.name or "").startswith("provenance"):
            raise
        missing = f'fingerprints need {error.name}, which is not installed: pip install "media-provenance[recovery]"'
        return Fingerprints(found=(), why_none=missing)
