"""`provenance sign`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.batch.crew import Batch
from provenance.batch.naming import Naming
from provenance.batch.recipe import Signing, Who
from provenance.batch.signatures import Signatures
from provenance.claims import Preset, SigningOptions
from provenance.cli import common, signing
from provenance.cli.batching import (
    STOPPED,
    Deadline,
    EngineName,
    Exclude,
    Flat,
    Include,
    KeepTree,
    Largest,
    Limits,
    Names,
    Template,
    Workers,
    alone,
    batch_of,
    stopping,
    wanted,
)
from provenance.cli.common import AsJson, Force, Online, Quiet
from provenance.cli.outputs import Wishes, each
from provenance.cli.progress import meter
from provenance.cli.rows import RowFormat, Rows
from provenance.cli.signing import (
    As,
    Author,
    BrokenToo,
    Chain,
    Constraint,
    DropLocation,
    Identity,
    InPlace,
    Key,
    Metadata,
    Model,
    Output,
    Publisher,
    PublisherRole,
    Sidecar,
    SoftBinding,
    SourceType,
    Thumbnail,
    Time,
    Title,
    Training,
)
from provenance.errors import InvalidClaim
from provenance.model.claim import Assertion, Carrier, Origin

if TYPE_CHECKING:
    from provenance.model.manifest import Signed
    from provenance.model.ports import Signer
    from provenance.workspace import Workspace


def sign(
    files: Names,
    preset: As = Preset.PUBLISH,
    output: Output = None,
    in_place: InPlace = False,
    identity: Identity = None,
    key: Key = None,
    chain: Chain = None,
    timestamp: Time = None,
    publisher: Publisher = None,
    publisher_role: PublisherRole = None,
    title: Title = None,
    author: Author = None,
    source_type: SourceType = None,
    parent: Annotated[
        Path | None, typer.Option("--parent", help="The file that was edited (--as edit).", metavar="FILE")
    ] = None,
    ingredient: Annotated[
        list[Path] | None, typer.Option("--ingredient", help="A file that was put in.", metavar="FILE")
    ] = None,
    action: Annotated[
        list[str] | None,
        typer.Option("--action", help="A step of the edit: cropped, NAME:key=value,…", metavar="NAME"),
    ] = None,
    ai_training: Training = None,
    ai_constraint: Constraint = None,
    ai_model: Model = None,
    metadata: Metadata = None,
    drop_location: DropLocation = False,
    thumbnail: Thumbnail = None,
    sidecar: Sidecar = False,
    remote: Annotated[
        str | None, typer.Option("--remote", help="The manifest will be found there; {id} is its label.", metavar="URL")
    ] = None,
    soft_binding: SoftBinding = None,
    assertion: Annotated[
        list[Path] | None,
        typer.Option("--assertion", help='State more: {"label": …, "data": {…}}.', metavar="FILE.json"),
    ] = None,
    allow_broken_source: BrokenToo = False,
    online: Online = False,
    flat: Flat = False,
    include: Include = None,
    exclude: Exclude = None,
    keep_tree: KeepTree = False,
    name: Template = None,
    workers: Workers = None,
    engine: EngineName = None,
    deadline: Deadline = None,
    largest: Largest = None,
    resume: Annotated[
        bool,
        typer.Option("--resume/--no-resume", help="Skip what the same batch has done and is still true."),
    ] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    force: Force = False,
    form: Annotated[RowFormat | None, typer.Option("--format", help="How it is told.  [default: text]")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Sign files with Content Credentials: photo.jpg becomes photo.signed.jpg.

    Of many files, what is wrong with one does not stop the others, and the same command goes on where it was stopped.

    \b
    capture   it begins here: a recording, untouched
    publish   it is passed on: what it carried is kept, or said to be unknown (default)
    edit      it was changed: --parent, --ingredient and --action say how
    """  # noqa: D301 -- the mark keeps these lines apart in the help
    if sidecar and remote:
        raise typer.BadParameter("choose one of --sidecar and --remote")
    if name and in_place:
        raise typer.BadParameter("choose one of --in-place and --name")
    signing.require_whole(identity=identity, key=key, chain=chain)
    space = common.workspace()
    options = SigningOptions(
        preset=preset,
        title=title,
        author=author,
        source_type=source_type,
        actions=tuple(action or ()),
        ai_training=ai_training,
        ai_constraint=ai_constraint,
        ai_model=ai_model,
        metadata=metadata,
        drop_location=drop_location,
        thumbnail=signing.pixels(thumbnail, usual=space.settings.signing.thumbnail),
        assertions=tuple(_assertion(path) for path in assertion or ()),
        parent=parent,
        ingredients=tuple(ingredient or ()),
        carrier=Carrier.SIDECAR if sidecar else Carrier.REMOTE if remote else Carrier.EMBEDDED,
        remote_url=remote,
        timestamp=timestamp,
        publisher=publisher,
        publisher_roles=signing.roles(publisher, publisher_role),
        soft_binding=soft_binding,
        allow_broken_source=allow_broken_source,
        online=online,
    )
    wishes = Wishes(
        output=output, in_place=in_place, force=force, as_json=as_json or form is RowFormat.JSON, quiet=quiet
    )
    if alone(files) and not (name or dry_run or form is RowFormat.JSONL):
        _one(space, Path(files[0]), options, signing.opened(space, identity=identity, key=key, chain=chain), wishes)
        return
    who = Who(identity=identity, key=key, chain=str(chain) if chain else None)
    task = Signing(options=options, who=who, overwrite=force or in_place, rehearse=dry_run)
    limits = Limits(engine=engine, workers=workers, deadline=deadline, largest=largest)
    found = wanted(flat=flat, include=include, exclude=exclude, spare=output)
    batch = batch_of(space.settings, files, found, limits)
    goal = wishes.goal(files, template=name)
    naming = Naming(output=goal, keep_tree=keep_tree, template=name, in_place=in_place, untouched=sidecar)
    _many(space, batch, Signatures(space, batch, task, naming, resume=resume), form or RowFormat.TEXT, wishes)


def _one(space: Workspace, path: Path, options: SigningOptions, signer: Signer, wishes: Wishes) -> None:
    wishes.require_folder([path])

    def work(path: Path) -> Signed:
        target = path if wishes.in_place else wishes.output
        return space.sign(path, target, options=options, signer=signer, overwrite=wishes.force or wishes.in_place)

    each(space, [path], work, wishes=wishes, address=options.remote_url)


def _many(space: Workspace, batch: Batch, signatures: Signatures, form: RowFormat, wishes: Wishes) -> None:
    """Sign many files, tell of each, and sum up. Raises `BatchError` when something failed."""
    quiet = wishes.quiet
    with stopping(batch.stop), meter(batch.names, batch.wanted, quiet=quiet) as shown:
        brief = shown.shown and sys.stdout.isatty()
        rows = Rows(space, RowFormat.JSON if wishes.as_json else form, quiet=quiet, dry=signatures.dry, brief=brief)
        for outcome in signatures:
            rows.add(outcome, address=signatures.address)
            shown.advance(outcome)
    if signatures.note and not quiet:
        common.remark(signatures.note)
    stopped = batch.stop.is_set()
    failed = rows.end(passed_over=signatures.finder.passed_over, stopped=stopped)
    if stopped:
        raise typer.Exit(STOPPED)
    if failed is not None:
        raise failed


def _assertion(path: Path) -> Assertion:
    import json

    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        label, data = found["label"], found["data"]
    except OSError as error:
        raise InvalidClaim(f"the assertion cannot be read: {error.strerror}", path=path) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidClaim(
            "is not an assertion", path=path, hint='it looks like {"label": "org.example.note", "data": {…}}'
        ) from error
    if not isinstance(label, str) or not isinstance(data, dict):
        raise InvalidClaim("an assertion has a text as label and an object as data", path=path)
    origin = Origin.CREATED if found.get("created") is True else Origin.GATHERED
    return Assertion(label=label, data=data, origin=origin)
