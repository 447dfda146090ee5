"""Whose signatures count, and for what."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Purpose(StrEnum):
    """What a trust list vouches for."""

    SIGNER = "signer"
    TIMESTAMP = "timestamp"
    IDENTITY = "identity"
    """Who is named in an identity assertion (CAWG): the publisher, beside the claim's signer."""


DEFAULT_KEY_USAGES = (
    "1.3.6.1.4.1.62558.2.1",  # c2pa-kp-claimSigning
    "1.3.6.1.5.5.7.3.4",  # id-kp-emailProtection
    "1.3.6.1.5.5.7.3.36",  # id-kp-documentSigning
    "1.3.6.1.4.1.311.76.59.1.9",  # Microsoft C2PA Signing
    "1.3.6.1.5.5.7.3.8",  # id-kp-timeStamping
    "1.3.6.1.5.5.7.3.9",  # id-kp-OCSPSigning
)
"""Extended key usages that the engine accepts: without this list it refuses certificates made for C2PA."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustList:
    """A named list of certificates that are trusted for one purpose."""

    name: str
    purpose: Purpose
    anchors: tuple[str, ...] = field(repr=False)
    """Certificates of authorities, PEM, one each."""
    allowed: tuple[str, ...] = field(default=(), repr=False)
    """Certificates of single signers, PEM, one each: they are trusted themselves, and nobody under them."""
    key_usages: tuple[str, ...] = ()
    """Extended key usages (OIDs) one of which a signer's certificate must have; empty: whatever the engine accepts."""
    source: str
    """The file or the address they came from."""
    digest: str
    """SHA-256 over the anchors, then the allowed, each in DER; lower-case hexadecimal."""
    local: bool = False
    """True for the development root: it is trusted on this machine only."""
    as_of: datetime | None = None
    """The date as of which it holds, by its publisher or by whoever added it; `None` when nobody says."""
    obtained: datetime | None = None
    """When it was last had from its source; `None` for a file that is read each time."""
    sequence: int | None = None
    next_update: datetime | None = None
    """By when its publisher promised a new one."""
    note: str | None = None
    """Said wherever the list is named, such as that it is frozen."""
    skipped: int = 0
    """Certificates in the source that do not count: damaged, expired, withdrawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatePath:
    """A way from a signer's certificate to a list that has its root, or the certificate itself."""

    through: str
    """Name of the list."""
    valid_from: datetime
    """The latest beginning of validity on the way."""
    valid_until: datetime
    """The earliest end of validity on the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """All lists that one verification rests on."""

    lists: tuple[TrustList, ...] = ()
    key_usages: tuple[str, ...] = DEFAULT_KEY_USAGES

    def named(self, name: str | None) -> TrustList | None:
        """Return the list of that name, if it is one of these."""
        return next((item for item in self.lists if item.name == name), None)

    def narrowed(self, names: tuple[str, ...]) -> Trust:
        """Return only the lists of these names, and those for purposes that none of the named serves."""
        served = {item.purpose for item in self.lists if item.name in names}
        kept = tuple(item for item in self.lists if item.name in names or item.purpose not in served)
        return replace(self, lists=kept)

    def has(self, purpose: Purpose) -> bool:
        """Say whether any list serves this purpose."""
        return any(item.purpose is purpose for item in self.lists)
