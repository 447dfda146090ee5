"""What a watcher has to tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from provenance.batch.work import Outcome
    from provenance.errors import ProvenanceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """It watches; from now on nothing is missed."""

    interval: float
    """Seconds between two looks when nothing else calls for one."""
    why: str | None
    """Why one has to look, where nothing tells of changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """A file was worked on."""

    outcome: Outcome
    moved: Path | None = None
    """Where the original is now, if it was moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Something concerns all files; they wait."""

    error: ProvenanceError


@dataclass(frozen=True, slots=True, kw_only=True)
class GoingOn:
    """What was waited for is over."""

    seconds: float
    """Waited."""


Event = Begun | Handled | Waiting | GoingOn
