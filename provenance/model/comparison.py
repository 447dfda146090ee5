"""What two files have to do with each other, by their credentials and by their pictures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provenance.model.history import Edit, History
    from provenance.model.pictures import PictureDifference


class Relation(StrEnum):
    """How two histories hang together."""

    SAME = "the same manifest"
    DERIVED = "one is made from the other"
    ORIGIN = "a common origin"
    """Both lead back to one file, each through what it was made from."""
    ANCESTORS = "common ancestors"
    """One file went into both, but they do not both continue it."""
    NOTHING = "nothing in common"
    UNKNOWN = "cannot be said"


class Side(StrEnum):
    """One of the two files."""

    ONE = "A"
    OTHER = "B"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """One manifest that both histories go back to."""

    one: str
    """Its id in the first history."""
    other: str
    title: str | None
    signer: str | None
    is_proved: bool
    """Whether it bears the same signature in both: a label alone can be copied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Two steps that may be the same file, although nothing that is signed says so."""

    one: str
    other: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Something that the manifests of the two files state differently; texts are JSON where they are not plain."""

    about: str
    """`claim`, or the label of an assertion."""
    field: str | None
    """A path such as `exif:GPSLatitude`; `None` for the whole assertion."""
    one: str | None
    """`None` where it is not stated."""
    other: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What their credentials say about two files."""

    relation: Relation
    reason: str
    """One clause, without a full stop."""
    is_reliable: bool
    """Whether every manifest that the relation rests on is intact, and the same on both sides."""
    why_not: str | None
    """What speaks against relying on it, or what nobody could check."""
    unverified: tuple[str, ...]
    """Titles of the steps that state the relation and whose signers nobody here can verify: anybody can state it."""
    made_from: Side | None
    """Which of the two is the older one, where one is made from the other."""
    shared: tuple[Shared, ...]
    """The nearest first."""
    one_since: tuple[Edit, ...]
    """The steps of the first that are not in the history of the second, newest first."""
    other_since: tuple[Edit, ...]
    possibly: tuple[Likeness, ...]
    differences: tuple[Difference, ...]
    one: History | None
    other: History | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Two pictures that were looked at side by side."""

    newer: str
    """What it is, in words."""
    older: str
    difference: PictureDifference | None
    why_not: str | None
    """Why nothing could be compared."""
    notes: tuple[str, ...] = ()
    """What is to be known of where the pictures come from."""
