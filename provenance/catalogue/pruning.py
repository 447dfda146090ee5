"""Take away what need not be kept any longer. The ledger keeps its entries, and gets one for all that goes."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, delete, exists, func, select, update

from provenance.catalogue import ledger
from provenance.catalogue.canonical import line, storable, time_of
from provenance.catalogue.schema import checks, fingerprints, manifests, records
from provenance.model.ledger import EntryKind, digest_of
from provenance.model.record import Prunable, Pruning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from provenance.catalogue.database import Database

GROUP: Final = 500
"""Rows that go in one transaction."""


def plan(database: Database, what: Prunable, *, before: datetime) -> Pruning:
    """Count what would go. Raises `CatalogueError`."""
    nothing = Pruning(what=what, before=before)
    with database.reading() as connection:
        if what is Prunable.CHECKS:
            return replace(nothing, checks=_count(connection, checks.c.at < before))
        stores = select(func.count(), func.coalesce(func.sum(func.length(manifests.c.data)), 0)).where(
            _unneeded(before)
        )
        count, size = connection.execute(stores).one()
        found = replace(nothing, manifests=count, manifest_bytes=int(size))
        if what is Prunable.MANIFESTS:
            return found
        old = records.c.dated_at < before
        prints = _count(connection, fingerprints.c.number.in_(select(records.c.number).where(old)))
        return replace(found, records=_count(connection, old), fingerprints=prints)


def prune(database: Database, what: Prunable, *, before: datetime, at: datetime, by: str | None) -> Pruning:
    """Take away what was signed (or checked) before a time, and enter into the ledger what went, when and for whom.

    Raises `CatalogueError`; what went by then is in the ledger.
    """
    step = _STEPS[what]
    total = Pruning(what=what, before=before)
    while True:
        with database.writing() as connection:
            gone, subjects = step(connection, before)
            said: dict[str, Any] = {
                "kind": EntryKind.PRUNED.value,
                "what": what.value,
                "at": time_of(at),
                "by": storable(by),
            }
            said |= {"before": time_of(before), "count": gone.checks or None}
            _note(connection, said, subjects)
        if not subjects:
            return total
        total = _sum(total, gone)


def _note(connection: Connection, said: dict[str, Any], subjects: Iterable[str]) -> None:
    bodies = ((subject, line(said | {"subject": subject})) for subject in subjects)
    ledger.append(connection, EntryKind.PRUNED, ((subject, digest_of(body), body) for subject, body in bodies))


def _prune_records(connection: Connection, before: datetime) -> tuple[Pruning, list[str]]:
    wanted = select(records.c.number, records.c.id, records.c.store).where(records.c.dated_at < before)
    found = connection.execute(wanted.order_by(records.c.number).limit(GROUP)).all()
    numbers, stores = [row.number for row in found], {row.store for row in found}
    prints = _count(connection, fingerprints.c.number.in_(numbers))
    connection.execute(delete(records).where(records.c.number.in_(numbers)))
    free = and_(manifests.c.number.in_(stores), ~exists().where(records.c.store == manifests.c.number))
    size = select(func.count(), func.coalesce(func.sum(func.length(manifests.c.data)), 0))
    freed, freed_bytes = connection.execute(size.where(free, manifests.c.data.is_not(None))).one()
    connection.execute(delete(manifests).where(free))
    gone = Pruning(
        what=Prunable.RECORDS,
        before=before,
        records=len(found),
        fingerprints=prints,
        manifests=freed,
        manifest_bytes=int(freed_bytes),
    )
    return gone, [row.id for row in found]


def _prune_manifests(connection: Connection, before: datetime) -> tuple[Pruning, list[str]]:
    wanted = select(manifests.c.number, manifests.c.digest, func.length(manifests.c.data).label("size"))
    found = connection.execute(wanted.where(_unneeded(before)).order_by(manifests.c.number).limit(GROUP)).all()
    numbers = [row.number for row in found]
    connection.execute(update(manifests).where(manifests.c.number.in_(numbers)).values(data=None))
    size = sum(row.size for row in found)
    gone = Pruning(what=Prunable.MANIFESTS, before=before, manifests=len(found), manifest_bytes=size)
    return gone, [row.digest for row in found]


def _prune_checks(connection: Connection, before: datetime) -> tuple[Pruning, list[str]]:
    count = connection.execute(delete(checks).where(checks.c.at < before)).rowcount
    return Pruning(what=Prunable.CHECKS, before=before, checks=count), [Prunable.CHECKS.value] * bool(count)


_STEPS: Final[dict[Prunable, Callable[[Connection, datetime], tuple[Pruning, list[str]]]]] = {
    Prunable.RECORDS: _prune_records,
    Prunable.MANIFESTS: _prune_manifests,
    Prunable.CHECKS: _prune_checks,
}


def _unneeded(before: datetime) -> ColumnElement[bool]:
    """Return what must hold of a manifest store that only records from before a time have."""
    its = records.c.store == manifests.c.number
    old, new = exists().where(its, records.c.dated_at < before), exists().where(its, records.c.dated_at >= before)
    return and_(manifests.c.data.is_not(None), old, ~new)


def _count(connection: Connection, condition: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).where(condition)).scalar_one()


def _sum(one: Pruning, other: Pruning) -> Pruning:
    counted = [item.name for item in fields(one) if isinstance(getattr(one, item.name), int)]
    return replace(one, **{name: getattr(one, name) + getattr(other, name) for name in counted})
