"""Whether the times in a history can all be true: nothing is made from what does not exist yet.

Attested times come from time-stamps, whoever made them; stated ones are the signer's own word.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from provenance.model.claim import Relationship
from provenance.model.history import FlagKind, RedFlag, label_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.history import Edge, Edit, History

TOLERANCE = timedelta(minutes=5)
"""Clocks that differ by less than this say nothing."""


_PARENT = ""


@dataclass(frozen=True, slots=True)
class _Time:
    """When a step was there at the earliest, and who says so."""

    at: datetime
    edit: str
    how: str


def out_of_order(history: History) -> Iterator[RedFlag]:
    """Find steps that say of themselves that they are later than what was made from them, or than their own signature.

    Each step is flagged once. A time of signing bounds every step before it, through those that state no time.
    """
    latest: dict[str, list[_Time]] = {}
    flagged: set[str] = set()
    for edit in _oldest_first(history):
        own = _own(edit)
        signed = _signed(edit)
        late = own is not None and signed is not None and own.at - signed > TOLERANCE
        if own is not None and late:
            yield _flag(own, f"after its own time-stamp, {_said(signed)}")
            flagged.add(edit.id)
        carried: list[_Time] = []
        used = _uses(edit)
        for edge in history.sources(edit.id):
            bound, by = _bound(edge, used, signed)
            for time in latest.get(edge.source, ()):
                if bound is None or time.at - bound <= TOLERANCE:
                    carried.append(time)
                elif time.edit not in flagged:
                    flagged.add(time.edit)
                    yield _flag(time, f"after {by}, {_said(bound)}")
        attested = _Time(signed, edit.id, "its time-stamp says") if signed is not None else None
        mine = attested if late or own is None else max(filter(None, (own, attested)), key=lambda item: item.at)
        found = [*carried, *([mine] if mine else [])]
        latest[edit.id] = [max(found, key=lambda item: item.at)] if found else []


def _flag(time: _Time, against: str) -> RedFlag:
    return RedFlag(kind=FlagKind.TIMES, edit=time.edit, message=f"{time.how} {_said(time.at)}, which is {against}")


def _said(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _own(edit: Edit) -> _Time | None:
    """Return the latest time that a step states for itself."""
    stated = ((found, item.name) for item in edit.actions if (found := moment_of(item.when)) is not None)
    last = max(stated, default=None)
    return None if last is None else _Time(last[0], edit.id, f"{last[1]} is stated for")


def _signed(edit: Edit) -> datetime | None:
    """Return when a step was signed by its own time-stamp; one that was added later only says that it was there."""
    return edit.signature.time if edit.signature and not edit.stamped_in else None


def _uses(edit: Edit) -> dict[str, datetime]:
    """Find when a step first used what went into it: by the label of the ingredient, `""` for the parent."""
    found: dict[str, datetime] = {}
    for action in edit.actions:
        at = moment_of(action.when)
        if at is None:
            continue
        labels = [label_of(uri) for uri in action.ingredients] + ([_PARENT] if action.name == "c2pa.opened" else [])
        for label in labels:
            found[label] = min(at, found.get(label, at))
    return found


def _bound(edge: Edge, used: dict[str, datetime], signed: datetime | None) -> tuple[datetime | None, str]:
    """Return when a source was there at the latest: when it was used, or when what it went into was signed."""
    label = _PARENT if edge.relationship is Relationship.PARENT_OF else edge.ingredient
    bounds = [(signed, "what was made from it was signed")] if signed is not None else []
    if label in used:
        bounds.append((used[label], "it was used"))
    return min(bounds, default=(None, ""))


def _oldest_first(history: History) -> Iterator[Edit]:
    """Yield every step after all that went into it, as far as there are no circles."""
    seen: set[str] = {history.head}
    waiting = [(history.head, iter(history.sources(history.head)))]
    while waiting:
        label, rest = waiting[-1]
        edge = next(rest, None)
        if edge is None:
            waiting.pop()
            yield history.edit(label)
        elif edge.source not in seen:
            seen.add(edge.source)
            waiting.append((edge.source, iter(history.sources(edge.source))))
