"""Find pictures again by what they look like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from provenance.errors import UnsupportedMedia

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

    from provenance.model.fingerprints import Fingerprints

ENOUGH: Final = 512
"""Pixels of the longer edge from which fingerprints are made: more of them change next to nothing."""


def fingerprints_of(picture: Picture) -> Fingerprints:
    """Return the fingerprints that are kept of an original. Raises `UnsupportedMedia` without the extra `recovery`."""
    try:
        from provenance.fingerprints.image import to_keep  # noqa: PLC0415 -- brings in numpy, an extra

        return to_keep(picture)
    except ImportError as error:
        if (error.name or "").startswith("provenance"):
            raise
        raise UnsupportedMedia(
            f"fingerprints need a library that is not installed ({error.name})",
            hint='pip install "media-provenance[recovery]"',
        ) from error
