"""Whose signatures count, and for what."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Purpose(StrEnum):
    """What a trust list vouches for."""

    SIGNER = "signer"
    TIMESTAMP = "timestamp"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustList:
    """A named list of root certificates."""

    name: str
    purpose: Purpose
    anchors: tuple[str, ...] = field(repr=False)
    """Certificates, PEM, one each."""
    source: str
    """The file they came from."""
    digest: str
    """SHA-256 over the anchors, lower-case hexadecimal."""
    local: bool = False
    """True for the development root: it is trusted on this machine only."""


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
class Trust:
    """All lists that one verification rests on."""

    lists: tuple[TrustList, ...] = ()
    key_usages: tuple[str, ...] = DEFAULT_KEY_USAGES

    def named(self, name: str | None) -> TrustList | None:
        """Return the list of that name, if it is one of these."""
        return next((item for item in self.lists if item.name == name), None)

    def has(self, purpose: Purpose) -> bool:
        """Say whether any list serves this purpose."""
        return any(item.purpose is purpose for item in self.lists)
