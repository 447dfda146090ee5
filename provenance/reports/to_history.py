"""Histories for programs: every step, whatever the other forms have room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provenance import codec
from provenance.model.flags import red_flags
from provenance.model.history import moment_of
from provenance.reports import wording
from provenance.reports.escape import as_json

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.model.claim import Action
    from provenance.model.history import Edit, History, Removal
    from provenance.model.manifest import Signature

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagReport:
    """Something in a history that whoever relies on it should look at."""

    kind: str
    edit: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureReport:
    """Who signed, and when by a time-stamp."""

    organization: str | None
    common_name: str | None
    serial: str | None
    algorithm: str | None
    time: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionReport:
    """One action of a step."""

    action: str
    when: str | None
    """As it is stated; whether it says when it was is another question."""
    source_type: str | None
    software_agent: str | None
    description: str | None
    reason: str | None
    sources: tuple[str, ...]
    """Ids of the steps that it used, where it names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalReport:
    """A statement of an earlier step that was redacted."""

    manifest: str | None
    label: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditReport:
    """One manifest of the history, or one file of unknown provenance."""

    id: str
    title: str | None
    media_type: str | None
    generation: int | None
    """How far back it is, by the shortest way; 0 is the file itself."""
    state: str
    reason: str | None
    signature: SignatureReport | None
    trusted: bool
    """By us for the file itself, as recorded for its ancestors."""
    doubt: str | None
    stated_from: str | None
    """The earliest and the latest time that its actions state, in UTC."""
    stated_until: str | None
    claim_version: int | None
    generators: tuple[str, ...]
    actions: tuple[ActionReport, ...]
    generative: tuple[str, ...]
    """What says, besides its actions, that a generative model had a part in it."""
    thumbnail: str | None
    """JUMBF URI."""
    redacted: tuple[RemovalReport, ...]
    """What it took away from steps before it."""
    stamped_in: tuple[str, ...]
    """Later manifests with a time-stamp for its signature, which is not checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeReport:
    """One file went into another."""

    into: str
    source: str
    relationship: str
    ingredient: str
    """Label of the ingredient assertion that says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryReport:
    """All steps, each once."""

    head: str
    began: str
    edits: tuple[EditReport, ...]
    edges: tuple[EdgeReport, ...]
    flags: tuple[FlagReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryDocument:
    """What `provenance history --format json` says of one file."""

    version: int
    generator: str
    file: str
    history: HistoryReport


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a `HistoryDocument`."""
    return codec.schema(HistoryDocument)


def text(document: HistoryDocument) -> str:
    """Write it as JSON."""
    return as_json(codec.to_json(document)) + "\n"


def document(name: str, history: History, *, generator: str) -> HistoryDocument:
    """Put a history into the form that programs read."""
    return HistoryDocument(version=VERSION, generator=generator, file=name, history=report(history))


def report(history: History) -> HistoryReport:
    """Return a history with everything that is known about it."""
    back = history.generations
    return HistoryReport(
        head=history.head,
        began=wording.beginning(history),
        edits=tuple(_edit(item, history, back.get(item.id)) for item in history.edits),
        edges=tuple(
            EdgeReport(into=item.into, source=item.source, relationship=item.relationship, ingredient=item.ingredient)
            for item in history.edges
        ),
        flags=tuple(FlagReport(kind=item.kind, edit=item.edit, message=item.message) for item in red_flags(history)),
    )


def _edit(edit: Edit, history: History, generation: int | None) -> EditReport:
    times = sorted(found for item in edit.actions if (found := moment_of(item.when)) is not None)
    return EditReport(
        id=edit.id,
        title=edit.title,
        media_type=edit.media_type,
        generation=generation,
        state=edit.state,
        reason=edit.reason,
        signature=_signature(edit.signature) if edit.signature else None,
        trusted=edit.trusted,
        doubt=edit.doubt,
        stated_from=_moment(times[0]) if times else None,
        stated_until=_moment(times[-1]) if times else None,
        claim_version=edit.claim_version,
        generators=tuple(f"{item.name} {item.version or ''}".strip() for item in edit.generators),
        actions=tuple(_action(item, edit, history) for item in edit.actions),
        generative=edit.generative,
        thumbnail=edit.thumbnail,
        redacted=tuple(_removal(item) for item in edit.removals),
        stamped_in=edit.stamped_in,
    )


def _signature(signature: Signature) -> SignatureReport:
    return SignatureReport(
        organization=signature.organization,
        common_name=signature.common_name,
        serial=signature.serial,
        algorithm=signature.algorithm,
        time=_moment(signature.time),
    )


def _action(action: Action, edit: Edit, history: History) -> ActionReport:
    return ActionReport(
        action=action.name,
        when=action.when,
        source_type=action.source_type,
        software_agent=action.software_agent,
        description=action.description,
        reason=action.reason,
        sources=tuple(item.source for item in history.used(edit.id, action)),
    )


def _removal(removal: Removal) -> RemovalReport:
    return RemovalReport(manifest=removal.manifest, label=removal.label, reason=removal.reason)


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
