"""Who works on which item, and for how long nobody else is given it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, or_, select, update

from provenance import codec
from provenance.catalogue.schema import items, jobs
from provenance.model.jobs import MOST_LOSSES, Failure, Result, State

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, RowMapping, Update

    from provenance.model.jobs import Claim

FREE: Final[dict[str, Any]] = {"owner": None, "lease": None, "url": None}
"""Of an item that is over: nobody has it, and its address, which may hold a secret, is needed no longer."""
_GIVEN_UP: Final = Result(
    failure=Failure(
        kind="WorkerLost",
        message=f"whoever worked on it was lost {MOST_LOSSES} times",
        hint="the file may be hostile: look at it apart",
    )
)


def take(connection: Connection, owner: str, spool: str, until: datetime) -> RowMapping | None:
    """Give an owner the next item whose files are in a folder; return its row."""
    waiting = (
        select(items.c.job, items.c.number)
        .join(jobs)
        .where(items.c.state == State.QUEUED.value, jobs.c.spool == spool)
        .order_by(items.c.number, items.c.job)
        .limit(1)
        # Others take other items at the same time; SQLite has one writer at a time anyway.
        .with_for_update(of=items, skip_locked=True)
    )
    found = connection.execute(waiting).first()
    if found is None:
        return None
    taken = update(items).where(items.c.job == found.job, items.c.number == found.number)
    attempts = items.c.attempts + 1
    connection.execute(taken.values(state=State.RUNNING.value, owner=owner, lease=until, attempts=attempts))
    its = select(items).where(items.c.job == found.job, items.c.number == found.number)
    return connection.execute(its).mappings().one()


def held(claim: Claim) -> Update:
    """Return what changes an item only where it is still the one that was claimed."""
    return update(items).where(
        items.c.job == claim.item.job,
        items.c.number == claim.item.number,
        items.c.state == State.RUNNING.value,
        items.c.owner == claim.owner,
        items.c.attempts == claim.item.attempts,
    )


def lost(at: datetime, dead: Collection[str]) -> ColumnElement[bool]:
    """Return what holds of items that nobody works on any more."""
    return and_(items.c.state == State.RUNNING.value, or_(items.c.lease < at, items.c.owner.in_(dead)))


def give_back(connection: Connection, chosen: Update, *, lost: bool, at: datetime) -> int:
    """Queue items again, unless they were lost too often or their job was cancelled; return how many they were."""
    cancelled = items.c.job.in_(select(jobs.c.id).where(jobs.c.cancelled_at.is_not(None)))
    count = 0
    if lost:
        given_up = {"state": State.FAILED.value, "ended_at": at, "result": codec.to_json(_GIVEN_UP, indent=0)}
        count += connection.execute(chosen.where(items.c.attempts >= MOST_LOSSES).values(given_up | FREE)).rowcount
    count += connection.execute(chosen.where(cancelled).values(dropped(at))).rowcount
    again = {"state": State.QUEUED.value, "owner": None, "lease": None}
    attempts = items.c.attempts - (0 if lost else 1)
    return count + connection.execute(chosen.values(again | {"attempts": attempts})).rowcount


def dropped(at: datetime) -> dict[str, Any]:
    """Return what becomes of an item that is not begun any more."""
    return {"state": State.CANCELLED.value, "ended_at": at} | FREE
