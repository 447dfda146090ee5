"""Jobs of the service: many files, or slow ones, that are worked on after the answer; and what receivers are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003 -- the codec looks types up when it reads
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from provenance.model.service import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Telling = Callable[["WebJob"], Sequence["NewDelivery"]]
    """What receivers are to be told when a job is over; it is kept in the same moment."""

MOST_LOSSES: Final = 3
"""How often whoever works on an item may be lost before the item is given up."""


class JobKind(StrEnum):
    """What is done with each file of a job."""

    VERIFY = "verify"
    SIGN = "sign"

    @property
    def scope(self) -> Scope:
        """What a key needs for it."""
        return Scope(self.value)


class State(StrEnum):
    """How far an item, or a whole job, has come."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens."""
        return self not in {State.QUEUED, State.RUNNING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why an item failed."""

    kind: str
    """Name of the error's class."""
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of an item: a failure, or what there is to be fetched."""

    failure: Failure | None = None
    decision: str | None = None
    digest: str | None = None
    """SHA-256 of the file that was verified, or of the signed one."""
    report: str | None = None
    """Id of the report that is kept."""
    record: str | None = None
    """Id of the record in the catalogue."""
    media_type: str | None = None
    """Of the signed file."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """A file of a job that is handed in."""

    name: str
    """As its sender calls it; only ever shown."""
    planned: str
    """What the result will be known by: the label of the manifest to be made, or the id of the report."""
    url: str | None = field(default=None, repr=False)
    """Where it is fetched from when its turn comes; `None` where it was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(NewItem):
    """A file of a job, and what became of it."""

    job: str
    number: int
    """Its place in the job, from 0."""
    state: State
    attempts: int
    """How often it was begun, less the times that it was given back unharmed."""
    ended_at: datetime | None
    result: Result | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many items of a job are in which state."""

    queued: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    cancelled: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job that is handed in."""

    id: str
    kind: JobKind
    at: datetime
    caller: str | None
    """Id of the key that it was handed in with; `None` where no key was needed."""
    asked_by: str
    """Name of that key."""
    spool: str
    """Id of the folder that its files are in: only a server that has this folder can work on it."""
    order: str = field(repr=False)
    """What was asked for, in JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebJob(NewJob):
    """A job as it stands."""

    cancelled_at: datetime | None
    ended_at: datetime | None
    """When its last item was over."""
    counts: Counts

    @property
    def state(self) -> State:
        """How far it has come."""
        counts = self.counts
        begun = counts.done or counts.failed
        if counts.running or (counts.queued and begun):
            return State.RUNNING
        if counts.queued:
            return State.QUEUED
        if counts.cancelled:
            return State.CANCELLED
        return State.FAILED if counts.failed and not counts.done else State.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An item that somebody works on, until a lease ends."""

    job: NewJob
    item: Item
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that receivers are told of: ids, names and decisions, never contents."""

    kind: str
    """`verdict.made`, `asset.signed`, `job.finished`."""
    at: datetime
    data: Mapping[str, object]


class DeliveryState(StrEnum):
    """How far the delivery of an event to one receiver has come."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    """It is not tried again unless somebody says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """An event, to be told to one receiver."""

    id: str
    """Of the message; the same however often it is sent, so that a receiver knows it again."""
    receiver: str
    """Digest of the receiver's address, which may hold a secret."""
    place: str
    """The host of that address, to be shown."""
    kind: str
    at: datetime
    body: str = field(repr=False)
    """JSON, exactly as it is signed and sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery(NewDelivery):
    """A delivery as it stands."""

    state: DeliveryState
    attempts: int
    due_at: datetime | None
    """When it is tried next."""
    ended_at: datetime | None
    problem: str | None
    """What the last attempt failed for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What became of one attempt to deliver."""

    id: str
    state: DeliveryState
    due_at: datetime | None = None
    """When it is tried again."""
    problem: str | None = None
    gone: bool = False
    """The receiver wants no more of them (410)."""
