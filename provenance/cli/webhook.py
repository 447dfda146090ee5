"""`provenance webhook`: what receivers of the service were told, what they did not take, and to send that again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli import common
from provenance.cli.common import AsJson
from provenance.model.jobs import DeliveryState

if TYPE_CHECKING:
    from provenance.catalogue import Catalogue

app = typer.Typer(
    help="Events that receivers are told of: what waits, what was given up, and to send it again.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


@app.command(name="list")
def list_deliveries(
    state: Annotated[DeliveryState | None, typer.Option("--state", help="Only those that are so.")] = None,
    limit: Annotated[int, typer.Option("--limit", help="At most so many, the last first; 0: all.", min=0)] = 50,
    as_json: AsJson = False,
) -> None:
    """List deliveries, the last one first. Those that are dead are not tried again, unless `replay` says so."""
    from provenance.reports import to_deliveries

    found = _catalogue().deliveries.find(state, limit=limit or None)
    if as_json:
        common.write_json({"deliveries": found})
        return
    common.show(to_deliveries.deliveries(found, more=bool(limit) and len(found) == limit))


@app.command()
def replay(
    names: Annotated[
        list[str] | None, typer.Argument(help="Ids of deliveries (see `webhook list`).", metavar="[ID]...")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All that are dead.")] = False,
) -> None:
    """Have events sent again under their ids, as soon as the service runs; also to receivers that had gone (410)."""
    if bool(names) == every:
        raise typer.BadParameter("give the ids of deliveries, or --all")
    count = _catalogue().deliveries.replay(None if every else names, at=datetime.now(UTC))
    common.show(f"{count:,} {'delivery' if count == 1 else 'deliveries'} will be sent again by the service")


@app.command()
def secret() -> None:
    """Make a secret for a receiver: one line for the file that the settings name (mode 600), and for the receiver."""
    from provenance.web.hooks.receivers import new_secret

    common.write(f"{new_secret()}\n")


def _catalogue() -> Catalogue:
    from provenance.workspace.cataloguing import require_kept

    space = common.workspace()
    require_kept(space)
    return space.catalogue
