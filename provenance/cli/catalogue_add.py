"""Enter files that are signed already."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.batch.finding import Finder
from provenance.batch.staging import staged
from provenance.errors import MediaError, ProvenanceError
from provenance.model.record import Operation
from provenance.workspace import cataloguing
from provenance.workspace.recordings import file_recording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.batch.finding import Wanted
    from provenance.model.record import Recording
    from provenance.workspace import Workspace

_GROUP = 64
"""Files that are entered together."""


@dataclass(slots=True)
class Entered:
    """What became of the files."""

    added: int = 0
    known: int = 0
    failed: list[ProvenanceError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What could not be looked for in files that were entered."""


def entered(space: Workspace, names: Sequence[str], wanted: Wanted) -> Entered:
    """Enter files, and say what became of them; what cannot be entered does not stop the others."""
    done = Entered()
    group: list[Recording] = []
    for entry in Finder(names, wanted):
        if isinstance(entry, ProvenanceError):
            done.failed.append(entry)
            continue
        try:
            with staged(entry.name) as source:
                found, notes = file_recording(space, source, operation=Operation.IMPORTED, place=entry.name)
        except MediaError as error:
            error.path = error.path or entry.name
            done.failed.append(error)
            continue
        group.append(found)
        done.notes += (f"{entry.name}: {note}" for note in notes)
        if len(group) >= _GROUP:
            _enter(space, group, done)
    _enter(space, group, done)
    return done


def _enter(space: Workspace, group: list[Recording], done: Entered) -> None:
    new = [item for item in group if not cataloguing.is_known(space.catalogue, item.record)]
    done.known += len(group) - len(new)
    done.added += space.catalogue.add(new)
    group.clear()
