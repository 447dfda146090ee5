"""What is written into a box: the same words in every kind of picture, made visible, but not yet escaped for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from provenance.model.history import EditState
from provenance.reports import wording
from provenance.reports.escape import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.claim import Action
    from provenance.model.history import Edge, Edit, History
    from provenance.reports.to_graph.view import Node, View

_ACTIONS = 6
_FLAGS = 4
_LOSSES = 3
_NAME = 80
_TEXT = 160
_ROLES = {"parentOf": "made from", "componentOf": "with", "inputTo": "input"}
_ROLES_OF_SOURCES = {"parentOf": "was made from", "componentOf": "was made with", "inputTo": "had as input"}


class Kind(Enum):
    """What a line is, for how it looks."""

    ROLE = auto()
    TITLE = auto()
    STATE = auto()
    PLAIN = auto()
    FAINT = auto()
    ACTION = auto()
    WARNING = auto()
    FLAG = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a box, before it is folded."""

    kind: Kind
    text: str


def lines(node: Node, view: View) -> tuple[Line, ...]:
    """Return everything that a box says, from top to bottom."""
    return tuple(_lines(node, view))


def title(edit: Edit) -> str:
    """Name a step."""
    return visible(edit.title or "(no title)", limit=_NAME)


def state(edit: Edit) -> str:
    """Say what is known about a step; a gap says that it is one."""
    return "no Content Credentials" if edit.state is EditState.UNKNOWN else str(edit.state)


def role(edge: Edge) -> str:
    """Say how something was used, as seen from what was made with it."""
    return _ROLES[edge.relationship]


def _lines(node: Node, view: View) -> Iterator[Line]:
    edit, history = node.edit, view.history
    yield from _uses(node, history)
    yield Line(Kind.TITLE, title(edit))
    yield Line(Kind.STATE, state(edit))
    yield from _signing(edit)
    if edit.reason:
        yield Line(Kind.FAINT, visible(edit.reason, limit=_TEXT))
    for action in edit.actions[:_ACTIONS]:
        yield Line(Kind.ACTION, _action(action, edit, history))
    yield from _more(len(edit.actions) - _ACTIONS, "actions")
    for removal in node.losses[:_LOSSES]:
        reason = visible(removal.reason, limit=_NAME) if removal.reason else "no reason is given"
        yield Line(Kind.WARNING, f"redacted later: {visible(removal.label, limit=_NAME)} ({reason})")
    yield from _more(len(node.losses) - _LOSSES, "redactions")
    for flag in node.flags[:_FLAGS]:
        yield Line(Kind.FLAG, f"{flag.kind}: {visible(flag.message, limit=_TEXT)}")
    yield from _more(len(node.flags) - _FLAGS, "red flags")
    yield from _more(node.sources_left_out, "files went into it that are not shown", "")


def _more(count: int, what: str, rest: str = " are not shown") -> Iterator[Line]:
    if count > 0:
        yield Line(Kind.WARNING, f"{count} more {what}{rest}")


def _uses(node: Node, history: History) -> Iterator[Line]:
    """Say what it went into, and how: sentences that end with its own title, which comes next."""
    if node.edit.id == history.head:
        yield Line(Kind.ROLE, "this file")
    for edge in node.uses:
        yield Line(Kind.ROLE, f"{title(history.edit(edge.into))} {_ROLES_OF_SOURCES[edge.relationship]}")
    yield from _more(node.more_uses, "uses")


def _signing(edit: Edit) -> Iterator[Line]:
    if edit.signature is not None:
        name = visible(wording.signed_by(edit.signature), limit=_NAME)
        broken = edit.state is EditState.BROKEN
        yield Line(Kind.PLAIN, f"names {name} as its signer" if broken else f"signed by {name}")
        if not edit.trusted and not broken:
            yield Line(Kind.FAINT, "identity not verified")
        if edit.signature.time is not None:
            yield Line(Kind.PLAIN, wording.moment(edit.signature.time))
    if edit.stamped_in:
        yield Line(Kind.FAINT, "time-stamped later (not checked)")
    if edit.generators:
        yield Line(Kind.FAINT, f"using {visible(edit.generators[0].name, limit=_NAME)}")


def _action(action: Action, edit: Edit, history: History) -> str:
    """Say what was done, with what, how, when, and why."""
    text = visible(action.name.removeprefix("c2pa."), limit=_NAME)
    used = [item for edge in history.used(edit.id, action)[:1] if (item := history.edit(edge.source).title)]
    text += f" {visible(used[0], limit=_NAME)}" if used else ""
    told = (wording.source_type(action.source_type), action.description, action.reason)
    text += "".join(f" – {visible(item, limit=_TEXT)}" for item in told if item)
    text += f", {visible(wording.stated_moment(action.when), limit=40)}" if action.when else ""
    return text + (f", by {visible(action.software_agent, limit=_NAME)}" if action.software_agent else "")
