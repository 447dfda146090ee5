"""Make the fingerprints of a picture: those that are kept of an original, and those that a copy is looked up by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import ImageOps

from provenance.fingerprints import iscc, views
from provenance.fingerprints.distinct import why_not_distinct
from provenance.fingerprints.phash import phash
from provenance.model.fingerprints import ISCC, PHASH, WHOLE, Fingerprint, Fingerprints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image as Picture

_ENOUGH = (2 * views.SIZE, 2 * views.SIZE)
"""Pixels at which a copy may be decoded: what it is looked up by differs by a bit or two from that of all pixels."""


def to_keep(picture: Picture) -> Fingerprints:
    """Return the fingerprints that are kept of an original, first its Image-Code as ISO 24138 has it.

    All of the picture is decoded; raises what decoders raise. Of an animation the frame that is shown counts.
    """
    upright = iscc.opaque(picture)
    trimmed = iscc.trimmed(upright)
    first = _whole(trimmed)
    if isinstance(first, str):
        return Fingerprints(found=(), why_none=first)
    grey = views.reduced(upright)
    parts = ((name, part) for name, part in views.kept(grey) if name != views.UNTRIMMED or trimmed is not upright)
    witness = Fingerprint(method=PHASH, variant=WHOLE, value=phash(grey))
    return Fingerprints(found=(first, *_distinct(parts), witness))


def to_find(picture: Picture) -> Fingerprints:
    """Return the fingerprints that a copy is looked up by, the likeliest first: each as it stands, then mirrored.

    Only as much is decoded as that takes; raises what decoders raise.
    """
    picture.draft("RGB", _ENOUGH)
    upright = iscc.opaque(picture)
    trimmed = iscc.trimmed(upright)
    first = _whole(trimmed)
    if isinstance(first, str):
        return Fingerprints(found=(), why_none=first)
    grey = views.reduced(upright)
    turned = ImageOps.mirror(grey)
    parts = [(name, part) for name, part in views.sought(grey) if name != views.UNTRIMMED or trimmed is not upright]
    both = (it for name, part in parts for it in ((name, part), (f"{views.MIRRORED}-{name}", ImageOps.mirror(part))))
    return Fingerprints(
        found=(
            first,
            Fingerprint(method=ISCC, variant=views.MIRRORED, value=iscc.of_grey(ImageOps.mirror(trimmed.convert("L")))),
            Fingerprint(method=PHASH, variant=WHOLE, value=phash(grey)),
            Fingerprint(method=PHASH, variant=views.MIRRORED, value=phash(turned)),
            *_distinct(both),
        )
    )


def _whole(trimmed: Picture) -> Fingerprint | str:
    """Return the Image-Code, or why it would tell nothing."""
    grey = trimmed.convert("L")
    code = iscc.of_grey(grey)
    return why_not_distinct(grey, code) or Fingerprint(method=ISCC, variant=WHOLE, value=code)


def _distinct(parts: Iterator[tuple[str, Picture]]) -> Iterator[Fingerprint]:
    for name, part in parts:
        code = iscc.of_grey(part)
        if why_not_distinct(part, code) is None:
            yield Fingerprint(method=ISCC, variant=name, value=code)
