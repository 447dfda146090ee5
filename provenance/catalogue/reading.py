"""Read records page by page: no page needs more memory than the one before, and none holds up a writer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from provenance.catalogue import rows
from provenance.catalogue.schema import parents, records
from provenance.errors import CatalogueError
from provenance.model.record import Parent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, RowMapping

    from provenance.catalogue.database import Database
    from provenance.model.record import Record

PAGE: Final = 500


def every(database: Database, *conditions: ColumnElement[bool], limit: int | None = None) -> Iterator[Record]:
    """Give the records for which all conditions hold, the last one first. Raises `CatalogueError`."""
    wanted = select(records).where(*conditions).order_by(records.c.number.desc())
    below: int | None = None
    while limit is None or limit > 0:
        size = PAGE if limit is None else min(PAGE, limit)
        page = wanted if below is None else wanted.where(records.c.number < below)
        with database.reading() as connection:
            found = connection.execute(page.limit(size)).mappings().all()
            made = made_of(connection, found)
        yield from made.values()
        if len(found) < size:
            return
        below = found[-1]["number"]
        limit = None if limit is None else limit - size


def made_of(connection: Connection, found: Sequence[RowMapping]) -> dict[int, Record]:
    """Make records of rows, by their numbers. Raises `CatalogueError` for a row that somebody else has written."""
    came_from: dict[int, list[Parent]] = {row["number"]: [] for row in found}
    statement = (
        select(parents).where(parents.c.number.in_(list(came_from))).order_by(parents.c.number, parents.c.position)
    )
    for row in connection.execute(statement) if found else ():
        came_from[row.number].append(Parent(label=row.label, record=row.record))
    return {row["number"]: _record(row, came_from[row["number"]]) for row in found}


def _record(row: RowMapping, found: list[Parent]) -> Record:
    try:
        fields: dict[str, Any] = dict(row)
        return rows.record_of(fields, found)
    except ValueError as error:
        hint = "see what else was changed: provenance catalogue check"
        raise CatalogueError(f"record {row['id']} was altered: {error}", hint=hint) from error
