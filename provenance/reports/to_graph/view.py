"""What is shown of a history, and in which order: each step below everything that it went into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.history import Edge, Edit, History, RedFlag, Removal

MOST = 60
"""Steps that are shown, the nearest first: more cannot be followed, and a hostile file may have thousands."""
_USES = 6
"""Uses of one step that are drawn: what hundreds have used says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One step, with what is shown of its neighbours."""

    number: int
    """From 0; the file itself is the first."""
    edit: Edit
    uses: tuple[Edge, ...]
    """What it went into, as far as that is shown."""
    more_uses: int
    sources_left_out: int
    """Files that went into it and are not shown."""
    losses: tuple[Removal, ...]
    """What was redacted of it."""
    flags: tuple[RedFlag, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The steps that are shown, from the file itself down to where it began."""

    history: History
    nodes: tuple[Node, ...]

    @property
    def edges(self) -> Iterator[tuple[int, int, Edge]]:
        """Yield the numbers of what was made and of what it was made from, with how."""
        numbers = {item.edit.id: item.number for item in self.nodes}
        for node in self.nodes:
            for edge in node.uses:
                yield numbers[edge.into], node.number, edge

    @property
    def note(self) -> str | None:
        """What there is no room for; `None` when everything is shown."""
        total = len(self.history.edits)
        if len(self.nodes) == total:
            return None
        return f"{len(self.nodes)} of {total} steps are shown, the nearest first; the JSON form lists all {total}"


def view(history: History, flags: tuple[RedFlag, ...], *, most: int = MOST) -> View:
    """Choose what is shown, and put it in order."""
    shown = {item.id for item in history.nearest(most)}
    raised: dict[str, list[RedFlag]] = {}
    for flag in flags:
        raised.setdefault(flag.edit, []).append(flag)
    losses = history.losses
    nodes = []
    for number, label in enumerate(_ordered(history, shown)):
        uses = [item for item in history.uses(label) if item.into in shown]
        nodes.append(
            Node(
                number=number,
                edit=history.edit(label),
                uses=tuple(uses[:_USES]),
                more_uses=max(len(history.uses(label)) - _USES, 0) if len(uses) > _USES else 0,
                sources_left_out=sum(item.source not in shown for item in history.sources(label)),
                losses=losses.get(label, ()),
                flags=tuple(raised.get(label, ())),
            )
        )
    return View(history=history, nodes=tuple(nodes))


def _ordered(history: History, shown: set[str]) -> list[str]:
    """Put steps in an order in which nothing stands above what it went into, circles apart.

    That is the reverse of the order in which a walk into the depth leaves them; sources are walked from the last to
    the first, so that the first comes right below.
    """
    left: list[str] = []
    seen = {history.head}
    waiting = [(history.head, iter(reversed(history.sources(history.head))))]
    while waiting:
        label, rest = waiting[-1]
        edge = next(rest, None)
        if edge is None:
            waiting.pop()
            left.append(label)
        elif edge.source in shown and edge.source not in seen:
            seen.add(edge.source)
            waiting.append((edge.source, iter(reversed(history.sources(edge.source)))))
    return left[::-1]
