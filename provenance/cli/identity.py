"""`provenance identity`: who signs."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Annotated

import typer

from provenance.cli import common
from provenance.errors import SigningError
from provenance.model.ports import Algorithm

app = typer.Typer(help="Make and choose the identities that sign.", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(help="Name of the identity.", show_default=False)]


@app.command()
def new(
    name: Name,
    algorithm: Annotated[Algorithm, typer.Option(help="Signature algorithm.")] = Algorithm.ES256,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days until the certificate expires.")] = 365,
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help="Encrypt the key (PROVENANCE_PASSPHRASE, or asked for).")
    ] = False,
) -> None:
    """Make a development identity: ready in a second, trusted on this machine only."""
    secret = _new_passphrase() if passphrase else None
    made = common.workspace().identities.create(
        name, algorithm=algorithm, days=days, passphrase=secret, at=datetime.now(UTC)
    )
    common.show(
        f"Made the development identity {made.name!r} ({made.algorithm}), valid until {made.not_after:%Y-%m-%d}.",
        "What it signs is trusted on this machine only: others see that its identity can't be verified.",
        "Sign with it: provenance sign photo.jpg",
    )


@app.command("list")
def list_() -> None:
    """List the identities; the one that signs by default is marked."""
    from rich.table import Table
    from rich.text import Text

    store = common.workspace().identities
    names = store.names()
    if not names:
        common.show("There is no identity yet. Make one: provenance identity new NAME")
        return
    default = store.default().slug
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("", "name", "algorithm", "valid until", "kind"):
        table.add_column(column)
    for name in names:
        item = store.get(name)
        table.add_row(
            "*" if item.slug == default else "",
            Text(item.name),
            item.algorithm,
            f"{item.not_after:%Y-%m-%d}",
            "development" if item.development else "issued by an authority",
        )
    common.show(table)


@app.command()
def use(name: Name) -> None:
    """Choose the identity that signs by default."""
    store = common.workspace().identities
    store.set_default(name)
    common.show(f"{store.default().name!r} signs from now on.")


@app.command()
def remove(name: Name, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Remove an identity and its key, for good."""
    store = common.workspace().identities
    item = store.get(name)
    question = f"Remove {item.name!r} and its private key? What it signed will no longer be trusted here."
    if not common.agreed(question, yes=yes):
        raise SigningError("nothing was removed", hint="say yes, or give --yes")
    store.remove(item.slug)
    common.show(f"Removed {item.name!r}.")


def _new_passphrase() -> str:
    given = os.environ.get("PROVENANCE_PASSPHRASE")
    if given:
        return given
    answer: str = typer.prompt("Passphrase for the key", hide_input=True, confirmation_prompt=True)
    return answer
