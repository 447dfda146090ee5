"""`provenance watch`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.batch.hot.folder import HotFolder, Originals
from provenance.batch.hot.pace import Pace
from provenance.batch.naming import Naming
from provenance.batch.recipe import Signing, Who
from provenance.batch.watch import Watch
from provenance.claims import Preset, SigningOptions
from provenance.cli import common, signing
from provenance.cli.batching import (
    Deadline,
    EngineName,
    Exclude,
    Flat,
    Include,
    KeepTree,
    Largest,
    Limits,
    Template,
    Workers,
    engine_of,
    largest_of,
    stopping,
    wanted,
)
from provenance.cli.common import Quiet
from provenance.cli.signing import (
    As,
    Author,
    BrokenToo,
    Chain,
    Constraint,
    DropLocation,
    Identity,
    Key,
    Metadata,
    Model,
    Publisher,
    PublisherRole,
    Sidecar,
    SourceType,
    Thumbnail,
    Time,
    Training,
)
from provenance.cli.watch_shown import Told, WatchFormat
from provenance.model.claim import Carrier

if TYPE_CHECKING:
    from provenance.batch.finding import Wanted


def watch(
    folder: Annotated[str, typer.Argument(help="The folder that files come into.", show_default=False)],
    preset: As = Preset.PUBLISH,
    output: Annotated[
        str | None, typer.Option("-o", "--output", help="The folder that results go to.", metavar="DIR")
    ] = None,
    originals: Annotated[
        Originals, typer.Option("--originals", help="What becomes of originals that are signed.")
    ] = Originals.LEAVE,
    done: Annotated[
        Path | None,
        typer.Option("--done", help="Where to --originals move.  [default: done/ in the hot folder]", metavar="DIR"),
    ] = None,
    failed: Annotated[
        Path | None,
        typer.Option(
            "--failed", help="Where what cannot be signed goes.  [default: failed/ in the hot folder]", metavar="DIR"
        ),
    ] = None,
    settle: Annotated[
        float, typer.Option("--settle", help="Seconds without a change after which a file is complete.", min=0.0)
    ] = 2.0,
    interval: Annotated[
        float | None,
        typer.Option("--interval", help="Seconds between looks.  [default: 30; 1 where one has to poll]", min=0.05),
    ] = None,
    poll: Annotated[bool, typer.Option("--poll", help="Do not rely on the system to tell of changes.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Sign what is there and complete, then end.")] = False,
    identity: Identity = None,
    key: Key = None,
    chain: Chain = None,
    timestamp: Time = None,
    publisher: Publisher = None,
    publisher_role: PublisherRole = None,
    author: Author = None,
    source_type: SourceType = None,
    ai_training: Training = None,
    ai_constraint: Constraint = None,
    ai_model: Model = None,
    metadata: Metadata = None,
    drop_location: DropLocation = False,
    thumbnail: Thumbnail = None,
    sidecar: Sidecar = False,
    allow_broken_source: BrokenToo = False,
    flat: Flat = False,
    include: Include = None,
    exclude: Exclude = None,
    keep_tree: KeepTree = False,
    name: Template = None,
    workers: Workers = None,
    engine: EngineName = None,
    deadline: Deadline = None,
    largest: Largest = None,
    form: Annotated[WatchFormat, typer.Option("--format", help="How it is told.")] = WatchFormat.TEXT,
    quiet: Quiet = False,
) -> None:
    """Watch a folder, and sign what arrives, once it is complete.

    Each file is signed once, also when the command is ended and started again, however that came about. What cannot be
    signed goes to failed/, with the reason beside it; what concerns all files, such as a full disk, is waited for.
    Ctrl-C or SIGTERM ends it, after the files that are worked on.
    """
    signing.require_whole(identity=identity, key=key, chain=chain)
    space = common.workspace()
    options = SigningOptions(
        preset=preset,
        author=author,
        source_type=source_type,
        ai_training=ai_training,
        ai_constraint=ai_constraint,
        ai_model=ai_model,
        metadata=metadata,
        drop_location=drop_location,
        thumbnail=signing.pixels(thumbnail, usual=space.settings.signing.thumbnail),
        carrier=Carrier.SIDECAR if sidecar else Carrier.EMBEDDED,
        timestamp=timestamp,
        publisher=publisher,
        publisher_roles=signing.roles(publisher, publisher_role),
        allow_broken_source=allow_broken_source,
    )
    naming = Naming(output=_results(output, sidecar=sidecar), keep_tree=keep_tree, template=name, untouched=sidecar)
    limits = Limits(engine=engine, workers=workers, deadline=deadline, largest=largest)
    watching = Watch(
        space=space,
        hot=_hot(
            folder,
            naming,
            originals=originals,
            places=(done, failed),
            which=wanted(flat=flat, include=include, exclude=exclude),
        ),
        task=Signing(options=options, who=Who(identity=identity, key=key, chain=str(chain) if chain else None)),
        pace=Pace(settle=settle, interval=interval, poll=poll, once=once),
        engine=engine_of(space.settings, limits),
        largest=largest_of(space.settings, limits),
    )
    told = Told(watching.hot, form, quiet=quiet)
    with stopping(watching.stop):
        for event in watching:
            told.add(event)
    told.end(once=once and not watching.stop.is_set())


def _results(output: str | None, *, sidecar: bool) -> str | None:
    """Return where results go, by its full name: a file that was signed is known again by where its result is."""
    if output is None:
        if sidecar:
            return None
        raise typer.BadParameter("say where the results go: -o DIR")
    if "://" in output:
        return f"{output.rstrip('/')}/"
    return f"{Path(output).resolve()}/"


def _hot(
    folder: str, naming: Naming, *, originals: Originals, places: tuple[Path | None, Path | None], which: Wanted
) -> HotFolder:
    if "://" in folder:
        raise typer.BadParameter("only a local folder can be watched; for an object store, run sign again and again")
    path = Path(folder).resolve()
    done, failed = ((place or path / usual).resolve() for place, usual in zip(places, ("done", "failed"), strict=True))
    return HotFolder(path=path, naming=naming, done=done, failed=failed, originals=originals, wanted=which)
