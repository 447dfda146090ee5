"""What a catalogue keeps: signings, and verifications that were worth a note."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003 -- the codec looks types up when it reads
from enum import StrEnum
from typing import Final

from provenance.model.fingerprints import Fingerprint  # noqa: TC001 -- the same
from provenance.model.ledger import Head  # noqa: TC001 -- the same
from provenance.model.verdict import Decision  # noqa: TC001 -- the same

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")


def new_id(at: datetime) -> str:
    """Make an id of 26 characters that sorts by time (a ULID: 48 bits of milliseconds, 80 of chance)."""
    number = int(at.timestamp() * 1000) << 80 | secrets.randbits(80)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -5, -5))


def _require_id(text: str) -> None:
    if not _ID.fullmatch(text):
        raise ValueError(f"{text!r} is no id: letters, digits, - and _, 64 at most")


class Operation(StrEnum):
    """What made the file that a record is about."""

    SIGNED = "signed"
    DERIVED = "derived"
    UPDATED = "updated"
    REDACTED = "redacted"
    REATTACHED = "reattached"
    IMPORTED = "imported"
    """Signed before, or by somebody else, and entered here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a file says about itself, for searching; nothing here is verified."""

    creators: tuple[str, ...] = ()
    caption: str | None = None
    credit: str | None = None
    rights: str | None = None
    device: str | None = None
    captured_at: str | None = None
    """RFC 3339; without an offset when the file states none."""
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """A file that went into this one."""

    label: str | None
    """Of its manifest; `None` when its provenance is unknown."""
    record: str | None = None
    """Id of its own record, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One signing, or one signed file that was entered. All digests are SHA-256 in lower-case hexadecimal."""

    id: str
    recorded_at: datetime
    operation: Operation
    label: str
    """Of the active manifest."""
    manifest: str
    """Digest of the manifest store."""
    media_type: str
    size: int
    """Bytes of the signed file."""
    source: str | None = None
    """Digest of the file before it was signed."""
    output: str | None = None
    """Digest of the signed file."""
    bare: str | None = None
    """Digest of the signed file without its manifest store."""
    width: int | None = None
    height: int | None = None
    """Pixels, as those of `width`."""
    title: str | None = None
    signer: str | None = None
    """Name in the signer's certificate."""
    certificate: str | None = None
    """Digest of that certificate (DER)."""
    signed_at: datetime | None = None
    """What the signer states."""
    attested_at: datetime | None = None
    """What a time-stamp authority attests."""
    source_type: str | None = None
    """Digital source type, a URI."""
    described: Described = field(default_factory=Described)
    parents: tuple[Parent, ...] = ()
    written_to: str | None = None
    """Path or address."""
    asked_by: str | None = None
    """`user@host`, or the name of an API key."""

    def __post_init__(self) -> None:
        _require_id(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A record, and what is kept beside it."""

    record: Record
    store: bytes = field(repr=False)
    """The manifest store (JUMBF)."""
    fingerprints: tuple[Fingerprint, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One verification: what was decided about which bytes, when, and against what."""

    id: str
    at: datetime
    digest: str
    """Of the file (SHA-256)."""
    decision: Decision
    policy: str
    """Its name and version."""
    policy_digest: str
    lists: tuple[str, ...] = ()
    """Digests of the trust lists that counted."""
    name: str | None = None
    """Path or address of the file."""
    reasons: tuple[str, ...] = ()
    """Names of the rules that did not pass, and status codes."""
    asked_by: str | None = None

    def __post_init__(self) -> None:
        _require_id(self.id)


class DigestOf(StrEnum):
    """Which of a record's digests is meant."""

    SOURCE = "source"
    OUTPUT = "output"
    BARE = "bare"
    MANIFEST = "manifest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which records are wanted: all that is given must be so."""

    text: str = ""
    """Words, or parts of them, in the title, the description, the signer's name or the place that was written to."""
    since: datetime | None = None
    until: datetime | None = None
    """When it was signed, or recorded where that is not known; `until` is not included."""
    signer: str | None = None
    """The name in the certificate, or the certificate's digest."""
    decision: Decision | None = None
    """Of the last recorded verification of the signed file."""
    source_type: str | None = None
    """A digital source type, by its URI or its name."""
    digest: str | None = None
    """Of the file before or after signing, without its manifest store, or of the manifest store."""
    before: str | None = None
    """Id of a record: only those that were entered before it, which are the next ones."""
    limit: int | None = None


class Prunable(StrEnum):
    """What can be taken out of a catalogue."""

    RECORDS = "records"
    """With their fingerprints, and the manifest stores that no other record has."""
    MANIFESTS = "manifests"
    """Manifest stores alone; their records stay."""
    CHECKS = "checks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """How much goes, or went, of what is older than a date."""

    what: Prunable
    before: datetime
    records: int = 0
    fingerprints: int = 0
    manifests: int = 0
    manifest_bytes: int = 0
    checks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How much is in a catalogue."""

    records: int
    manifests: int
    fingerprints: int
    checks: int
    head: Head
    """Of the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A fingerprint as it is kept."""

    row: int
    """Higher for each that is entered later."""
    number: int
    """Of the record."""
    fingerprint: Fingerprint
