"""Make the fingerprints of a picture: those that are kept of an original, and those that a copy is looked up by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.fingerprints import iscc
from provenance.fingerprints.distinct import why_not_distinct
from provenance.model.fingerprints import ISCC, WHOLE, Fingerprint, Fingerprints

if TYPE_CHECKING:
    from PIL.Image import Image as Picture


def to_keep(picture: Picture) -> Fingerprints:
    """Return the fingerprints that are kept of an original; raises what decoders raise."""
    grey = iscc.trimmed(iscc.opaque(picture)).convert("L")
    code = iscc.of_grey(grey)
    why_none = why_not_distinct(grey, code)
    if why_none is not None:
        return Fingerprints(found=(), why_none=why_none)
    return Fingerprints(found=(Fingerprint(method=ISCC, variant=WHOLE, value=code),))


def to_find(picture: Picture) -> Fingerprints:
    """Return the fingerprints that a copy is looked up by; raises what decoders raise."""
    return to_keep(picture)
