"""Credentials that were found again for a file that has none: from what, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provenance.model.comparison import Looked
    from provenance.model.history import History
    from provenance.model.media import Media
    from provenance.model.record import Record
    from provenance.model.verdict import Verdict


class Way(StrEnum):
    """How a record was found, the surest first."""

    SAME_FILE = "the same bytes"
    STRIPPED = "the same bytes, without the manifest"
    UNSIGNED = "the same bytes as before it was signed"
    WATERMARK = "a picture with the same watermark"
    """Which can be copied onto another one."""
    FINGERPRINT = "a picture that looks the same"

    @property
    def by_bytes(self) -> bool:
        """Whether it leaves no doubt; what was found in other ways is only a candidate, until pictures are compared."""
        return self in {Way.SAME_FILE, Way.STRIPPED, Way.UNSIGNED}


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
class Candidate:
    """A record whose credentials may be those that the file once had."""

    record: Record
    way: Way
    verdict: Verdict | None
    """On the original, as far as it is at hand: on its manifest alone where the file is not."""
    history: History | None = None
    """Of the original."""
    likeness: Likeness | None = None
    looked: Looked | None = None
    """The file beside the original, or beside its thumbnail."""

    @property
    def standing(self) -> Standing:
        """How sure it is that both show the same."""
        if self.way.by_bytes:
            return Standing.IDENTICAL
        if self.looked is None or self.looked.difference is None:
            return Standing.OPEN
        aligned = self.looked.difference.alignment is not None
        return Standing.CONFIRMED if aligned else Standing.CONTRADICTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What a catalogue knows of a file that is not signed, or no longer."""

    media: Media
    found: tuple[Candidate, ...]
    """The surest first; those that comparing contradicts are left out."""
    contradicted: int = 0
    """How many had the same watermark or a like fingerprint, and show something else."""
    notes: tuple[str, ...] = ()
    """What could not be asked, one sentence each."""
