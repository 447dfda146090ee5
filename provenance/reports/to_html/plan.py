"""Which steps of a history are shown, where, and under which number.

What a file was made from follows below it, on one line back to its beginning; what else went into a step stands inside
it. A hostile file may have thousands of steps, or lead back to itself: each is shown once, and their number is bounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from provenance.model.claim import Relationship

if TYPE_CHECKING:
    from provenance.model.history import Edge, History

STEPS: Final = 250
"""Steps that are shown."""
DEEPEST: Final = 8
"""Files within files that are shown."""
NAMED: Final = 30
"""Files that went into one step and are shown in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A step in its place, or a mention of one that is shown elsewhere or not at all."""

    label: str
    edge: Edge | None
    """How it went into the one that it stands under; `None` for the file itself."""
    is_mention: bool
    inside: tuple[tuple[Entry, ...], ...] = ()
    """What went into it besides the file that it was made from, each with what that was made from."""
    left_out: int = 0
    """Files that went into it and are not even mentioned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is shown, from top to bottom."""

    line: tuple[Entry, ...]
    numbers: dict[str, int]
    """Of the steps that are shown, from 1, in the order in which they stand."""


def plan(history: History) -> Plan:
    """Lay out a history: first the line back to its beginning, then what is nearest."""
    planner = _Planner(history)
    return Plan(line=planner.line(history.head, None, depth=0, is_main=True), numbers=planner.numbers)


class _Planner:
    def __init__(self, history: History) -> None:
        self._history = history
        self.numbers: dict[str, int] = {}
        self._main = self._straight()
        self._wanted = set(self._main)
        for edit in history.nearest(STEPS):
            if len(self._wanted) < STEPS:
                self._wanted.add(edit.id)

    def _straight(self) -> set[str]:
        """Follow what the file was made from, so that nothing else that went in can crowd it out."""
        found: set[str] = set()
        label: str | None = self._history.head
        while label is not None and label not in found and len(found) < STEPS // 2:
            found.add(label)
            edge = self._parent(label)
            label = edge.source if edge else None
        return found

    def _parent(self, label: str) -> Edge | None:
        """Find what a step was made from; by the standard there is one parent at most."""
        parents = (edge for edge in self._history.sources(label) if edge.relationship is Relationship.PARENT_OF)
        return next((edge for edge in parents if edge.source != label), None)

    def line(self, label: str, edge: Edge | None, *, depth: int, is_main: bool) -> tuple[Entry, ...]:
        """Lay out a step and what it was made from, as far as that has no other place."""
        entries: list[Entry] = []
        while True:
            elsewhere = label in self.numbers or (label in self._main and not is_main)
            if elsewhere or label not in self._wanted:
                return (*entries, Entry(label=label, edge=edge, is_mention=True))
            self.numbers[label] = len(self.numbers) + 1
            entries.append(self._entry(label, edge, depth))
            edge = self._parent(label)
            if edge is None:
                return tuple(entries)
            label = edge.source

    def _entry(self, label: str, edge: Edge | None, depth: int) -> Entry:
        parent = self._parent(label)
        others = [item for item in self._history.sources(label) if item is not parent]
        shown = others[:NAMED] if depth < DEEPEST else []
        inside = tuple(self.line(item.source, item, depth=depth + 1, is_main=False) for item in shown)
        return Entry(label=label, edge=edge, is_mention=False, inside=inside, left_out=len(others) - len(shown))
