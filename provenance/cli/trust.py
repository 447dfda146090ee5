"""`provenance trust`: whose signatures count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli import common
from provenance.cli.common import AsJson
from provenance.errors import OutputError, ProvenanceError, SettingsError, TrustError
from provenance.model.trust import Purpose

if TYPE_CHECKING:
    from provenance.cli.trust_shown import Row
    from provenance.model.trust import TrustList
    from provenance.trust.changes import Entry
    from provenance.workspace import Workspace

app = typer.Typer(
    help="Say whose signatures count: lists of certificates.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

Name = Annotated[str, typer.Argument(help="Name of the list.", show_default=False)]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List what is trusted: for what, how many certificates, how old, and what is out of date."""
    from provenance.cli import trust_shown as shown

    space = common.workspace()
    at = space.now()
    rows = list(_rows(space))
    if as_json:
        common.write_json({"lists": [shown.row_data(row, at=at) for row in rows]})
        return
    if rows:
        common.show(shown.table(rows, at=at))
    common.show(*(line for row in rows if (line := shown.remarks(row, at=at))))
    if not space.trust_store.names():
        common.show("No trust list is installed. Get the official ones: provenance trust update")


@app.command()
def show(
    name: Name,
    search: Annotated[
        str | None, typer.Option(help="Only who is called so, or whose fingerprint begins so.", metavar="TEXT")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show who is on a list, where it comes from, and what on it does not count."""
    from provenance.cli import trust_shown as shown
    from provenance.reports.escape import visible

    space = common.workspace()
    head, entries, skipped = _opened(space, name)
    found = [item for item in entries if search is None or item.matches(search)]
    if as_json:
        common.write_json(
            {
                "name": name,
                "certificates": [shown.entry_data(item) for item in found],
                "skipped": [{"reason": reason, "who": who} for reason, who in skipped],
            }
        )
        return
    common.show(*head, "")
    common.show(shown.members(found) if found else f"Nobody on {name} is found by {visible(search)!r}.")
    if skipped and search is None:
        common.show("", "These do not count:", *(f"  {reason}: {visible(who)}" for reason, who in skipped))


@app.command()
def add(
    name: Annotated[
        str | None, typer.Argument(help="Name of the list, or a label for the certificate.", show_default=False)
    ] = None,
    source: Annotated[
        str | None, typer.Argument(help="A known list, an https address or a file.", show_default=False)
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(help="Put this signer's certificate into the address book.", metavar="FILE")
    ] = None,
    purpose: Annotated[Purpose | None, typer.Option(help="What it vouches for.", show_default=False)] = None,
    eku: Annotated[
        list[str] | None, typer.Option(help="Extended key usage that it accepts; may be repeated.", metavar="OID")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="The date as of which it holds, if it bears none.", metavar="DATE")
    ] = None,
    keep_expired: Annotated[
        bool, typer.Option("--keep-expired", help="Expired certificates count for what they signed in time.")
    ] = False,
    digest: Annotated[str | None, typer.Option(help="Take nothing but this (SHA-256).", metavar="HEX")] = None,
) -> None:
    """Add a list, or one signer's certificate to the address book.

    Known by name: c2pa, c2pa-tsa, c2pa-interim, iptc.
    """
    from provenance.cli import trust_shown as shown
    from provenance.trust import Wanted

    space = common.workspace()
    if certificate is not None:
        if source is not None or eku or as_of or digest or keep_expired:
            raise typer.BadParameter("--certificate goes with a label and --purpose only")
        _add_certificate(space, certificate, purpose=purpose or Purpose.SIGNER, label=name)
        return
    if name is None:
        raise typer.BadParameter("name the list, or give --certificate FILE")
    wanted = Wanted(
        source=source or name,
        purpose=purpose,
        key_usages=tuple(eku or ()),
        as_of=_date(as_of),
        keep_expired=keep_expired,
        digest=digest,
    )
    change = space.trust_store.add(name, wanted, at=space.now(), fetch=space.list_fetcher())
    common.show(*shown.added(change, space.trust_store.get(name)))


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="Name of the list, or a fingerprint.", show_default=False)],
    yes: Yes = False,
) -> None:
    """Remove a list, or one certificate from the address book by its fingerprint."""
    from provenance.cli import trust_shown as shown

    space = common.workspace()
    store = space.trust_store
    if name not in store.names() and len(name) >= 8 and not set(name.lower()) - set("0123456789abcdef:"):
        book, entry = store.remove_certificate(name, at=space.now())
        common.show(f"Removed {shown.called(entry)} from {book}.")
        return
    if name in store.names() and not common.agreed(f"Remove the trust list {name}?", yes=yes):
        raise SettingsError("nothing was removed", hint="say yes, or give --yes")
    store.remove(name)
    common.show(f"Removed {name}. What only it vouched for is no longer trusted.")


@app.command()
def update(
    names: Annotated[list[str] | None, typer.Argument(help="Names of lists.", show_default=False)] = None,
) -> None:
    """Get lists again, all by default; at first: c2pa, c2pa-tsa and iptc.

    A list that is older or unusable changes nothing.
    """
    from provenance.trust.sources import KNOWN
    from provenance.trust.store import BOOKS

    space = common.workspace()
    installed = [name for name in space.trust_store.names() if name not in BOOKS.values()]
    wanted = names or installed or [name for name, known in KNOWN.items() if known.enabled]
    codes = [_update(space, name, new=not names and not installed) for name in wanted]
    failed = [code for code in codes if code]
    if failed:
        raise typer.Exit(max(failed))


@app.command()
def diff(
    name: Name,
    other: Annotated[
        str | None, typer.Argument(help="Another list, or a file; by default the version before.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare a list with the version before (what the new one added and removed), or with another one."""
    from provenance.cli import trust_shown as shown
    from provenance.reports.escape import visible

    space = common.workspace()
    change = space.trust_store.diff(name, other, at=space.now())
    if as_json:
        common.write_json(shown.change_data(change))
        return
    pair = f"from {name} to {visible(other)}" if other else f"{name} since the version before"
    common.show(f"{pair}: {shown.summary(change)}", *shown.details(change))


@app.command()
def pin(
    name: Name,
    digest: Annotated[
        str | None, typer.Option(help="This version: the installed one, or the one before.", metavar="HEX")
    ] = None,
) -> None:
    """Hold a list as it is: updates tell of a new one, and change nothing."""
    record = common.workspace().trust_store.pin(name, digest)
    common.show(f"Pinned {name} at {record.current.digest}.")


@app.command()
def unpin(name: Name) -> None:
    """Let updates change a list again."""
    common.workspace().trust_store.unpin(name)
    common.show(f"Updates change {name} again.")


def _update(space: Workspace, name: str, *, new: bool) -> int:
    """Update one list, and return the exit code of its failure: one list does not stop the others."""
    from provenance.cli import trust_shown as shown
    from provenance.trust import Wanted

    store, at, fetch = space.trust_store, space.now(), space.list_fetcher()
    try:
        if new:
            change = store.add(name, Wanted(source=name), at=at, fetch=fetch)
            common.show(*shown.added(change, store.get(name)))
        else:
            common.show(*shown.updated(store.update(name, at=at, fetch=fetch)))
    except (TrustError, SettingsError, OutputError) as error:
        common.report(error)
        if new:
            common.show(f"{name} was not added; try again: provenance trust add {name}")
        return error.exit_code
    return 0


def _add_certificate(space: Workspace, path: Path, *, purpose: Purpose, label: str | None) -> None:
    from provenance.cli import trust_shown as shown

    book, entry = space.trust_store.add_certificate(path, purpose=purpose, at=space.now(), label=label)
    common.show(
        f"Added {shown.who(entry)} · {shown.called(entry)} to {book}, valid until {shown.day(entry.not_after)}.",
        f"Fingerprint {entry.fingerprint}",
        "Compare it with what its owner tells you by another way.",
    )


def _rows(space: Workspace) -> Iterator[Row]:
    """Describe every list that verification may rest on; one that is damaged does not hide the others."""
    from provenance.cli.trust_shown import Row

    store = space.trust_store
    for name in store.names():
        try:
            yield Row(name=name, found=store.load(name), pinned=store.get(name).pinned)
        except SettingsError as error:
            yield Row(name=name, problem=str(error))
    try:
        for found in _elsewhere(space):
            yield Row(name=found.name, found=found)
    except ProvenanceError as error:
        yield Row(name="settings", problem=str(error))


def _elsewhere(space: Workspace) -> Iterator[TrustList]:
    """Read the lists that are not in the store."""
    from provenance.workspace.trusting import elsewhere

    return elsewhere(space.settings, identities=space.identities, at=space.now())


def _opened(space: Workspace, name: str) -> tuple[list[str], tuple[Entry, ...], tuple[tuple[str, str], ...]]:
    """Return what is said of a list, who is on it, and what of its source does not count."""
    from provenance.cli import trust_shown as shown
    from provenance.trust.changes import Members, entries

    store = space.trust_store
    if name not in store.names():
        found = next((item for item in _elsewhere(space) if item.name == name), None)
        if found is not None:
            return [*shown.head_of_file(found)], entries(Members(anchors=found.anchors, allowed=found.allowed)), ()
    source = store.load(name).source
    return [*shown.head(store.get(name), source)], store.members(name), store.skipped(name)


def _date(text: str | None) -> datetime | None:
    """Read a date, or a date with a time; without a zone it is UTC."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no date; give 2025-06-01 or 2025-06-01T12:00Z") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
