"""What is odd about a history, derived from its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model.history import EditState, FlagKind, RedFlag

if TYPE_CHECKING:
    from provenance.model.history import History

_STATES = {
    EditState.BROKEN: FlagKind.BROKEN,
    EditState.UNSOUND: FlagKind.UNSOUND,
    EditState.MISSING: FlagKind.MISSING,
    EditState.NOT_FETCHED: FlagKind.MISSING,
    EditState.UNKNOWN: FlagKind.UNKNOWN,
}


def red_flags(history: History) -> tuple[RedFlag, ...]:
    """Find what whoever relies on this history should look at."""
    return tuple(
        RedFlag(kind=_STATES[item.state], edit=item.id, message=item.reason or item.state)
        for item in history.edits
        if item.id != history.head and item.state in _STATES
    )
