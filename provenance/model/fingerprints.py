"""What is left of a picture when everything that was written into it is gone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """A short value that stays nearly the same when a picture is recompressed or scaled."""

    method: str
    """Name of the algorithm, such as `io.iscc.v0` (C2PA soft binding algorithm list)."""
    variant: str
    """What was done to the picture before, such as mirroring; empty for the picture as it is."""
    value: bytes
