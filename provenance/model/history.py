"""What happened to a file, as far as its manifests say."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from provenance.model.claim import Relationship

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from provenance.model.claim import Action, Generator
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
class Removal:
    """A statement of an earlier step that was redacted (C2PA 2.4, `c2pa.redacted`)."""

    by: str
    """Id of the step that took it away."""
    manifest: str | None
    """Label of the manifest that it stood in; `None` when the address does not tell."""
    label: str
    """Of the assertion."""
    reason: str | None
    """Such as `c2pa.PII.present`."""


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
    doubt: str | None = None
    """Why its signer is not trusted, where somebody says so: silence is neither trust nor doubt."""
    generators: tuple[Generator, ...] = ()
    actions: tuple[Action, ...] = ()
    claim_version: int | None = None
    """`None` for a file without credentials."""
    thumbnail: str | None = None
    """JUMBF URI: its own picture, or the one that was kept when it went into something."""
    generative: tuple[str, ...] = ()
    """What says, besides its actions, that a generative model had a part in it."""
    removals: tuple[Removal, ...] = ()
    """What it took away from steps before it."""
    stamped_in: tuple[str, ...] = ()
    """Labels of later manifests with a time-stamp for its signature (`c2pa.time-stamp`); they are not checked here."""

    @property
    def is_gap(self) -> bool:
        """Whether it stands for a file whose manifest is not at hand."""
        return self.state in _GAPS


_GAPS = (EditState.UNKNOWN, EditState.MISSING, EditState.NOT_FETCHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One file went into another."""

    into: str
    source: str
    relationship: Relationship
    ingredient: str = ""
    """Label of the ingredient assertion of `into` that says so."""


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
    """The head first, then what is nearest to it."""
    edges: tuple[Edge, ...]
    _steps: Mapping[str, Edit] = field(init=False, repr=False, compare=False)
    _sources: Mapping[str, tuple[Edge, ...]] = field(init=False, repr=False, compare=False)
    _uses: Mapping[str, tuple[Edge, ...]] = field(init=False, repr=False, compare=False)
    _named: Mapping[tuple[str, str], tuple[Edge, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_steps", {item.id: item for item in reversed(self.edits)})
        object.__setattr__(self, "_sources", _grouped((item.into, item) for item in self.edges))
        object.__setattr__(self, "_uses", _grouped((item.source, item) for item in self.edges))
        object.__setattr__(self, "_named", _grouped(((item.into, item.ingredient), item) for item in self.edges))

    def edit(self, label: str) -> Edit:
        """Return the step of this id; `KeyError` when there is none."""
        return self._steps[label]

    def __contains__(self, label: object) -> bool:
        return label in self._steps

    def sources(self, label: str) -> tuple[Edge, ...]:
        """Return what went into a step."""
        return self._sources.get(label, ())

    def uses(self, label: str) -> tuple[Edge, ...]:
        """Return what a step went into."""
        return self._uses.get(label, ())

    def used(self, label: str, action: Action) -> tuple[Edge, ...]:
        """Return which sources an action of a step used, where it names them."""
        named = dict.fromkeys(label_of(uri) for uri in action.ingredients)
        return tuple(edge for name in named for edge in self._named.get((label, name), ()))

    @property
    def line(self) -> tuple[str, ...]:
        """The ids of the file itself and of what it was made from, back as far as that goes."""
        found: dict[str, None] = {}
        label: str | None = self.head
        while label is not None and label not in found:
            found[label] = None
            parents = (item.source for item in self.sources(label) if item.relationship is Relationship.PARENT_OF)
            label = next(parents, None)
        return tuple(found)

    @property
    def beginnings(self) -> tuple[Edit, ...]:
        """The steps that nothing went into: where the content comes from."""
        return tuple(item for item in self.edits if item.id not in self._sources)

    def nearest(self, count: int) -> tuple[Edit, ...]:
        """Return as many steps as can be shown, those that are fewest generations back first."""
        back = self.generations
        reached = (item for item in self.edits if item.id in back)
        return tuple(sorted(reached, key=lambda item: back[item.id])[:count])

    @property
    def losses(self) -> Mapping[str, tuple[Removal, ...]]:
        """What was redacted of each step, by its id."""
        found: dict[str, list[Removal]] = {}
        for edit in self.edits:
            for item in edit.removals:
                found.setdefault(item.manifest or "", []).append(item)
        return {label: tuple(items) for label, items in found.items()}

    @property
    def generations(self) -> Mapping[str, int]:
        """How far back each step is, by the shortest way from the head."""
        found = {self.head: 0}
        waiting = deque([self.head])
        while waiting:
            label = waiting.popleft()
            for edge in self.sources(label):
                if edge.source not in found:
                    found[edge.source] = found[label] + 1
                    waiting.append(edge.source)
        return found


_Key = TypeVar("_Key")


def _grouped(edges: Iterable[tuple[_Key, Edge]]) -> dict[_Key, tuple[Edge, ...]]:
    found: dict[_Key, list[Edge]] = {}
    for label, edge in edges:
        found.setdefault(label, []).append(edge)
    return {label: tuple(items) for label, items in found.items()}


def label_of(uri: object) -> str:
    """Return the label at the end of a JUMBF URI."""
    return str(uri).rpartition("/")[2]


def moment_of(text: object) -> datetime | None:
    """Read a stated time (RFC 3339); one without a zone does not say when it was."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
        return found.astimezone(UTC) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None
