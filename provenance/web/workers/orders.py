"""What is asked of workers about files that were uploaded, and what they hand back: plain values that travel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from provenance.claims import SigningOptions
    from provenance.errors import ProvenanceError
    from provenance.model.facets import Credential
    from provenance.model.media import Thumbnail
    from provenance.model.record import Check, Recording
    from provenance.model.resolution import ManifestMatch
    from provenance.model.verdict import Decision
    from provenance.reports.drawings import Drawing
    from provenance.reports.faces import Format
    from provenance.workspace.looking import Asked


PAGE = "page"
"""Name, among the texts of what was looked at, of the pieces that a page is put together from (JSON)."""
DRAWN = "history"
"""Name, among the same, of the history in a drawing: `history.svg`."""
EVIDENCE = "evidence"
"""Name, among the texts of a report, of an evidence pack (base64)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file in the private folder of the service."""

    path: str
    name: str
    """What its sender calls it; it is only shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How to look at a file."""

    asked: Asked
    forms: tuple[Format, ...]
    """Reports that are wanted; those that are written file by file are none of them."""
    lists: tuple[str, ...] = ()
    """Names of trust lists that count, where not all do."""
    manifest: bytes | None = field(default=None, repr=False)
    """What is at the address that the file names for its manifest, where somebody had it."""
    drawings: tuple[Drawing, ...] = ()
    """Forms of the history."""
    page: bool = False
    """The pieces of a page too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackOrder:
    """How an evidence pack is made of a file, which itself is not in it."""

    policy: str | None
    """Name of the one that judges; `None`: the usual one."""
    as_of: datetime | None = None
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedUpload:
    """An evidence pack."""

    error: ProvenanceError | None = None
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A file in a few words, for lists."""

    name: str
    media_type: str | None = None
    size: int | None = None
    """Bytes."""
    credential: Credential | None = None
    label: str | None = None
    """Of the active manifest."""
    title: str | None = None
    signer: str | None = None
    """Name in its certificate; whether it is trusted is for the verdict to say."""
    attested_at: datetime | None = None
    """By a time-stamp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was found."""

    subject: Subject
    error: ProvenanceError | None = None
    """Why it could not be looked at; there may be reports on that too."""
    decision: Decision | None = None
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Reports by the names of their formats, and drawings by their keys."""
    digest: str | None = None
    """SHA-256 of the file, where it was asked for."""
    remote: str | None = None
    """Address of its manifest, which was not fetched."""
    check: Check | None = None
    """For the catalogue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOrder:
    """How to sign a file."""

    options: SigningOptions
    output: str
    """Path of the result, in the private folder."""
    identity: str | None = None
    """Name of the one that signs; `None`: the usual one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedUpload:
    """What came of it."""

    error: ProvenanceError | None = None
    """Why there is no result; nothing was left behind then."""
    media_type: str | None = None
    label: str | None = None
    """Of its manifest."""
    signer: str | None = None
    notes: tuple[str, ...] = ()
    recordings: tuple[Recording, ...] = ()
    """For the catalogue; where the result lies meanwhile is not in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """What a file says, unjudged."""

    subject: Subject
    error: ProvenanceError | None = None
    text: str = field(default="", repr=False)
    """The report of one file without what a policy adds, JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedUploads:
    """Two files side by side."""

    error: ProvenanceError | None = None
    text: str = field(default="", repr=False)
    """The comparison, JSON."""
    heat_map: bytes | None = field(default=None, repr=False)
    """What changed in the picture, PNG."""
    pictures: tuple[Thumbnail | None, Thumbnail | None] = field(default=(None, None), repr=False)
    """Both made small, where they can be decoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """Two small pictures, one laid over the other."""

    why_not: str | None = None
    """Why nothing could be compared."""
    facts: tuple[tuple[str, str], ...] = ()
    """What was found, in words, each with what it is about."""
    older: Thumbnail | None = field(default=None, repr=False)
    """The older picture as the newer one shows it, where that is known."""
    difference: Thumbnail | None = field(default=None, repr=False)
    """The newer picture in grey, what was changed in colour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Manifests that a file may have had."""

    error: ProvenanceError | None = None
    matches: tuple[ManifestMatch, ...] = ()
