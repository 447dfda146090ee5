"""What a picture is found again by, once its credentials were taken away: in the standard's words, soft bindings."""

from __future__ import annotations

from dataclasses import dataclass, field

ISCC = "io.iscc.v0"
"""ISO 24138, by its name in the list of soft binding algorithms of C2PA; 256 bits."""
PHASH = "phash"
"""On no list: for the catalogue alone; 64 bits."""

WHOLE, MIRRORED = "whole", "mirrored"
"""Variants; what is made of parts of a picture is named after them: `crop-left-8`, `mirrored-crop-6`."""
REDUCED = "reduced"
"""All of a picture that was decoded at a fraction of its size: by some bits it can differ from `WHOLE`."""
WATERMARK = "watermark"
"""Not made from the picture, but read in it: it is the same payload, or another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """Bits of which most stay as they are when a picture is stored again; kin are told by how many differ.

    Payloads of watermarks are kept among them.
    """

    method: str
    """`ISCC`, `PHASH` or the algorithm of a watermark: only values of one method can be compared."""
    variant: str
    """What of the picture it was made from, such as `WHOLE`, or `WATERMARK`."""
    value: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprints:
    """The fingerprints of one picture, or why there are none."""

    found: tuple[Fingerprint, ...]
    why_none: str | None = None
    """One clause for people: it is not distinctive, or cannot be decoded here."""
