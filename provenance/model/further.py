"""What certificates and authorities add to what stands in a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.model.as_of import AsOf
    from provenance.model.media import Metadata
    from provenance.model.revocation import RevocationAnswer
    from provenance.model.trust import CertificatePath


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeCheck:
    """What our own look at a time-stamp found: the engine takes some that it should not."""

    time: datetime | None
    """The time that the authority attests (`genTime`); None when the token cannot be relied on."""
    authority: str
    through: str | None
    """Name of the list that vouches for the authority."""
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """What the signer's certificate says of itself (RFC 5280)."""

    key_type: str
    """`rsa`, `ec`, `ed25519`, or the name of another kind."""
    key_bits: int
    valid_from: datetime
    valid_until: datetime
    policies: tuple[str, ...]
    """Certificate policies, OIDs (4.2.1.4)."""
    key_usages: tuple[str, ...] = ()
    """Extended key usages, OIDs (4.2.1.12)."""
    paths: tuple[CertificatePath, ...] = ()
    """Ways from it to the lists of signers, each list once at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """Facts beyond the engine's report; each is there only where something asked for it."""

    stamp: TimeCheck | None = None
    revocation: RevocationAnswer | None = None
    """What an authority says of the signer's certificate, asked or stapled."""
    as_of: AsOf | None = None
    """Another day than that of looking, when the verdict is to hold as of that."""
    certificate: CertificateFacts | None = None
    stated: Metadata | None = None
    """What the active manifest, and whatever it updates, states in the words of metadata."""


NOTHING = Further()
