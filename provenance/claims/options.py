"""What a user asks for when signing: plain values that can travel to another process."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from provenance.model.claim import Carrier

if TYPE_CHECKING:
    from pathlib import Path

    from provenance.model.claim import Assertion, Timestamp


ID: Final = "{id}"
"""In the address of a remote manifest, it stands for the manifest's label."""


class Preset(StrEnum):
    """What signing stands for."""

    CAPTURE = "capture"
    PUBLISH = "publish"
    EDIT = "edit"


class MetadataLevel(StrEnum):
    """How much of the file's own metadata goes into the manifest."""

    ALL = "all"
    SAFE = "safe"
    """No place, no serial numbers, no names of owners."""
    NONE = "none"


class AiTraining(StrEnum):
    """Whether the media may be used for data mining and AI training (CAWG 1.1, training and data mining)."""

    ALLOWED = "allowed"
    NOT_ALLOWED = "not-allowed"
    CONSTRAINED = "constrained"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningOptions:
    """Everything that decides what is stated, besides the files."""

    preset: Preset = Preset.PUBLISH
    title: str | None = None
    author: str | None = None
    source_type: str | None = None
    """Short name or URI of a digital source type."""
    actions: tuple[str, ...] = ()
    ai_training: AiTraining | None = None
    ai_constraint: str | None = None
    """The condition, when `ai_training` is CONSTRAINED; without it, readers take it as not allowed."""
    ai_model: str | None = None
    metadata: MetadataLevel | None = None
    """`None`: everything for captures, descriptions only otherwise."""
    drop_location: bool = False
    thumbnail: int | None = 512
    """Longer edge in pixels; `None` for no thumbnail."""
    drop_thumbnails: bool = False
    """Thumbnails go from the history of what went in, by redactions."""
    assertions: tuple[Assertion, ...] = ()
    parent: Path | bytes | None = None
    """The file that was edited, when it is not the source itself."""
    ingredients: tuple[Path | bytes, ...] = ()
    """Files that were put in."""
    carrier: Carrier = Carrier.EMBEDDED
    remote_url: str | None = None
    """Where the manifest will be found, in which `{id}` stands for its label; goes with the carrier REMOTE."""
    timestamp: Timestamp | None = None
    """`None`: as the settings say."""
    publisher: str | None = None
    """Name of the identity that stands behind the claim, apart from the signer."""
    publisher_roles: tuple[str, ...] = ("publisher",)
    """Roles of that identity (CAWG 1.2): publisher, creator, editor …"""
    soft_binding: bool | None = None
    """Pictures are signed with their fingerprint (`c2pa.soft-binding`); `None`: where a catalogue is kept."""
    label: str | None = None
    """Of the manifest (`urn:c2pa:` and a UUID that nobody else uses); the engine chooses one otherwise."""
    allow_broken_source: bool = False
    online: bool = False
    """Remote manifests of sources may be fetched."""
