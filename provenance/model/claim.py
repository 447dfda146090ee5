"""What a signer is about to state: a claim, before it becomes a manifest."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.model.manifest import ManifestStore
    from provenance.model.media import Thumbnail


def short_source_type(uri: str) -> str:
    """Return the last part of a digital source type's URI, which is its name."""
    return uri.strip().rstrip("/").rsplit("/", 1)[-1]


class Origin(StrEnum):
    """Whether the claim generator vouches for an assertion itself (C2PA 2.4, created and gathered assertions)."""

    CREATED = "created"
    GATHERED = "gathered"


class Relationship(StrEnum):
    """How an ingredient was used (C2PA 2.4, `c2pa.ingredient.v3`)."""

    PARENT_OF = "parentOf"
    COMPONENT_OF = "componentOf"
    INPUT_TO = "inputTo"


class Carrier(StrEnum):
    """Where a manifest store is kept."""

    EMBEDDED = "embedded"
    SIDECAR = "sidecar"
    REMOTE = "remote"


class Timestamp(StrEnum):
    """Whether a trusted time is wished for."""

    REQUIRED = "required"
    """Without one nothing is signed."""
    PREFERRED = "preferred"
    """Without one it is signed all the same, and said."""
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One step of an edit history (C2PA 2.4, `c2pa.actions.v2`)."""

    name: str
    when: str | None = None
    """RFC 3339."""
    software_agent: str | None = None
    description: str | None = None
    source_type: str | None = None
    """A digital source type as a URI."""
    reason: str | None = None
    ingredients: tuple[str, ...] = ()
    """Ids of the ingredients of the same claim that the step used."""
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredient:
    """A file that went into this one, with the credentials that were read from it."""

    id: str
    title: str
    media_type: str
    relationship: Relationship
    store: ManifestStore | None = None
    """Its manifest store as it was validated; `None` where there are no usable credentials."""
    note: str | None = None
    """Said in the manifest when its credentials exist but could not be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """A labelled statement."""

    label: str
    data: Mapping[str, Any]
    origin: Origin = Origin.GATHERED


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """An assertion of an ancestor that is removed, and why."""

    uri: str
    """JUMBF URI of the assertion."""
    reason: str
    """Such as `c2pa.PII.present`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """The program that made a claim."""

    name: str
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Everything that one signature will cover, besides the media itself."""

    title: str
    actions: tuple[Action, ...]
    generator: Generator
    all_actions_included: bool
    ingredients: tuple[Ingredient, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    redactions: tuple[Redaction, ...] = ()
    thumbnail: Thumbnail | None = None
    label: str | None = None
    """Of the manifest; the engine chooses one otherwise."""
    update: bool = False
    """Only adds statements to its parent, whose content it leaves as it is."""
    adds: str | None = None
    """Label of the assertion that the engine makes for an update: without it there is no point in it."""
    opened_by_engine: bool = False
    """The engine reads the parent from the file itself: only then does it ask whether certificates are revoked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A claim in the form that the engine takes."""

    manifest: Mapping[str, Any]
    resources: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Thumbnails and manifest stores of ingredients, by the names used in `manifest`."""
    detached: bool = False
    """Keep the manifest out of the file."""
    remote_url: str | None = None
    """Written into the file's XMP as `dcterms:provenance`."""
    update: bool = False
    """An update manifest: the content is its parent's, and nothing but statements is added (C2PA 2.4)."""
