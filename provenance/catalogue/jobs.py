"""Jobs of the service: handed in, worked on by whoever claims their items, and kept until they are fetched.

Whoever changes a job locks its row first: so whoever ends the last item knows that it was the last one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, insert, select, update

from provenance import codec
from provenance.catalogue import deliveries, leases
from provenance.catalogue.canonical import storable
from provenance.catalogue.schema import items, jobs
from provenance.model.jobs import Claim, Counts, Item, JobKind, NewJob, Result, State, WebJob

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, RowMapping

    from provenance.catalogue.database import Database
    from provenance.model.jobs import NewItem, Telling

PAGE: Final = 500
"""Items that are read at once."""
_OPEN: Final = (State.QUEUED.value, State.RUNNING.value)


class Jobs:
    """The jobs in a catalogue. Threads may share it; every method raises `CatalogueError`."""

    def __init__(self, database: Database) -> None:
        """Take a database whose tables are there."""
        self._database = database

    def submit(self, job: NewJob, files: Sequence[NewItem]) -> None:
        """Keep a job and its items, all of it or nothing."""
        row = {
            "id": job.id,
            "kind": job.kind.value,
            "at": job.at,
            "caller": job.caller,
            "asked_by": storable(job.asked_by),
            "spool": job.spool,
            "order": job.order,
        }
        rows = [
            {
                "job": job.id,
                "number": number,
                "name": storable(item.name),
                "planned": item.planned,
                "url": storable(item.url),
                "state": State.QUEUED.value,
                "attempts": 0,
            }
            for number, item in enumerate(files)
        ]
        with self._database.locking() as connection:
            connection.execute(insert(jobs).values(row))
            connection.execute(insert(items), rows)

    def get(self, name: str) -> WebJob | None:
        """Return the job of an id."""
        with self._database.reading() as connection:
            return next(iter(_jobs(connection, jobs.c.id == name)), None)

    def find(self, caller: str | None = None, *, before: str | None = None, limit: int = 50) -> list[WebJob]:
        """Return jobs, the last one first: of a key, or of everybody; those handed in before the one of an id."""
        wanted = [] if caller is None else [jobs.c.caller == caller]
        if before is not None:
            wanted.append(jobs.c.id < before)
        with self._database.reading() as connection:
            return _jobs(connection, *wanted, limit=limit)

    def items(self, name: str) -> Iterator[Item]:
        """Give the items of a job in their order; they are read as they are taken."""
        last = -1
        while True:
            wanted = select(items).where(items.c.job == name, items.c.number > last).order_by(items.c.number)
            with self._database.reading() as connection:
                found = [item_of(row) for row in connection.execute(wanted.limit(PAGE)).mappings()]
            if not found:
                return
            yield from found
            last = found[-1].number

    def item(self, name: str, number: int) -> Item | None:
        """Return one item of a job."""
        wanted = select(items).where(items.c.job == name, items.c.number == number)
        with self._database.reading() as connection:
            found = connection.execute(wanted).mappings().first()
            return None if found is None else item_of(found)

    def unfinished(self, caller: str | None) -> int:
        """Count the items of a key, or of those without one, that are not over."""
        its = jobs.c.caller.is_(None) if caller is None else jobs.c.caller == caller
        wanted = select(func.count()).select_from(items.join(jobs)).where(its, items.c.state.in_(_OPEN))
        with self._database.reading() as connection:
            return connection.execute(wanted).scalar_one()

    def counts(self) -> Counts:
        """Count all items by their state."""
        wanted = select(items.c.state, func.count()).group_by(items.c.state)
        with self._database.reading() as connection:
            return Counts(**{row[0]: row[1] for row in connection.execute(wanted)})

    def claim(self, owner: str, spool: str, *, until: datetime) -> Claim | None:
        """Take an item to work on, from those whose files are in a folder; nobody else is given it until then.

        Jobs take turns: the first items of all of them come before the second ones.
        """
        with self._database.locking() as connection:
            found = leases.take(connection, owner, spool, until)
            if found is None:
                return None
            job = connection.execute(select(jobs).where(jobs.c.id == found["job"])).mappings().one()
            return Claim(job=NewJob(**_fields(job)), item=item_of(found), owner=owner)

    def renew(self, owner: str, *, until: datetime) -> int:
        """Say that an owner still works on all that it has, and return how much that is."""
        with self._database.locking() as connection:
            its = update(items).where(items.c.owner == owner, items.c.state == State.RUNNING.value)
            return connection.execute(its.values(lease=until)).rowcount

    def finish(self, claim: Claim, result: Result, *, at: datetime, telling: Telling) -> bool:
        """Say what came of an item, once; `False` where somebody else was given it in the meantime."""
        state = State.FAILED if result.failure else State.DONE
        with self._database.locking() as connection:
            _lock(connection, claim.job.id)
            ended = leases.held(claim).values(
                state=state.value, ended_at=at, result=storable(codec.to_json(result, indent=0)), **leases.FREE
            )
            if not connection.execute(ended).rowcount:
                return False
            _settle(connection, claim.job.id, at, telling)
            return True

    def release(self, claim: Claim, *, lost: bool, at: datetime, telling: Telling) -> None:
        """Give an item back: unharmed, or because whoever worked on it was lost, which happens three times at most."""
        with self._database.locking() as connection:
            _lock(connection, claim.job.id)
            leases.give_back(connection, leases.held(claim), lost=lost, at=at)
            _settle(connection, claim.job.id, at, telling)

    def owners(self, spool: str) -> set[str]:
        """Return who works on items whose files are in a folder."""
        wanted = select(items.c.owner).distinct().select_from(items.join(jobs))
        with self._database.reading() as connection:
            its = wanted.where(items.c.state == State.RUNNING.value, jobs.c.spool == spool)
            return set(connection.execute(its).scalars())

    def recover(self, *, at: datetime, telling: Telling, dead: Collection[str] = ()) -> int:
        """Take back items whose lease has ended, or whose owner is dead, and return how many they were."""
        count = 0
        lost = leases.lost(at, dead)
        with self._database.reading() as connection:
            names = connection.execute(select(items.c.job).distinct().where(lost)).scalars().all()
        for name in names:
            with self._database.locking() as connection:
                _lock(connection, name)
                count += leases.give_back(connection, update(items).where(items.c.job == name, lost), lost=True, at=at)
                _settle(connection, name, at, telling)
        return count

    def cancel(self, name: str, *, at: datetime, telling: Telling) -> None:
        """Begin none of a job's items any more; those that are worked on are finished."""
        with self._database.locking() as connection:
            _lock(connection, name)
            open_ = jobs.c.id == name, jobs.c.ended_at.is_(None), jobs.c.cancelled_at.is_(None)
            connection.execute(update(jobs).where(*open_).values(cancelled_at=at))
            waiting = items.c.job == name, items.c.state == State.QUEUED.value
            connection.execute(update(items).where(*waiting).values(leases.dropped(at)))
            _settle(connection, name, at, telling)

    def remove(self, name: str) -> None:
        """Forget a job that is over."""
        with self._database.locking() as connection:
            connection.execute(delete(jobs).where(jobs.c.id == name, jobs.c.ended_at.is_not(None)))

    def old(self, spool: str, *, before: datetime) -> list[str]:
        """Return the ids of jobs that were over before a time, of those whose files are in a folder."""
        wanted = select(jobs.c.id).where(jobs.c.ended_at < before, jobs.c.spool == spool)
        with self._database.reading() as connection:
            return list(connection.execute(wanted).scalars())

    def known(self, names: Collection[str]) -> set[str]:
        """Return those of these ids that jobs have."""
        with self._database.reading() as connection:
            return set(connection.execute(select(jobs.c.id).where(jobs.c.id.in_(names))).scalars())


def item_of(row: RowMapping) -> Item:
    """Make an item from its row. Raises `ValueError`."""
    fields = {key: row[key] for key in ("job", "number", "name", "planned", "url", "attempts", "ended_at")}
    result = None if row["result"] is None else codec.from_json(row["result"], Result)
    return Item(**fields, state=State(row["state"]), result=result)


def _fields(row: RowMapping) -> dict[str, Any]:
    fields = {key: row[key] for key in ("id", "at", "caller", "asked_by", "spool", "order")}
    return fields | {"kind": JobKind(row["kind"])}


def _jobs(connection: Connection, *wanted: ColumnElement[bool], limit: int | None = None) -> list[WebJob]:
    chosen = select(jobs).where(*wanted).order_by(jobs.c.id.desc()).limit(limit)
    rows = connection.execute(chosen).mappings().all()
    counted: dict[str, dict[str, int]] = {row["id"]: {} for row in rows}
    count = select(items.c.job, items.c.state, func.count()).group_by(items.c.job, items.c.state)
    for name, state, number in connection.execute(count.where(items.c.job.in_(counted))):
        counted[name][state] = number
    return [
        WebJob(
            **_fields(row),
            cancelled_at=row["cancelled_at"],
            ended_at=row["ended_at"],
            counts=Counts(**counted[row["id"]]),
        )
        for row in rows
    ]


def _lock(connection: Connection, name: str) -> None:
    connection.execute(select(jobs.c.id).where(jobs.c.id == name).with_for_update()).all()


def _settle(connection: Connection, name: str, at: datetime, telling: Telling) -> None:
    """Note when a job is over, once, and keep in the same moment what is to be told of it."""
    still = select(items.c.number).where(items.c.job == name, items.c.state.in_(_OPEN)).limit(1)
    if connection.execute(still).first() is not None:
        return
    ended = update(jobs).where(jobs.c.id == name, jobs.c.ended_at.is_(None)).values(ended_at=at)
    if connection.execute(ended).rowcount:
        (job,) = _jobs(connection, jobs.c.id == name)
        deliveries.enter(connection, telling(job), at=at)
