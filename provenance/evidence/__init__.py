"""Evidence packs: everything that a verdict rests on, in one file that can be judged again later."""

from provenance.evidence.form import Contents, VerdictRecord
from provenance.evidence.outcome import Agreement, Difference, Packed, Packing, Replay

__all__ = ["Agreement", "Contents", "Difference", "Packed", "Packing", "Replay", "VerdictRecord"]
