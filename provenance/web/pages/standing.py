"""How a service stands, in tables: workers, jobs, verdicts, signings, trust lists, identities, receivers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from provenance.errors import ProvenanceError
from provenance.model.jobs import DeliveryState
from provenance.model.record import Query
from provenance.model.service import ReportKind
from provenance.model.verdict import Decision
from provenance.reports import wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from provenance.web.service import Service

_MOST: Final = 20
"""Lines about what was last."""
_SOON: Final = timedelta(days=30)
"""So long before it expires, an identity is worth a look."""
_TONES: Final = {Decision.ACCEPTED: "good", Decision.REVIEW: "open", Decision.REJECTED: "bad", None: "plain"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One value."""

    text: str
    href: str = ""
    tone: str = ""
    """`good`, `plain`, `open` or `bad`: how a state looks; its word says the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table."""

    heading: str
    columns: tuple[str, ...]
    lines: tuple[tuple[Cell, ...], ...]
    none: str
    """What is said where there are no lines."""


def tables(service: Service) -> list[Table]:
    """Look at everything; what cannot be read now says so in its place."""
    parts: list[tuple[str, Callable[[Service], Table]]] = [
        ("Workers", _workers),
        ("Jobs", _jobs),
        ("Last verdicts", _verdicts),
        ("Last signings", _signings),
        ("Trust lists", _lists),
        ("Identities", _identities),
        ("Receivers of events", _deliveries),
    ]
    return [_tried(heading, look, service) for heading, look in parts]


def _tried(heading: str, look: Callable[[Service], Table], service: Service) -> Table:
    try:
        return look(service)
    except ProvenanceError as error:
        return Table(heading=heading, columns=(), lines=(), none=f"Cannot be read now: {error}")


def _workers(service: Service) -> Table:
    state = service.shelter.state()
    lines = [
        (
            Cell(text=pool.value),
            Cell(text=str(item.waiting)),
            Cell(text=f"{item.at_work} of {item.workers}"),
            Cell(text=str(item.done)),
            Cell(text=str(item.lost), tone="open" if item.lost else ""),
            _confined(item.lacking),
        )
        for pool, item in state.pools.items()
    ]
    columns = ("Pool", "Waiting", "At work", "Done", "Lost", "Confinement")
    return Table(heading="Workers", columns=columns, lines=tuple(lines), none="")


def _confined(lacking: tuple[str, ...] | None) -> Cell:
    if lacking is None:
        return Cell(text="not known yet", tone="open")
    return Cell(text="; ".join(lacking)) if lacking else Cell(text="in force", tone="good")


def _jobs(service: Service) -> Table:
    counts = service.catalogue.jobs.counts()
    states = ("queued", "running", "done", "failed", "cancelled")
    line = tuple(Cell(text=str(getattr(counts, name))) for name in states)
    some = any(getattr(counts, name) for name in states)
    return Table(heading="Jobs", columns=states, lines=(line,) if some else (), none="There are no files of jobs.")


def _verdicts(service: Service) -> Table:
    found = service.catalogue.reports.recent(ReportKind.VERDICT, limit=_MOST)
    lines = [
        (
            Cell(text=wording.moment(item.at)),
            Cell(text=wording.STANDINGS[item.decision], tone=_TONES[item.decision]),
            Cell(text=item.name, href=f"/reports/{item.id}"),
        )
        for item in found
    ]
    return Table(
        heading="Last verdicts", columns=("When", "Decision", "File"), lines=tuple(lines), none="None is kept."
    )


def _signings(service: Service) -> Table:
    lines = [
        (
            Cell(text=wording.moment(item.recorded_at)),
            Cell(text=item.operation.value),
            Cell(text=item.title or item.label),
            Cell(text=item.signer or "–"),
            Cell(text=item.asked_by or "–"),
        )
        for item in service.catalogue.find(Query(limit=_MOST))
    ]
    columns = ("When", "What", "Title", "Signed by", "Asked by")
    return Table(heading="Last signings", columns=columns, lines=tuple(lines), none="Nothing was signed yet.")


def _lists(service: Service) -> Table:
    store, at = service.space.trust_store, service.now()
    found = [store.get(name) for name in store.names()]
    lines = [
        (
            Cell(text=item.name),
            Cell(text=item.purpose.value),
            Cell(text=_ago(item.checked, at)),
            Cell(text="overdue", tone="bad") if item.out_of_date(at) else Cell(text="as promised", tone="good"),
        )
        for item in found
    ]
    columns = ("List", "Vouches for", "Source last asked", "Next version")
    none = "None is installed: provenance trust add"
    return Table(heading="Trust lists", columns=columns, lines=tuple(lines), none=none)


def _identities(service: Service) -> Table:
    kept = service.space.identities
    lines = tuple(_identity(kept.get(name).not_after, name, service.now()) for name in kept.names())
    none = "There is none: provenance identity new NAME"
    return Table(heading="Identities", columns=("Identity", "Certificate ends", "State"), lines=lines, none=none)


def _identity(ends: datetime | None, name: str, at: datetime) -> tuple[Cell, ...]:
    if ends is None:
        return Cell(text=name), Cell(text="–"), Cell(text="waits for a certificate", tone="open")
    state = Cell(text="holds", tone="good")
    if ends <= at:
        state = Cell(text="expired", tone="bad")
    elif ends <= at + _SOON:
        state = Cell(text="expires soon", tone="open")
    return Cell(text=name), Cell(text=wording.moment(ends)), state


def _deliveries(service: Service) -> Table:
    kept = service.catalogue.deliveries
    counts = kept.counts()
    lines = tuple(_dead(service))
    told = ", ".join(f"{counts.get(state, 0)} {state.value}" for state in DeliveryState)
    heading = f"Events that no receiver took ({told})" if counts else "Events that no receiver took"
    columns = ("When", "Event", "Receiver", "Problem")
    return Table(heading=heading, columns=columns, lines=lines, none="There are none.")


def _dead(service: Service) -> Iterator[tuple[Cell, ...]]:
    for item in service.catalogue.deliveries.find(DeliveryState.DEAD, limit=_MOST):
        yield (
            Cell(text=wording.moment(item.at)),
            Cell(text=item.kind),
            Cell(text=item.place),
            Cell(text=item.problem or "–"),
        )


def _ago(then: datetime, at: datetime) -> str:
    days = (at - then).days
    return "today" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"
