"""Credentials that were found again for a file that has none: from what, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from provenance.model.facets import Signer
from provenance.model.words import name_of

if TYPE_CHECKING:
    from provenance.model.comparison import Looked
    from provenance.model.history import History
    from provenance.model.manifest import ManifestStore
    from provenance.model.media import Media
    from provenance.model.pictures import Resemblance
    from provenance.model.record import Record
    from provenance.model.resolution import ManifestMatch
    from provenance.model.verdict import Verdict


CERTAIN = 0.85
"""Certainty of an alignment from which two pictures are told to be the same one (docs/recovery-measured.md)."""
HALF_CERTAIN, MOSTLY_ALIKE = 0.6, 0.995
"""Certainty, and resemblance but for words and borders, that tell it together: neither would alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How often comparing was right in the evaluation."""

    copies: int
    """Changed copies that were compared with their own picture, since that was a candidate."""
    confirmed: int
    """Of these."""
    others: int
    """Comparisons with another picture that was a candidate."""
    mistaken: int
    """Of these, confirmed: copies that were taken for what they are not."""


MEASURED = Measured(copies=577, confirmed=568, others=149, mistaken=0)
"""By `is_same`, with thumbnails, of fresh pictures, as many copies of each kind (docs/recovery-measured.md)."""


class Way(StrEnum):
    """How credentials were found, the surest first."""

    SAME_FILE = "the same bytes"
    STRIPPED = "the same bytes, without the manifest"
    UNSIGNED = "the same bytes as before it was signed"
    WATERMARK = "a picture with the same watermark"
    """Which can be copied onto another one."""
    FINGERPRINT = "a picture that looks the same"
    NAMED = "named by a resolver"


BY_BYTES = frozenset({Way.SAME_FILE, Way.STRIPPED, Way.UNSIGNED})
"""Ways that leave nothing to compare."""


class Standing(StrEnum):
    """What comparing both pictures says."""

    IDENTICAL = "identical"
    """There was nothing to compare: every byte that the manifest is about is the same."""
    CONFIRMED = "confirmed"
    """One lies in the other."""
    CONTRADICTED = "contradicted"
    """They cannot be brought to lie on each other."""
    OPEN = "open"
    """Nothing could be compared."""


def is_same(certainty: float, resemblance: Resemblance | None) -> bool:
    """Say whether two aligned pictures show the same.

    There are two witnesses: blocks of detail that agree, and how alike all is from afar. Either may be sure. What was
    written on a picture or set around it disturbs both; then both must be fairly sure of what is left.
    """
    if certainty >= CERTAIN:
        return True
    if resemblance is None:
        return False
    return resemblance.is_same or (certainty >= HALF_CERTAIN and resemblance.mostly >= MOSTLY_ALIKE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Two fingerprints that are nearly the same, or two watermarks that are: a candidate, never a proof."""

    method: str
    """Name of the algorithm, such as `io.iscc.v0`."""
    distance: int
    """Bits in which they differ."""
    bits: int
    variant: str
    """What of the pictures was compared, such as `whole` or `watermark`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A manifest that a resolver has named; how alike both are is its word alone."""

    resolver: str
    """Address of the one that was asked."""
    match: ManifestMatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Credentials that may be those that the file once had: of a record, or of a manifest that a resolver named."""

    record: Record | None
    way: Way
    verdict: Verdict | None
    """On the original, as far as it is at hand: on its manifest alone where the file is not."""
    history: History | None = None
    """Of the original."""
    likeness: Likeness | None = None
    looked: Looked | None = None
    """The file beside the original, or beside its thumbnail."""
    named: Named | None = None

    def __post_init__(self) -> None:
        if self.record is None and self.named is None:
            raise ValueError("a candidate is of a record, or of a manifest that somebody named")

    @property
    def store(self) -> ManifestStore | None:
        """The original's manifest store, where it is at hand."""
        return self.verdict.inspection.store if self.verdict else None

    @property
    def label(self) -> str:
        """Of the original's manifest."""
        if self.record is not None:
            return self.record.label
        return self.named.match.manifest if self.named else ""

    @property
    def title(self) -> str | None:
        """What it is called, in the catalogue or in its manifest."""
        if self.record is not None:
            return self.record.title
        return self.store.active_manifest.title if self.store else None

    @property
    def signer(self) -> str | None:
        """Who is known to have signed it: a stranger's manifest may hold any name, so it must be a trusted one."""
        if self.record is not None:
            return self.record.signer
        if self.verdict is None or self.store is None or self.verdict.facets.signer.state is not Signer.TRUSTED:
            return None
        return name_of(self.store)

    @property
    def standing(self) -> Standing:
        """How sure it is that both show the same."""
        if self.way in BY_BYTES:
            return Standing.IDENTICAL
        if self.looked is None or self.looked.difference is None:
            return Standing.OPEN
        place = self.looked.difference.alignment
        if place is None:
            return Standing.CONTRADICTED if self.looked.difference.comparable else Standing.OPEN
        # Pictures made of like parts can be aligned too: that alone confirms nothing.
        return Standing.CONFIRMED if is_same(place.certainty, self.looked.difference.resemblance) else Standing.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What is known elsewhere of a file that is not signed, or no longer."""

    media: Media
    found: tuple[Candidate, ...]
    """The surest first; those that comparing contradicts are left out."""
    contradicted: int = 0
    """How many had the same watermark or a like fingerprint, or were named by a resolver, and show something else."""
    notes: tuple[str, ...] = ()
    """What could not be asked, one sentence each."""
