"""`provenance identity`: who signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli import common, identity_check, identity_request
from provenance.cli.identity_request import Days, Name, new_passphrase
from provenance.errors import KeyUnavailable, SigningError
from provenance.model.ports import Algorithm

if TYPE_CHECKING:
    from datetime import datetime

    from rich.table import Table

    from provenance.keys import Identity, IdentityStore

app = typer.Typer(
    help="Make, import, check and choose the identities that sign.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

_SOON = 30
"""Days."""


@app.command()
def new(
    name: Name,
    algorithm: Annotated[Algorithm, typer.Option(help="Signature algorithm.")] = Algorithm.ES256,
    organisation: Annotated[
        str | None, typer.Option(help="Name of the organisation, if it is not that of the identity.", metavar="NAME")
    ] = None,
    days: Days = 365,
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help="Encrypt the key (PROVENANCE_PASSPHRASE, or asked for).")
    ] = False,
) -> None:
    """Make a development identity: ready in a second, trusted on this machine only."""
    from provenance.keys import issue_development_identity

    space = common.workspace()
    space.identities.require_free(name)
    issued = issue_development_identity(
        name,
        algorithm=algorithm,
        days=days,
        at=space.now(),
        passphrase=new_passphrase() if passphrase else None,
        organisation=organisation,
    )
    made = space.identities.add(issued.material(), at=space.now())
    common.show(
        f"Made the development identity {made.name!r} ({made.algorithm}), valid until {made.not_after:%Y-%m-%d}.",
        "What it signs is trusted on this machine only: others see that its identity can't be verified.",
        "Sign with it: provenance sign photo.jpg",
    )


@app.command("list")
def list_() -> None:
    """List the identities; the one that signs by default is marked."""
    space = common.workspace()
    names = space.identities.names()
    if not names:
        common.show("There is no identity yet. Make one: provenance identity new NAME")
        return
    common.show(_table(space.identities, names, space.now()))


def _table(store: IdentityStore, names: tuple[str, ...], at: datetime) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("", "name", "algorithm", "valid until", "key", "kind"):
        table.add_column(column)
    default = _default(store)
    for name, item in [(name, _known(store, name)) for name in names]:
        if item is None:
            table.add_row("", Text(name), "", "", "", Text("damaged", "red"))
            continue
        words, colour = _end(item, at)
        table.add_row(
            "*" if item.slug == default else "",
            Text(item.name),
            item.algorithm,
            Text(words, colour),
            item.key.partition(":")[0],
            _kind(item),
        )
    return table


def _known(store: IdentityStore, name: str) -> Identity | None:
    try:
        return store.get(name)
    except KeyUnavailable:
        return None


def _default(store: IdentityStore) -> str | None:
    try:
        return store.default().slug
    except SigningError:
        return None


def _end(item: Identity, at: datetime) -> tuple[str, str]:
    """Say when a certificate ends, and in which colour."""
    if item.not_after is None:
        return "", ""
    day, left = f"{item.not_after:%Y-%m-%d}", (item.not_after - at).days
    if item.not_after < at:
        return f"{day}, expired", "red"
    return (f"{day}, in {left} days", "yellow") if left < _SOON else (day, "")


def _kind(item: Identity) -> str:
    if item.waiting:
        return "waits for its certificate"
    kind = "development" if item.development else "issued by an authority"
    return f"{kind}, renewal requested" if item.request else kind


@app.command()
def show(name: Name) -> None:
    """Show an identity: its certificates, its key's place, what it may sign."""
    from provenance.cli.identity_show import described

    space = common.workspace()
    common.show(described(space.identities.get(name), at=space.now()))


@app.command()
def use(name: Name) -> None:
    """Choose the identity that signs by default."""
    store = common.workspace().identities
    store.set_default(name)
    common.show(f"{store.default().name!r} signs from now on.")


@app.command()
def remove(name: Name, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Remove an identity and its key, for good; a key that lives elsewhere stays there."""
    store = common.workspace().identities
    item = store.get(name)
    if not common.agreed(_loss(item), yes=yes):
        raise SigningError("nothing was removed", hint="say yes, or give --yes")
    store.remove(item.slug)
    common.show(f"Removed {item.name!r}.")


def _loss(item: Identity) -> str:
    """Ask whether an identity may go, and say what goes with it."""
    kept_here = item.key_path is not None and item.key_path.parent == item.directory
    what = f"Remove {item.name!r} and its private key, for good?"
    if not kept_here:
        what = f"Remove {item.name!r}? Its private key stays where it is: {item.key_place}."
    return f"{what} What it signed will no longer be trusted here." if item.development else what


app.command("import")(identity_request.import_)
app.command("request")(identity_request.request)
app.command("renew")(identity_request.renew)
app.command("check")(identity_check.check)
