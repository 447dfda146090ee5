"""See that nothing was removed, altered or put in from outside: the ledger, the records, the manifest stores."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from provenance.catalogue import canonical
from provenance.catalogue.reading import SELECTED, made_of
from provenance.catalogue.schema import ledger as entries
from provenance.catalogue.schema import manifests, records
from provenance.errors import CatalogueError, CatalogueUnavailable, ProvenanceError
from provenance.model.ledger import EMPTY, EntryKind, Head, Problem, ProblemKind, digest_of, link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import RowMapping

    from provenance.catalogue.database import Database

PAGE: Final = 1000
_STORES: Final = 50
"""Manifest stores that are held in memory at once."""


def examine(database: Database, *, parse: Callable[[bytes], object], expected: Head | None = None) -> Iterator[Problem]:
    """Go through everything, and give what is wrong.

    `parse` reads a manifest store, and raises a `ProvenanceError` when it can't; `expected` is a head that was noted
    before. Raises `CatalogueError` when the database can't be read at all.
    """
    yield from _chain(database, expected)
    yield from _strangers(database)
    yield from _stores(database, parse)


def _chain(database: Database, expected: Head | None) -> Iterator[Problem]:
    last, met = EMPTY, expected is None or expected == EMPTY
    while found := _entries(database, last.number):
        bodies = _bodies(database, [row["number"] for row in found if row["kind"] == EntryKind.RECORDED])
        gone = _pruned(database, [row["subject"] for row in found])
        for row in found:
            yield from _linked(row, last)
            yield from _recorded(row, bodies, gone) if row["kind"] == EntryKind.RECORDED else _noted(row)
            last = Head(number=row["number"], hash=row["hash"])
            met = met or last == expected
    if expected is not None and not met:
        cut = last.number < expected.number
        message = f"cut off after entry {last.number}" if cut else f"entry {expected.number} is another than was noted"
        yield Problem(kind=ProblemKind.HEAD, subject=str(expected), message=message)


def _entries(database: Database, after: int) -> Sequence[RowMapping]:
    wanted = select(entries).where(entries.c.number > after).order_by(entries.c.number).limit(PAGE)
    with database.reading() as connection:
        return connection.execute(wanted).mappings().all()


def _linked(row: RowMapping, last: Head) -> Iterator[Problem]:
    number = row["number"]
    if number != last.number + 1:
        missing = f"entries {last.number + 1} to {number - 1} are missing"
        yield Problem(kind=ProblemKind.ENTRY_MISSING, subject=str(last.number + 1), message=missing)
    elif link(last.hash, number, row["digest"]) != row["hash"]:
        message = f"entry {number} does not follow from the one before: one of them was altered or moved"
        yield Problem(kind=ProblemKind.ENTRY_ALTERED, subject=str(number), message=message)


def _recorded(row: RowMapping, bodies: dict[int, tuple[str, str] | None], gone: dict[str, int]) -> Iterator[Problem]:
    """Compare a record with its entry."""
    number, subject = row["number"], row["subject"]
    if number not in bodies:
        if gone.get(subject, 0) < number:
            message = f"the record of entry {number} was removed, and not by pruning"
            yield Problem(kind=ProblemKind.RECORD_MISSING, subject=subject, message=message)
        return
    found = bodies[number]
    if found is None or found[0] != subject or digest_of(found[1]) != row["digest"]:
        message = f"the record of entry {number} was altered"
        yield Problem(kind=ProblemKind.RECORD_ALTERED, subject=subject, message=message)


def _noted(row: RowMapping) -> Iterator[Problem]:
    """Compare an entry with its own body."""
    if row["kind"] != EntryKind.PRUNED or row["body"] is None or digest_of(row["body"]) != row["digest"]:
        message = f"what entry {row['number']} says was altered"
        yield Problem(kind=ProblemKind.ENTRY_ALTERED, subject=str(row["number"]), message=message)


def _pruned(database: Database, subjects: Sequence[str]) -> dict[str, int]:
    """Return which of these were pruned, by the number of the last entry that says so."""
    wanted = select(entries.c.subject, func.max(entries.c.number).label("number")).group_by(entries.c.subject)
    wanted = wanted.where(entries.c.subject.in_(subjects), entries.c.kind == EntryKind.PRUNED.value)
    with database.reading() as connection:
        return {row.subject: row.number for row in connection.execute(wanted)}


def _bodies(database: Database, numbers: Sequence[int]) -> dict[int, tuple[str, str] | None]:
    """Return ids and bodies of the records that are there; `None` for what nobody here has written."""
    try:
        return _read(database, numbers)
    except CatalogueUnavailable:
        raise
    except CatalogueError:
        if len(numbers) == 1:
            return dict.fromkeys(numbers)
        half = len(numbers) // 2
        return _bodies(database, numbers[:half]) | _bodies(database, numbers[half:])


def _read(database: Database, numbers: Sequence[int]) -> dict[int, tuple[str, str] | None]:
    with database.reading() as connection:
        rows = connection.execute(SELECTED.where(records.c.number.in_(numbers))).mappings().all()
        made = made_of(connection, rows)
    found: dict[int, tuple[str, str] | None] = {}
    for row in rows:
        record = made[row["number"]]
        dated = row["dated_at"] == (record.signed_at or record.recorded_at)
        found[row["number"]] = (record.id, canonical.body_of(record)) if dated else None
    return found


def _strangers(database: Database) -> Iterator[Problem]:
    """Find records that were never entered."""
    entered = select(entries.c.number).where(
        entries.c.number == records.c.number, entries.c.kind == EntryKind.RECORDED.value
    )
    wanted = select(records.c.id).where(~entered.exists()).order_by(records.c.number)
    with database.reading() as connection:
        found = connection.execute(wanted).scalars().all()
    for name in found:
        message = "this record has no entry in the ledger"
        yield Problem(kind=ProblemKind.RECORD_UNLISTED, subject=name, message=message)


def _stores(database: Database, parse: Callable[[bytes], object]) -> Iterator[Problem]:
    last = 0
    while True:
        wanted = select(manifests).where(manifests.c.number > last).order_by(manifests.c.number).limit(_STORES)
        with database.reading() as connection:
            found = connection.execute(wanted).all()
        if not found:
            return
        for row in found:
            yield from _kept(row.digest, row.data, parse) if row.data is not None else _missing(database, row.number)
        last = found[-1].number


def _kept(digest: str, data: bytes, parse: Callable[[bytes], object]) -> Iterator[Problem]:
    if hashlib.sha256(data).hexdigest() != digest:
        message = "this manifest store was altered: it has another digest"
        yield Problem(kind=ProblemKind.MANIFEST_ALTERED, subject=digest, message=message)
        return
    try:
        parse(data)
    except ProvenanceError as error:
        message = f"this manifest store cannot be read: {error.message}"
        yield Problem(kind=ProblemKind.MANIFEST_UNREADABLE, subject=digest, message=message)


def _missing(database: Database, number: int) -> Iterator[Problem]:
    """See that a manifest store that is not there was pruned, after the last record that came with it."""
    with database.reading() as connection:
        digest = connection.execute(select(manifests.c.digest).where(manifests.c.number == number)).scalar_one()
        wanted = select(func.coalesce(func.max(records.c.number), 0)).where(records.c.store == number)
        last = connection.execute(wanted).scalar_one()
    if _pruned(database, [digest]).get(digest, 0) <= last:
        message = "this manifest store was removed, and not by pruning"
        yield Problem(kind=ProblemKind.MANIFEST_MISSING, subject=digest, message=message)
