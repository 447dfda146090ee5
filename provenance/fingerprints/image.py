"""Make the fingerprints of a picture: those that are kept of an original, and those that a copy is looked up by."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from provenance.fingerprints import iscc, views
from provenance.fingerprints.distinct import why_not_distinct
from provenance.fingerprints.frames import key_frames
from provenance.fingerprints.phash import phash
from provenance.model.fingerprints import ISCC, MIRRORED, PHASH, REDUCED, WHOLE, Fingerprint, Fingerprints

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from PIL.Image import Image as Picture

_ENOUGH = 2 * views.SIZE
"""Pixels of the longer side that a copy needs to have: it is found by what is near, to some bits."""


def to_keep(picture: Picture) -> Fingerprints:
    """Return the fingerprints that are kept of an original, first its Image-Code as ISO 24138 has it (`WHOLE`).

    All of the picture is decoded, for that code is the standard's only when it is made of all pixels. Only a JPEG of
    more than Pillow takes to be safe is not, and its code is named `REDUCED`. Some later frames of an animation have
    fingerprints too, named after their time. Raises what decoders raise.
    """
    most = Image.MAX_IMAGE_PIXELS
    name = WHOLE if most is None or picture.width * picture.height <= most else REDUCED
    if name == REDUCED:
        picture.draft("RGB", (picture.width // 2, picture.height // 2))
    return _with_frames(_kept_of(iscc.opaque(picture), name), picture)


def to_find(picture: Picture) -> Fingerprints:
    """Return the fingerprints that a copy is looked up by, the likeliest first: each as it stands, then mirrored.

    Only as much is decoded as that takes. Raises what decoders raise.
    """
    scale = _ENOUGH / max(picture.size)
    picture.draft("RGB", (round(scale * picture.width), round(scale * picture.height)))
    return _with_frames(_sought_of(iscc.opaque(picture)), picture)


def _kept_of(upright: Picture, name: str) -> Fingerprints:
    trimmed = iscc.trimmed(upright)
    grey = trimmed.convert("L")
    code = iscc.of_grey(grey)
    why_none = why_not_distinct(grey, code)
    if why_none is not None:
        return Fingerprints(found=(), why_none=why_none)
    small = views.reduced(upright)
    first = Fingerprint(method=ISCC, variant=name, value=code)
    witness = Fingerprint(method=PHASH, variant=WHOLE, value=phash(small))
    parts = _new(views.kept(small), is_trimmed=trimmed is not upright)
    return Fingerprints(found=(first, witness, *_distinct(parts)))


def _sought_of(upright: Picture) -> Fingerprints:
    trimmed = iscc.trimmed(upright)
    grey = trimmed.convert("L")
    code = iscc.of_grey(grey)
    why_none = why_not_distinct(grey, code)
    if why_none is not None:
        return Fingerprints(found=(), why_none=why_none)
    small = views.reduced(upright)
    parts = _new(views.sought(small), is_trimmed=trimmed is not upright)
    both = (it for name, part in parts for it in ((name, part), (f"{MIRRORED}-{name}", ImageOps.mirror(part))))
    first = (
        Fingerprint(method=ISCC, variant=WHOLE, value=code),
        Fingerprint(method=ISCC, variant=MIRRORED, value=iscc.of_grey(ImageOps.mirror(grey))),
        Fingerprint(method=PHASH, variant=WHOLE, value=phash(small)),
        Fingerprint(method=PHASH, variant=MIRRORED, value=phash(ImageOps.mirror(small))),
    )
    return Fingerprints(found=(*first, *_distinct(both)))


def _new(parts: Iterable[tuple[str, Picture]], *, is_trimmed: bool) -> Iterator[tuple[str, Picture]]:
    """Leave out all of the picture where nothing was trimmed: it has a fingerprint already."""
    return ((name, part) for name, part in parts if is_trimmed or name != views.UNTRIMMED)


def _distinct(parts: Iterable[tuple[str, Picture]]) -> Iterator[Fingerprint]:
    for name, part in parts:
        code = iscc.of_grey(part)
        if why_not_distinct(part, code) is None:
            yield Fingerprint(method=ISCC, variant=name, value=code)


def _with_frames(first: Fingerprints, picture: Picture) -> Fingerprints:
    """Add later frames of an animation, without their parts, as far as they can be decoded."""
    later: list[Fingerprint] = []
    with suppress(Exception):  # decoders raise anything at later frames of hostile files
        greys = ((f"frame-{at}-ms", iscc.trimmed(iscc.opaque(it)).convert("L")) for at, it in key_frames(picture))
        later.extend(_distinct(greys))
    found = (*first.found, *later)
    return Fingerprints(found=found, why_none=None if found else first.why_none)
