"""What is odd about a history, derived from its steps: nothing here is proof of anything wrong.

Each flag is one step's; the history of a capture that was published carries none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model.claim import Relationship, short_source_type
from provenance.model.history import EditState, FlagKind, RedFlag, label_of
from provenance.model.times import out_of_order
from provenance.model.vocabulary import GENERATIVE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from provenance.model.history import Edit, History, Removal

_GENERATIVE = GENERATIVE | {"trainedAlgorithmicData"}
_CREATED, _OPENED = "c2pa.created", "c2pa.opened"
_MATTERS = {
    "c2pa.actions": "the actions themselves",
    "c2pa.hash.": "what ties it to its content",
    "c2pa.ingredient": "what it was made from",
    "c2pa.metadata": "who made it, when, where and with what may have stood there",
    "cawg.metadata": "who made it, when, where and with what may have stood there",
    "stds.": "who made it, when, where and with what may have stood there",
    "cawg.identity": "who stands behind it",
    "c2pa.ai-disclosure": "that a model had a part in it",
    "cawg.training-mining": "whether models may learn from it",
    "c2pa.training-mining": "whether models may learn from it",
    "c2pa.time-stamp": "when it was signed",
    "c2pa.certificate-status": "whether certificates were revoked",
    "c2pa.soft-binding": "how to find it again",
}
"""Assertions whose loss matters, by how their labels begin, and what they say."""
_ORDER = tuple(FlagKind)


def red_flags(history: History) -> tuple[RedFlag, ...]:
    """Find what whoever relies on this history should look at: by step, the nearest first."""
    back = history.generations
    found = {(item.edit, item.kind, item.message): item for item in _all(history, back)}
    places = {item.id: number for number, item in enumerate(history.edits)}
    return tuple(sorted(found.values(), key=lambda item: (places[item.edit], _ORDER.index(item.kind))))


def _all(history: History, back: Mapping[str, int]) -> Iterator[RedFlag]:
    told = {(item.manifest, item.label) for edit in history.edits for item in edit.removals}
    for edit in history.edits:
        where = _back(back.get(edit.id, 0))
        if edit.id != history.head:
            yield from _standing(edit)
        yield from _generative(edit, where)
        yield from _beginning(history, edit)
        yield from (_gone(history, item) for item in edit.removals if _lost(item) is not None)
        yield from _missing_sources(history, edit, told)
    if not history.beginnings:
        yield RedFlag(
            kind=FlagKind.NEVER_CREATED, edit=history.head, message="its history has no beginning: it leads in a circle"
        )
    yield from out_of_order(history)


def _back(generations: int) -> str:
    if generations == 0:
        return "in the file itself"
    return f"{generations} generation{'s' if generations > 1 else ''} back"


def _standing(edit: Edit) -> Iterator[RedFlag]:
    """Say what is wrong with an ancestor: that it is not at hand, not what was signed, or that nobody knows its signer.

    The state of the file itself is the verdict's business.
    """
    kind, words = _STANDING.get(edit.state, (None, ""))
    if kind is not None:
        reason = f": {edit.reason}" if edit.reason else ""
        yield RedFlag(kind=kind, edit=edit.id, message=f"{words}{reason}")
    elif edit.doubt is not None:
        # Nothing is attributed to the signer of what is broken: whether he is known does not matter then.
        yield RedFlag(kind=FlagKind.UNTRUSTED, edit=edit.id, message=edit.doubt)


_STANDING = {
    EditState.BROKEN: (FlagKind.BROKEN, "it is not what was signed"),
    EditState.UNSOUND: (FlagKind.UNSOUND, "its signer's certificate cannot be relied on"),
    EditState.MISSING: (FlagKind.MISSING, "its manifest is named, but not there"),
    EditState.NOT_FETCHED: (FlagKind.MISSING, "its manifest is kept elsewhere and was not fetched"),
    EditState.UNKNOWN: (FlagKind.UNKNOWN, "it has no Content Credentials"),
}


def _generative(edit: Edit, where: str) -> Iterator[RedFlag]:
    """Find generative parts wherever they are stated; the nearest statement of a step stands for all of it."""
    stated = (
        f"{item.name} states {name}"
        for item in edit.actions
        if (name := short_source_type(str(item.source_type or ""))) in _GENERATIVE
    )
    found = next((*stated, *edit.generative).__iter__(), None)
    if found is not None:
        yield RedFlag(kind=FlagKind.GENERATIVE, edit=edit.id, message=f"{found}, {where}")


def _beginning(history: History, edit: Edit) -> Iterator[RedFlag]:
    """Hold how a step says that it began against what went into it (C2PA 2.4, actions)."""
    if edit.claim_version is None:
        return
    sources = history.sources(edit.id)
    has_parent = any(item.relationship is Relationship.PARENT_OF for item in sources)
    names = [item.name for item in edit.actions]
    created = names.count(_CREATED)
    if created > 1:
        message = f"it says {created} times that it was created"
        yield RedFlag(kind=FlagKind.CREATED_TWICE, edit=edit.id, message=message)
    elif created and has_parent:
        message = "it says that it was created, and that it was made from another file"
        yield RedFlag(kind=FlagKind.CREATED_TWICE, edit=edit.id, message=message)
    if _OPENED in names and not has_parent and not (sources and edit.claim_version < 2):
        # Claims of version 1 name what they opened in ways of their own, and some call it a component.
        message = "it says that a file was opened, but not which"
        yield RedFlag(kind=FlagKind.OPENED_NOTHING, edit=edit.id, message=message)
    elif not created and not has_parent and _OPENED not in names:
        message = "it does not say how it began" if names else "it does not say how it began: it states no actions"
        yield RedFlag(kind=FlagKind.NEVER_CREATED, edit=edit.id, message=message)


def _missing_sources(history: History, edit: Edit, told: set[tuple[str | None, str]]) -> Iterator[RedFlag]:
    """Find ingredients that actions name and that are not there, unless their redaction is flagged anyway."""
    there = {item.ingredient for item in history.sources(edit.id)}
    for action in edit.actions:
        for label in map(label_of, action.ingredients):
            if label not in there and (edit.id, label) not in told:
                message = f"{action.name} refers to {label}, which is gone"
                yield RedFlag(kind=FlagKind.REDACTED, edit=edit.id, message=message)


def _lost(removal: Removal) -> str | None:
    return next((what for start, what in _MATTERS.items() if removal.label.startswith(start)), None)


def _gone(history: History, removal: Removal) -> RedFlag:
    """Flag the step that lost something; the one that took it away where the other is not in the history."""
    reason = f" ({removal.reason})" if removal.reason else " without a reason"
    edit = removal.manifest if removal.manifest is not None and removal.manifest in history else removal.by
    message = f"{removal.label} was redacted{reason}: {_lost(removal)}"
    return RedFlag(kind=FlagKind.REDACTED, edit=edit, message=message)
