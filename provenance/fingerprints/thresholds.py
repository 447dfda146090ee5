"""How near is near? Distances that were measured, with what was found at them (docs/recovery-measured.md)."""

from __future__ import annotations

from provenance.model.fingerprints import ISCC, PHASH

CANDIDATE = {ISCC: 64, PHASH: 8}
"""Bits up to which a picture is a candidate, to be compared with the copy."""
