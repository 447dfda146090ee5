"""What receivers of events were told: for people at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from provenance.model.jobs import DeliveryState
from provenance.reports.escape import visible
from provenance.reports.wording import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from provenance.model.jobs import Delivery

_COLOURS: Final = {DeliveryState.WAITING: "yellow", DeliveryState.SENT: "green", DeliveryState.DEAD: "red"}


def deliveries(found: Sequence[Delivery], *, more: bool) -> RenderableType:
    """List deliveries; `more` says that there may be others."""
    if not found:
        return Text("no such delivery", "yellow")
    # Two lines each: the id is to be copied whole, on 80 columns too.
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for item in found:
        table.add_row(item.id, Text.assemble((item.state.value, _COLOURS[item.state]), f" {item.kind}"))
        table.add_row("", Text("; ".join(_about(item)), "dim"))
    if more:
        table.add_row(Text("there may be more", "dim"), Text("--limit 0 lists all", "dim"))
    return table


def _about(item: Delivery) -> Iterator[str]:
    yield f"{moment(item.at)} to {visible(item.place)}"
    if item.attempts:
        yield f"attempt {item.attempts}" if item.state is DeliveryState.WAITING else f"{item.attempts} attempts"
    if item.problem:
        yield visible(item.problem)
    if item.due_at is not None and item.attempts:
        yield f"again at {moment(item.due_at)}"
