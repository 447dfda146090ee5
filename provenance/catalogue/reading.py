"""Read records page by page: no page needs more memory than the one before, and none holds up a writer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import select

from provenance.catalogue import rows
from provenance.catalogue.schema import checks as checked
from provenance.catalogue.schema import fingerprints as printed
from provenance.catalogue.schema import manifests, parents, records
from provenance.model.fingerprints import Fingerprint
from provenance.model.record import Parent, Printed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, RowMapping, Select

    from provenance.catalogue.database import Database
    from provenance.model.record import Check, Record

_T = TypeVar("_T")
PAGE: Final = 500
PRINTS: Final = 10_000
"""Fingerprints are small."""
_ABOVE_ALL: Final = 2**63 - 1
SELECTED: Final = select(records, manifests.c.digest.label("manifest")).outerjoin(manifests)
"""All that a record is made of, but for its parents."""


def every(database: Database, *conditions: ColumnElement[bool], limit: int | None = None) -> Iterator[Record]:
    """Give the records for which all conditions hold, the last one first. Raises `CatalogueError`."""
    wanted = SELECTED.where(*conditions).order_by(records.c.number.desc())
    return _pages(lambda below, size: _page(database, wanted.where(records.c.number < below).limit(size)), limit)


def checks(database: Database, *conditions: ColumnElement[bool], limit: int | None = None) -> Iterator[Check]:
    """Give the verifications for which all conditions hold, the last one first. Raises `CatalogueError`."""
    wanted = select(checked).where(*conditions).order_by(checked.c.row.desc())

    def page(below: int, size: int) -> dict[int, Check]:
        with database.reading() as connection:
            found = connection.execute(wanted.where(checked.c.row < below).limit(size)).mappings().all()
            return {row["row"]: rows.check_of(dict(row)) for row in found}

    return _pages(page, limit)


def _pages(page: Callable[[int, int], dict[int, _T]], limit: int | None) -> Iterator[_T]:
    """Give what is on pages (each: below a number, at most so many), the highest number first."""
    below, left = _ABOVE_ALL, limit
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        found = page(below, size)
        yield from found.values()
        if len(found) < size:
            return
        below = min(found)
        left = None if left is None else left - size


def numbered(database: Database, numbers: Sequence[int]) -> dict[int, Record]:
    """Return the records of these numbers that are there. Raises `CatalogueError`."""
    return _page(database, SELECTED.where(records.c.number.in_(numbers)))


def fingerprints(database: Database, after: int, method: str | None) -> Iterator[Printed]:
    """Give fingerprints in the order of their rows. Raises `CatalogueError`."""
    wanted = select(printed).order_by(printed.c.row).limit(PRINTS)
    if method is not None:
        wanted = wanted.where(printed.c.method == method)
    while True:
        with database.reading() as connection:
            found = connection.execute(wanted.where(printed.c.row > after)).all()
        for row, number, kind, variant, value in found:
            print_ = Fingerprint(method=kind, variant=variant, value=value)
            yield Printed(row=row, number=number, fingerprint=print_)
        if len(found) < PRINTS:
            return
        after = found[-1].row


def _page(database: Database, statement: Select[Any]) -> dict[int, Record]:
    with database.reading() as connection:
        return made_of(connection, connection.execute(statement).mappings().all())


def made_of(connection: Connection, found: Sequence[RowMapping]) -> dict[int, Record]:
    """Make records of rows, by their numbers. Raises `ValueError` for a row that somebody else has written."""
    came_from: dict[int, list[Parent]] = {row["number"]: [] for row in found}
    statement = (
        select(parents).where(parents.c.number.in_(list(came_from))).order_by(parents.c.number, parents.c.position)
    )
    for row in connection.execute(statement) if found else ():
        came_from[row.number].append(Parent(label=row.label, record=row.record))
    return {row["number"]: rows.record_of(dict(row), came_from[row["number"]]) for row in found}
