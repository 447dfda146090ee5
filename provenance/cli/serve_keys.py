"""`provenance serve key`: who may ask the service, for what, and how often."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer

from provenance.cli import common
from provenance.cli.common import AsJson
from provenance.errors import CatalogueError
from provenance.model.service import ApiKey, NewKey, Rate, Scope, new_token, parse_rate

if TYPE_CHECKING:
    from rich.table import Table

    from provenance.catalogue import Catalogue
    from provenance.workspace import Workspace

app = typer.Typer(
    help="Make keys for the service, list and revoke them.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
_LASTS: Final = re.compile(r"([1-9]\d{0,4})\s*([hdwy])")
_UNITS: Final = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1), "y": timedelta(days=365)}


@app.command()
def create(
    name: Annotated[
        str, typer.Argument(help="Whose it is; stands in the log and in the catalogue.", show_default=False)
    ],
    scope: Annotated[
        str, typer.Option("--scope", help=f"What it opens, of {', '.join(Scope)}.", metavar="SCOPE,…")
    ] = Scope.VERIFY.value,
    rate: Annotated[
        str, typer.Option("--rate", help="At most so many requests: 60/min, 5/s, 1000/day; 0: no limit.")
    ] = "0",
    identity: Annotated[
        list[str] | None,
        typer.Option("--identity", help="Who it may sign as; may be repeated.  [default: the service's own]"),
    ] = None,
    expires: Annotated[
        str | None, typer.Option("--expires", help="When it ends: 90d, 12h, 2y, or 2027-01-31.", metavar="TIME")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key, and print it, this once.

    What is kept of it opens nothing. Where no catalogue is kept yet, one is made in the workspace, as `serve` does.
    """
    space = common.workspace()
    at = space.now()
    named = tuple(space.identities.get(item).name for item in identity or ())
    until = None if expires is None else _end(expires, at)
    made = _made(name, scopes=_scopes(scope), rate=_rate(rate), identities=named, expires_at=until, at=at)
    with _opened(space) as catalogue:
        catalogue.keys.add(made)
    if as_json:
        common.write_json({"key": made.key, "token": made.token})
        return
    common.write(f"{made.token}\n")
    common.remark(f"Keep it now, it is not shown again. To take it back: provenance serve key revoke {made.key.id}")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List all keys, with what they open and when they were used."""
    space = common.workspace()
    with _opened(space) as catalogue:
        found = catalogue.keys.every()
    if as_json:
        common.write_json({"keys": found})
    elif found:
        common.show(_table(found, at=space.now()))
    else:
        common.show("There is no key. Make one: provenance serve key create NAME")


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="The id of a key (see `serve key list`).", metavar="ID")],
) -> None:
    """Have a key open nothing any more.

    A server that runs lets it sign nothing from that moment, and verify for five seconds at most.
    """
    space = common.workspace()
    with _opened(space) as catalogue:
        if not catalogue.keys.revoke(key, at=space.now()):
            hint = "see `provenance serve key list`"
            raise CatalogueError(f"there is no key {key!r}", path=catalogue.name, hint=hint)
    common.show(f"{key} opens nothing any more.")


def _opened(space: Workspace) -> Catalogue:
    from provenance.catalogue import Catalogue, is_kept, url_of

    url, home = space.settings.catalogue.url, space.settings.home
    return Catalogue.open(url_of(url, home)) if is_kept(url, home) else Catalogue.create(url_of(url, home))


def _made(
    name: str,
    *,
    scopes: tuple[Scope, ...],
    rate: Rate | None,
    identities: tuple[str, ...],
    expires_at: datetime | None,
    at: datetime,
) -> NewKey:
    identifier, token = new_token(at)
    try:
        key = ApiKey(
            id=identifier,
            name=name,
            scopes=scopes,
            identities=identities,
            rate=rate,
            created_at=at,
            expires_at=expires_at,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    return NewKey(key=key, token=token)


def _scopes(text: str) -> tuple[Scope, ...]:
    wanted = {item.strip() for item in text.split(",")}
    if unknown := wanted - set(Scope):
        raise typer.BadParameter(f"--scope: {', '.join(sorted(unknown))!r} is none of {', '.join(Scope)}")
    return tuple(item for item in Scope if item in wanted)


def _rate(text: str) -> Rate | None:
    try:
        return parse_rate(text)
    except ValueError as error:
        raise typer.BadParameter(f"--rate: {error}") from error


def _end(text: str, at: datetime) -> datetime | None:
    lasts = _LASTS.fullmatch(text.strip())
    try:
        until = common.moment(text) if lasts is None else at + int(lasts[1]) * _UNITS[lasts[2]]
    except OverflowError as error:
        raise typer.BadParameter("--expires: there are no such times") from error
    if until is not None and until <= at:
        raise typer.BadParameter("--expires: that time has gone")
    return until


def _table(found: list[ApiKey], *, at: datetime) -> Table:
    from rich.table import Table
    from rich.text import Text

    from provenance.reports.escape import visible

    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    shown.add_column("id", no_wrap=True)
    for column in ("name", "opens", "used", "state"):
        shown.add_column(column, overflow="fold")
    for key in found:
        opens = ", ".join(key.scopes) + (f"; {key.rate}" if key.rate else "")
        opens += "".join(f"; as {visible(item)}" for item in key.identities)
        used = f"{key.last_used_at:%Y-%m-%d}" if key.last_used_at else "never"
        shown.add_row(Text(key.id), Text(visible(key.name)), Text(opens), used, _state(key, at=at))
    return shown


def _state(key: ApiKey, *, at: datetime) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    if key.expires_at is None:
        return "in use"
    return f"{'expired' if key.why_void(at) else 'until'} {key.expires_at:%Y-%m-%d}"
