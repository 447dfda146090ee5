"""Events that receivers are told: kept before they are sent, until they were taken or nobody tries any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, delete, func, insert, or_, select, update

from provenance.catalogue.canonical import storable
from provenance.catalogue.schema import deliveries, receivers
from provenance.errors import CatalogueError
from provenance.model.jobs import Delivery, DeliveryState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, RowMapping

    from provenance.catalogue.database import Database
    from provenance.model.jobs import Attempt, NewDelivery

_GONE: Final = "the receiver has said that it wants no more (410)"
_UNKNOWN: Final = "no receiver of this address is in the settings any more"


class Deliveries:
    """The deliveries in a catalogue. Threads may share it; every method raises `CatalogueError`."""

    def __init__(self, database: Database) -> None:
        """Take a database whose tables are there."""
        self._database = database

    def add(self, new: Sequence[NewDelivery], *, at: datetime) -> None:
        """Keep what is to be sent, all of it or nothing."""
        with self._database.locking() as connection:
            enter(connection, new, at=at)

    def claim(self, receiver: str, *, at: datetime, until: datetime, limit: int) -> list[Delivery]:
        """Take what is due for a receiver; nobody else is given it until then. Each one counts as an attempt."""
        due = (
            deliveries.c.state == DeliveryState.WAITING.value,
            deliveries.c.receiver == receiver,
            deliveries.c.due_at <= at,
        )
        chosen = select(deliveries.c.id).where(*due).order_by(deliveries.c.due_at, deliveries.c.id).limit(limit)
        with self._database.reading() as connection:
            # Asked again and again: where nothing is due, nobody who writes is held up.
            if connection.execute(chosen.limit(1)).first() is None:
                return []
        with self._database.locking() as connection:
            names = connection.execute(chosen.with_for_update(skip_locked=True)).scalars().all()
            its = deliveries.c.id.in_(names)
            taken = update(deliveries).where(its).values(due_at=until, attempts=deliveries.c.attempts + 1)
            connection.execute(taken)
            found = select(deliveries).where(its).order_by(deliveries.c.id)
            return [delivery_of(row) for row in connection.execute(found).mappings()]

    def settle(self, done: Sequence[Attempt], *, at: datetime) -> None:
        """Note what became of attempts; where a receiver wants no more, nothing that waits for it is sent."""
        with self._database.locking() as connection:
            for item in done:
                ended = None if item.state is DeliveryState.WAITING else at
                values = {"state": item.state.value, "due_at": item.due_at, "ended_at": ended}
                its = deliveries.c.id == item.id, deliveries.c.state == DeliveryState.WAITING.value
                connection.execute(update(deliveries).where(*its).values(**values, problem=storable(item.problem)))
            for name in [item.id for item in done if item.gone]:
                _let_go(connection, name, at)

    def get(self, name: str) -> Delivery | None:
        """Return the delivery of an id."""
        return next(iter(self._found(deliveries.c.id == name)), None)

    def find(self, state: DeliveryState | None = None, *, limit: int | None = None) -> list[Delivery]:
        """Return deliveries, the last one first."""
        wanted = [] if state is None else [deliveries.c.state == state.value]
        return self._found(*wanted, limit=limit)

    def counts(self) -> dict[DeliveryState, int]:
        """Count all deliveries by their state."""
        wanted = select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
        with self._database.reading() as connection:
            found = {DeliveryState(state): number for state, number in connection.execute(wanted)}
        return {state: found.get(state, 0) for state in DeliveryState}

    def replay(self, names: Collection[str] | None, *, at: datetime) -> int:
        """Have deliveries sent again, or all that are dead, from their first attempt on; return how many they are.

        Their receivers are sent events again. Raises `CatalogueError` for an id that is not there, and sends none then.
        """
        its = deliveries.c.state == DeliveryState.DEAD.value if names is None else deliveries.c.id.in_(names)
        with self._database.locking() as connection:
            found = connection.execute(select(deliveries.c.id, deliveries.c.receiver).where(its)).all()
            missing = sorted(set(names or ()) - {row.id for row in found})
            if missing:
                hint = "provenance webhook list shows their ids"
                raise CatalogueError(f"there is no delivery {missing[0]!r}", path=self._database.name, hint=hint)
            connection.execute(delete(receivers).where(receivers.c.id.in_({row.receiver for row in found})))
            values = {"state": DeliveryState.WAITING.value, "attempts": 0, "due_at": at, "ended_at": None}
            return connection.execute(update(deliveries).where(its).values(values)).rowcount

    def give_up(self, known: Collection[str], *, before: datetime, at: datetime) -> int:
        """Give up what has waited since before a time for receivers that are not known any more; return how many."""
        its = deliveries.c.state == DeliveryState.WAITING.value, deliveries.c.receiver.not_in(known)
        values = {"state": DeliveryState.DEAD.value, "due_at": None, "ended_at": at, "problem": _UNKNOWN}
        with self._database.locking() as connection:
            return connection.execute(update(deliveries).where(*its, deliveries.c.at < before).values(values)).rowcount

    def prune(self, *, sent_before: datetime, dead_before: datetime) -> int:
        """Forget what was sent, or given up, before a time; return how many they were."""
        sent = and_(deliveries.c.state == DeliveryState.SENT.value, deliveries.c.ended_at < sent_before)
        dead = and_(deliveries.c.state == DeliveryState.DEAD.value, deliveries.c.ended_at < dead_before)
        with self._database.locking() as connection:
            return connection.execute(delete(deliveries).where(or_(sent, dead))).rowcount

    def _found(self, *wanted: ColumnElement[bool], limit: int | None = None) -> list[Delivery]:
        chosen = select(deliveries).where(*wanted).order_by(deliveries.c.id.desc()).limit(limit)
        with self._database.reading() as connection:
            return [delivery_of(row) for row in connection.execute(chosen).mappings()]


def enter(connection: Connection, new: Sequence[NewDelivery], *, at: datetime) -> None:
    """Keep what is to be sent; for a receiver that wants no more it is kept as dead, should it change its mind."""
    if not new:
        return
    gone = set(connection.execute(select(receivers.c.id)).scalars())
    rows = [
        {
            "id": item.id,
            "receiver": item.receiver,
            "place": storable(item.place),
            "kind": item.kind,
            "at": item.at,
            "body": item.body,
            "attempts": 0,
            "state": (DeliveryState.DEAD if item.receiver in gone else DeliveryState.WAITING).value,
            "due_at": None if item.receiver in gone else at,
            "ended_at": at if item.receiver in gone else None,
            "problem": _GONE if item.receiver in gone else None,
        }
        for item in new
    ]
    connection.execute(insert(deliveries), rows)


def delivery_of(row: RowMapping) -> Delivery:
    """Make a delivery from its row. Raises `ValueError`."""
    return Delivery(**{**row, "state": DeliveryState(row["state"])})


def _let_go(connection: Connection, name: str, at: datetime) -> None:
    receiver = connection.execute(select(deliveries.c.receiver).where(deliveries.c.id == name)).scalar()
    if receiver is None:
        return
    if connection.execute(select(receivers.c.id).where(receivers.c.id == receiver)).first() is None:
        connection.execute(insert(receivers).values(id=receiver, gone_at=at))
    its = deliveries.c.receiver == receiver, deliveries.c.state == DeliveryState.WAITING.value
    dead = {"state": DeliveryState.DEAD.value, "due_at": None, "ended_at": at, "problem": _GONE}
    connection.execute(update(deliveries).where(*its).values(dead))
