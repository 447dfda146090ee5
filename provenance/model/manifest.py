"""What was found in a file: manifests as facts, before anything is judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from provenance.model.claim import Action, Assertion, Carrier, Generator, Relationship
    from provenance.model.fingerprints import Fingerprint


class StatusKind(StrEnum):
    """How the engine filed a validation status (C2PA 2.4, validation results)."""

    SUCCESS = "success"
    INFORMATIONAL = "informational"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One validation status code and what it is about."""

    code: str
    kind: StatusKind
    uri: str
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signed a manifest, in the words of the certificate."""

    algorithm: str | None
    organization: str | None
    common_name: str | None
    serial: str | None
    time: datetime | None
    """From a time-stamp token; `None` when there is none."""
    expires: datetime | None = None
    """When the certificate does; only read where a time-stamp may stand in for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What stands beside a signature, as bytes (C2PA 2.4, digital signatures)."""

    chain: tuple[bytes, ...] = field(repr=False)
    """Certificates in DER, leaf first."""
    token: bytes | None = field(default=None, repr=False)
    """A time-stamp: a `TimeStampResp` in claims of version 1, a bare token since (DER)."""
    ocsp: tuple[bytes, ...] = field(default=(), repr=False)
    """Stapled answers about revocation (OCSPResponse, DER)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityAssertion:
    """Who stands behind a manifest, apart from who signed it (CAWG 1.2, `cawg.identity`)."""

    label: str
    organization: str | None
    common_name: str | None
    roles: tuple[str, ...]
    kind: str | None
    """Such as `cawg.x509.cose`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredient:
    """An ingredient as a manifest records it."""

    label: str
    title: str | None
    media_type: str | None
    relationship: Relationship
    manifest: str | None
    """Label of its manifest in the same store; `None` when its provenance is unknown."""
    description: str | None = None
    statuses: tuple[Status, ...] = ()
    """What the signer found when the ingredient was added, deeper ingredients included."""
    thumbnail: str | None = None
    """JUMBF URI of its thumbnail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One manifest: a signed claim with its assertions."""

    label: str
    claim_version: int
    title: str | None
    media_type: str | None
    generators: tuple[Generator, ...]
    signature: Signature | None
    actions: tuple[Action, ...]
    ingredients: tuple[Ingredient, ...]
    assertions: tuple[Assertion, ...]
    thumbnail: str | None
    """JUMBF URI of the claim thumbnail."""
    identities: tuple[IdentityAssertion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestStore:
    """All manifests of a file and what the engine said about them."""

    active: str
    manifests: Mapping[str, Manifest]
    statuses: tuple[Status, ...]
    """About the active manifest."""
    deltas: tuple[Status, ...]
    """About ingredients: what is different now from what their signer recorded."""
    reported_state: str
    """The engine's own word (Invalid, Valid, Trusted): a fact, not recomputed."""
    trust_list: str | None
    """Name of the list through which the engine trusts the signer."""
    data: bytes = field(repr=False)
    """The manifest store itself (JUMBF); empty unless it was asked for."""
    results: Mapping[str, Any] = field(repr=False)
    """The engine's validation results in their interchange form, for ingredients."""
    evidence: Evidence | None = None
    """About the active manifest; only read where something asks for it."""
    thumbnails: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """By their JUMBF URIs, as they stand in the file; only read where something asks for them."""
    interchange: Mapping[str, Any] | None = field(default=None, repr=False)
    """The engine's report in its interchange form (crJSON), as it is; only made where something asks for it."""

    @property
    def active_manifest(self) -> Manifest:
        """The manifest that describes the file itself."""
        return self.manifests[self.active]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A finished signing: read back and verified."""

    path: Path | None
    """Where the signed file is; `None` when it was signed in memory."""
    sidecar: Path | None
    carrier: Carrier
    media_type: str
    store: ManifestStore
    signer: str
    notes: tuple[str, ...] = ()
    """What the user must know although it was signed, such as that there is no trusted time."""
    data: bytes | None = field(default=None, repr=False)
    """The signed file, when it was signed in memory."""
    fingerprints: tuple[Fingerprint, ...] = ()
    """Of its picture, where they were made: its credentials are found again by them."""
