"""`provenance catalogue`: what was signed, what was checked, and whether all of it is still there."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli import common
from provenance.cli.batching import Exclude, Flat, Include, Names, wanted
from provenance.cli.common import AsJson, Force, Quiet
from provenance.errors import BatchError, CatalogueError
from provenance.model.ledger import Head
from provenance.model.record import Prunable, Query
from provenance.model.verdict import Decision

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.catalogue import Catalogue
    from provenance.model.record import Record
    from provenance.workspace import Workspace

app = typer.Typer(
    help="Keep what is signed, find it again, and prove that nothing was taken out.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

Id = Annotated[str, typer.Argument(help="The id of a record (see `catalogue find`).", metavar="ID", show_default=False)]
Since = Annotated[str | None, typer.Option("--since", help="Signed then or later: 2026-01-31.", metavar="TIME")]
Until = Annotated[str | None, typer.Option("--until", help="Signed before then.", metavar="TIME")]
SignerName = Annotated[str | None, typer.Option("--signer", help="Name or SHA-256 of the certificate.", metavar="NAME")]
Decided = Annotated[Decision | None, typer.Option("--decision", help="Of the last recorded verification.")]
SourceType = Annotated[str | None, typer.Option("--source-type", help="Digital source type.", metavar="NAME")]
DigestOption = Annotated[
    str | None, typer.Option("--digest", help="SHA-256 of the file before or after, or of its manifest.", metavar="HEX")
]


class ExportFormat(StrEnum):
    """How records are exported."""

    JSONL = "jsonl"
    CSV = "csv"


@app.command()
def init() -> None:
    """Begin to keep a catalogue, or bring the one of the settings up to date; what is there stays."""
    from provenance.catalogue import Catalogue, url_of

    space = common.workspace()
    with Catalogue.create(url_of(space.settings.catalogue.url, space.settings.home)) as made:
        common.show(f"{made.name}: from now on, what is signed is entered here")


@app.command()
def status(as_json: AsJson = False) -> None:
    """Count what is there, and what waits to be entered; note the head of the ledger somewhere else."""
    from provenance.reports import to_catalogue

    space = _opened()
    found, waiting = space.catalogue.summary(), len(space.spool.names())
    if as_json:
        common.write_json({"catalogue": space.catalogue.name, "waiting": waiting, "summary": found})
        return
    common.show(to_catalogue.status(space.catalogue.name, found, waiting=waiting))


@app.command()
def add(
    files: Names,
    flat: Flat = False,
    include: Include = None,
    exclude: Exclude = None,
    quiet: Quiet = False,
) -> None:
    """Enter files that are signed already, by whomever; those that are there are passed over."""
    from provenance.cli.catalogue_add import entered

    space = _opened()
    done = entered(space, files, wanted(flat=flat, include=include, exclude=exclude))
    if not quiet:
        common.show(f"{done.added:,} entered, {done.known:,} known already, {len(done.failed):,} could not be entered")
    for note in done.notes:
        common.warn(note)
    if done.failed:
        for error in done.failed:
            common.warn(str(error))
        raise BatchError(f"{len(done.failed):,} files could not be entered")


@app.command()
def find(
    text: Annotated[str, typer.Argument(help="Words of the title, description, signer, place.", metavar="[TEXT]")] = "",
    since: Since = None,
    until: Until = None,
    signer: SignerName = None,
    decision: Decided = None,
    source_type: SourceType = None,
    digest: DigestOption = None,
    limit: Annotated[int, typer.Option("--limit", help="At most so many, the last first; 0: all.", min=0)] = 50,
    as_json: AsJson = False,
) -> None:
    """Find records; all that is given must be so. Exits 1 when there is none."""
    from provenance.reports import to_catalogue

    query = Query(
        text=text,
        since=common.moment(since),
        until=common.moment(until),
        signer=signer,
        decision=decision,
        source_type=source_type,
        digest=digest,
        limit=limit or None,
    )
    found = list(_opened().catalogue.find(query))
    if as_json:
        common.write_json(found)
    else:
        common.show(to_catalogue.records(found, more=bool(limit) and len(found) == limit))
    raise typer.Exit(0 if found else 1)


@app.command()
def show(
    record: Id,
    manifest: Annotated[
        Path | None, typer.Option("--manifest", help="Write its manifest store to a file.", metavar="FILE.c2pa")
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Show a record: what was signed, from what, by whom, when, and how it was verified since."""
    from provenance.reports import to_catalogue
    from provenance.storage import publish

    catalogue = _opened().catalogue
    found = _record(catalogue, record)
    store = catalogue.manifest(found.manifest)
    if manifest is not None:
        if store is None:
            raise CatalogueError(f"the manifest store of {record} is not kept (any more)", path=catalogue.name)
        publish(store, manifest, overwrite=force)
    checks = list(catalogue.checks(found.output)) if found.output else []
    if as_json:
        common.write_json({"record": found, "manifest_kept": store is not None, "checks": checks})
        return
    common.show(to_catalogue.record(found, checks, store=None if store is None else len(store)))


@app.command()
def export(
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to a file.", metavar="FILE")] = None,
    form: Annotated[ExportFormat, typer.Option("--format", help="How they are written.")] = ExportFormat.JSONL,
    since: Since = None,
    until: Until = None,
    force: Force = False,
) -> None:
    """Write all records, the last first: as JSON, line by line, as the ledger's hashes cover them, or as CSV."""
    from provenance.reports import to_catalogue
    from provenance.storage import writing

    catalogue = _opened().catalogue
    query = Query(since=common.moment(since), until=common.moment(until))
    lines: Iterator[str]
    if form is ExportFormat.CSV:
        lines = to_catalogue.csv_lines(catalogue.find(query))
    else:
        lines = (f"{line}\n" for line in catalogue.export(query))
    if output is None:
        for line in lines:
            common.write(line)
        return
    with writing(output, overwrite=force) as stream:
        for line in lines:
            stream.write(line.encode("utf-8"))


@app.command()
def check(
    expect: Annotated[
        str | None, typer.Option("--expect", help="A head of the ledger that was noted before.", metavar="HEAD")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Go through all records, manifests and the ledger. Exits 1 when anything was removed or altered."""
    from provenance.manifests.contents import contents
    from provenance.reports import to_catalogue

    catalogue = _opened().catalogue
    try:
        expected = None if expect is None else Head.parse(expect)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    problems = list(catalogue.check(parse=contents, expected=expected))
    head = catalogue.head()
    if as_json:
        common.write_json({"head": str(head), "expected": expect, "problems": problems})
    else:
        common.show(to_catalogue.problems(problems, head, expected=expected))
    raise typer.Exit(1 if problems else 0)


@app.command()
def prove(record: Id) -> None:
    """Print, as JSON, that a record is in the ledger, and all that leads from it to the ledger's head."""
    catalogue = _opened().catalogue
    proof = catalogue.prove(record)
    if not proof.holds():
        raise CatalogueError(f"the ledger does not lead to {record}: something was altered", path=catalogue.name)
    common.write_json(proof)


@app.command()
def backup(
    output: Annotated[Path, typer.Argument(help="A file that is not there yet.", metavar="FILE", show_default=False)],
) -> None:
    """Copy the catalogue to a file while it is in use (SQLite; PostgreSQL has pg_dump)."""
    catalogue = _opened().catalogue
    catalogue.backup(output)
    common.show(f"{output}: a copy of {catalogue.name}")


@app.command()
def copy(
    address: Annotated[
        str, typer.Argument(help="postgresql+psycopg://… or sqlite:////…", metavar="URL", show_default=False)
    ],
) -> None:
    """Copy all, with its ledger, into a catalogue at another address in which nothing is yet."""
    from provenance.catalogue import Catalogue

    source = _opened().catalogue
    with Catalogue.create(address) as target:
        head = source.copy_to(target)
        common.show(f"{target.name}: all of {source.name}, up to {head}; catalogue.url in the settings makes it yours")


@app.command()
def prune(
    what: Annotated[Prunable, typer.Argument(help="What goes.", show_default=False)],
    before: Annotated[
        str, typer.Option("--before", help="Signed, or checked, before then.", metavar="TIME", show_default=False)
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; otherwise it is only said what would go.")] = False,
) -> None:
    """Take old records, manifests or checks out. The ledger keeps their entries, and gets one for what went."""
    from provenance.reports import to_catalogue
    from provenance.workspace.recordings import asker

    space = _opened()
    day = common.moment(before)
    if day is None:
        raise typer.BadParameter("--before takes a time")
    if yes:
        done = space.catalogue.prune(what, before=day, at=datetime.now(UTC), by=asker())
        common.show(to_catalogue.pruning(done, is_done=True))
        return
    common.show(to_catalogue.pruning(space.catalogue.plan(what, before=day), is_done=False))


def _opened() -> Workspace:
    from provenance.workspace.cataloguing import require_kept

    space = common.workspace()
    require_kept(space)
    return space


def _record(catalogue: Catalogue, name: str) -> Record:
    found = catalogue.get(name)
    if found is None:
        raise CatalogueError(
            f"there is no record {name!r}", path=catalogue.name, hint="see `provenance catalogue find`"
        )
    return found
