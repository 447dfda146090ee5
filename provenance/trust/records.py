"""What is kept of an installed list, and how it is read back without understanding a certificate.

    trust/
      c2pa/
        list.json          everything about it; names the version in force and the one before
        1f0c…-9a3e/        one version: nothing in it ever changes
          anchors.pem      authorities
          allowed.pem      single certificates
          about.json       who they belong to, and which do not count
          source-1.json    what its source gave, to the byte

A version appears by one rename, and comes into force when `list.json` is replaced.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from provenance import codec
from provenance.errors import SettingsError
from provenance.model.trust import Purpose, TrustList
from provenance.trust.bundle import digest_of, split

if TYPE_CHECKING:
    from pathlib import Path

RECORD: Final = "list.json"
_Time = Annotated[datetime, msgspec.Meta(tz=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a list."""

    place: str
    """Its subdirectory."""
    digest: str
    obtained: _Time
    as_of: _Time | None = None
    """The date as of which it holds: by its publisher, or by whoever added it."""
    scheme: str | None = None
    sequence: int | None = None
    next_update: _Time | None = None
    anchors: int
    allowed: int
    skipped: dict[str, int] = field(default_factory=dict)
    """How many certificates do not count, by reason."""

    @property
    def count(self) -> int:
        """How many certificates count."""
        return self.anchors + self.allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything that is known about an installed list but its certificates."""

    name: str
    purpose: Purpose
    source: str | None
    """A known name, an https address, or the path of a file; `None` for an address book."""
    addresses: tuple[str, ...] = ()
    """Where its parts are: https addresses, or the path."""
    key_usages: tuple[str, ...] = ()
    note: str | None = None
    keep_expired: bool = False
    pinned: bool = False
    added: _Time
    checked: _Time
    """When its source last gave what is in force."""
    current: Version
    previous: Version | None = None

    def out_of_date(self, at: datetime) -> bool:
        """Say whether its publisher promised a newer one by now."""
        return self.current.next_update is not None and self.current.next_update < at


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is kept of a version only to be shown."""

    entities: dict[str, str] = field(default_factory=dict)
    skipped: tuple[tuple[str, str], ...] = ()
    """Reason and who, of what does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants to add as a list."""

    source: str
    """A known name, an https address, or the path of a file."""
    purpose: Purpose | None = None
    """By default what the source is known to serve."""
    key_usages: tuple[str, ...] = ()
    """By default what the source is known to accept, else what is usual for the purpose."""
    as_of: datetime | None = None
    """The date as of which it holds, for a list that bears none; what had expired by then does not count."""
    keep_expired: bool = False
    """Expired certificates count too: for signatures with a trusted time in their validity."""
    digest: str | None = None
    """Nothing but the list with this digest is taken."""


def read_record(directory: Path) -> Record:
    """Read `list.json`. Raises `SettingsError` when it is missing or damaged."""
    path = directory / RECORD
    try:
        return codec.from_json(path.read_bytes(), Record)
    except (OSError, codec.DecodingError) as error:
        raise SettingsError(
            "the description of this trust list is missing or damaged",
            path=path,
            hint=f"remove the list and add it again: provenance trust remove {directory.name}",
        ) from error


def read_version(directory: Path, record: Record, version: Version) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read the certificates of a version, as they were kept: anchors, then single ones.

    Nothing is understood, only compared with the digest. Raises `SettingsError` when a file was changed since.
    """
    folder = directory / version.place
    try:
        anchors = split((folder / "anchors.pem").read_text(encoding="ascii"))
        allowed = split((folder / "allowed.pem").read_text(encoding="ascii"))
        intact = digest_of(anchors, allowed) == version.digest and len(anchors) == version.anchors
    except (OSError, ValueError):
        intact = False
    if not intact:
        raise SettingsError(
            f"the files of the trust list {record.name} were changed or damaged on this machine",
            path=folder,
            hint=f"get it again: provenance trust {'update' if record.source else 'remove'} {record.name}",
        )
    return anchors, allowed


def read_about(directory: Path, version: Version) -> About:
    """Read what is only shown; nothing when it is damaged."""
    try:
        return codec.from_json((directory / version.place / "about.json").read_bytes(), About)
    except (OSError, codec.DecodingError):
        return About()


def trust_list(record: Record, anchors: tuple[str, ...], allowed: tuple[str, ...], *, source: str) -> TrustList:
    """Make what verification rests on."""
    version = record.current
    return TrustList(
        name=record.name,
        purpose=record.purpose,
        anchors=anchors,
        allowed=allowed,
        key_usages=record.key_usages,
        source=source,
        digest=version.digest,
        as_of=version.as_of,
        obtained=record.checked,
        sequence=version.sequence,
        next_update=version.next_update,
        note=record.note,
        skipped=sum(version.skipped.values()),
    )
