"""What happened to a file, as far as its manifests say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provenance.model.claim import Action, Generator, Relationship
    from provenance.model.manifest import Signature


class EditState(StrEnum):
    """What is known about one step of a history."""

    INTACT = "intact"
    BROKEN = "broken"
    UNSOUND = "signed under an unsound certificate"
    """Expired, not valid yet, or not made for this: nothing is broken, but nobody answers for it."""
    UNKNOWN = "unknown provenance"
    MISSING = "missing"
    NOT_FETCHED = "not fetched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One manifest, or one file of unknown provenance."""

    id: str
    """Label of its manifest, or of the ingredient that stands for it."""
    title: str | None
    media_type: str | None
    state: EditState
    reason: str | None
    """Why it is broken, or what is said about a file without credentials."""
    signature: Signature | None = None
    trusted: bool = False
    """Whether the identity of its signer can be verified: by us for the file itself, as recorded for its ancestors."""
    generators: tuple[Generator, ...] = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One file went into another."""

    into: str
    source: str
    relationship: Relationship


class FlagKind(StrEnum):
    """What can be odd about a history."""

    TIMES = "times out of order"
    GENERATIVE = "generative source"
    BROKEN = "broken ancestor"
    UNSOUND = "ancestor under an unsound certificate"
    UNTRUSTED = "ancestor whose signer is not trusted"
    MISSING = "missing ancestor"
    UNKNOWN = "unknown provenance"
    CREATED_TWICE = "created twice"
    NEVER_CREATED = "no creation"
    OPENED_NOTHING = "opened nothing"
    """`c2pa.opened` without the file that was opened."""
    REDACTED = "redacted where it matters"


@dataclass(frozen=True, slots=True, kw_only=True)
class RedFlag:
    """Something in a history that whoever relies on it should look at; not necessarily wrong."""

    kind: FlagKind
    edit: str
    """Id of the step that it is about."""
    message: str
    """One clause, without a full stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All steps, each once, and how they hang together."""

    head: str
    edits: tuple[Edit, ...]
    edges: tuple[Edge, ...]

    def edit(self, label: str) -> Edit:
        """Return the step of this id; `KeyError` when there is none."""
        return next(item for item in self.edits if item.id == label)

    def sources(self, label: str) -> tuple[Edge, ...]:
        """Return what went into a step."""
        return tuple(item for item in self.edges if item.into == label)

    @property
    def beginnings(self) -> tuple[Edit, ...]:
        """The steps that nothing went into: where the content comes from."""
        grown = {item.into for item in self.edges}
        return tuple(item for item in self.edits if item.id not in grown)
