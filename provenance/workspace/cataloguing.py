"""Keep what was signed in the catalogue, where there is one.

A signing is worth nothing less when its record cannot be written: the record then waits beside the database, and is
entered with the next one that can be.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from provenance.errors import CatalogueError, CatalogueUnavailable
from provenance.model.record import Check, Query, Record, Recording
from provenance.storage import open_source
from provenance.workspace.recordings import Made, recording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.catalogue import Catalogue
    from provenance.model.manifest import Signed
    from provenance.model.record import Operation
    from provenance.storage import Source
    from provenance.workspace.opened import Opened


def kept(space: Opened, signed: Signed, given: Source, *, operation: Operation) -> Signed:
    """Enter one signing into the catalogue, if one is kept; what could not be entered yet is said in its notes.

    `given` is what was signed. Raises `CatalogueError` for a catalogue that must be seen to.
    """
    if not space.keeps_catalogue:
        return signed
    place = signed.path or given.path
    # What was replaced and is not held cannot be asked any more.
    before = given.sha256() if given.data is not None or place != given.path or signed.path is None else None
    made = Made(
        operation=operation,
        source=before,
        written_to=None if place is None else str(place.absolute()),
        signed_at=space.now(),
    )
    note = space.recorder([recording(space, signed, _result(signed, given), made)])
    return signed if note is None else replace(signed, notes=(*signed.notes, note))


def require_kept(space: Opened) -> None:
    """See that there is a catalogue. Raises `CatalogueError`."""
    if not space.keeps_catalogue:
        raise CatalogueError(
            "there is no catalogue",
            hint="make one with `provenance catalogue init`, or set catalogue.url; recover asks others: --resolver",
        )


def require_usable(space: Opened) -> None:
    """See, before anything is signed, that the catalogue can be used, at once or later. Raises `CatalogueError`."""
    if space.enters_itself:
        with suppress(CatalogueUnavailable):
            _ = space.catalogue


def enter(space: Opened, recordings: Sequence[Recording], *, unless_known: Sequence[Recording] = ()) -> str | None:
    """Enter recordings, or have them wait until the catalogue can be written; returns a note where they wait.

    Of `unless_known`, only those are entered whose file and manifest nobody has entered before. Raises `OutputError`
    where they can neither be entered nor kept.
    """
    missing = list(unless_known)
    with suppress(CatalogueUnavailable):
        missing = [item for item in unless_known if not is_known(space.catalogue, item.record)]
    return _recorded(space, [*recordings, *missing])


def enter_checks(space: Opened, checks: Sequence[Check]) -> str | None:
    """Enter verifications; returns a note where they could not be entered now, and wait. Raises `OutputError`."""
    return _recorded(space, checks)


def _recorded(space: Opened, found: Sequence[Recording | Check]) -> str | None:
    why = space.entering.record(found) if found else None
    if why is None:
        return None
    return f"not in the catalogue yet, but kept, and entered the next time that it can be: {why.message}"


def is_known(catalogue: Catalogue, record: Record) -> bool:
    """Say whether a file with this manifest was entered before."""
    return any(item.label == record.label for item in catalogue.find(Query(digest=record.output)))


def _result(signed: Signed, given: Source) -> Source:
    if signed.data is not None:
        return open_source(signed.data, name=given.name)
    return given if signed.path is None else open_source(signed.path)
