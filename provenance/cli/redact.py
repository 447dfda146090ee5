"""`provenance redact`: take statements out of a history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from provenance.claims import RedactionOptions
from provenance.cli import common
from provenance.cli.common import AsJson, Force, OneFile, Online, Quiet
from provenance.cli.outputs import Wishes
from provenance.cli.signing import Output, Time
from provenance.errors import LeftBehind, OutputError
from provenance.model.redaction import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provenance.workspace import Workspace
    from provenance.workspace.redacting.planning import Plan


def redact(
    file: OneFile,
    field: Annotated[
        list[str] | None,
        typer.Option("--field", help="What goes: gps,author,serial …", metavar="NAME[,NAME]"),
    ] = None,
    assertion: Annotated[
        list[str] | None, typer.Option("--assertion", help="An assertion that goes whole.", metavar="LABEL")
    ] = None,
    manifest: Annotated[
        list[str] | None,
        typer.Option("--manifest", help="Only from this manifest: its label or title.", metavar="NAME"),
    ] = None,
    reason: Annotated[
        Reason, typer.Option("--reason", help="Published with the redaction; pii is checked most strictly.")
    ] = Reason.PII,
    erase: Annotated[
        bool, typer.Option("--erase", help="Remove it from the file's own EXIF, IPTC and XMP too.")
    ] = False,
    keep_rest: Annotated[
        bool, typer.Option("--keep-rest", help="State again what else stood in metadata that goes.")
    ] = False,
    leave: Annotated[
        list[str] | None,
        typer.Option("--leave", help="Accept that it stays in: exif,title,action …", metavar="NAME[,NAME]"),
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="Title in the new manifest.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go and stay; write nothing.")] = False,
    output: Output = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Replace the source itself; asks.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    identity: Annotated[str | None, typer.Option("--identity", help="Who signs the redaction.", metavar="NAME")] = None,
    timestamp: Time = None,
    online: Online = False,
    force: Force = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Take statements out of a file's history: photo.jpg becomes photo.redacted.jpg.

    Says what goes, signs that it went and why, and looks whether the same is told elsewhere: in the file's own
    metadata, in other statements, in thumbnails, among its bytes. Whatever is left is refused (exit code 6), unless
    --leave accepts it.

    \b
    fields   gps place author owner serial device software captured title
             caption keywords credit rights ids thumbnail
    """  # noqa: D301 -- the mark keeps these lines apart in the help
    if in_place and output:
        raise typer.BadParameter("choose one of --in-place and --output")
    options = RedactionOptions(
        fields=_names(field),
        assertions=tuple(assertion or ()),
        manifests=tuple(manifest or ()),
        reason=reason,
        erase=erase,
        keep_rest=keep_rest,
        leave=_names(leave),
        title=title,
        timestamp=timestamp,
        online=online,
    )
    from provenance.cli import redact_shown
    from provenance.workspace.redacting import planning

    space = common.workspace()
    planned = planning.plan(space, file, options)
    if not (as_json or quiet):
        common.show(*redact_shown.going(planned.forecast))
    if dry_run:
        _foretell(planned, as_json=as_json, quiet=quiet)
        return
    if in_place and not common.agreed(f"{file} itself loses this. Go on?", yes=yes):
        raise OutputError("nothing was redacted", path=file, hint="say yes, give --yes, or leave off --in-place")
    wishes = Wishes(
        output=str(file) if in_place else output, in_place=in_place, force=force, as_json=as_json, quiet=quiet
    )
    _carry_out(space, planned, identity, wishes)


def _carry_out(space: Workspace, planned: Plan, identity: str | None, wishes: Wishes) -> None:
    from provenance.cli import redact_shown
    from provenance.workspace.redacting import signing

    name, options = planned.given.name, planned.options
    try:
        done = signing.redact(space, planned, wishes.output, signer=identity, overwrite=wishes.force or wishes.in_place)
    except LeftBehind as error:
        if wishes.as_json:
            common.write_json(redact_shown.refused(name, error.leaks, options))
        elif not wishes.quiet:
            common.show(*redact_shown.left(error.leaks, options))
        names = ",".join(dict.fromkeys(item.hiding for item in error.leaks))
        raise LeftBehind(
            "nothing was written: what should go would be left behind", path=name, hint=f"--leave {names} accepts it"
        ) from error
    if wishes.as_json:
        common.write_json(redact_shown.done(name, done, options))
    elif not wishes.quiet:
        common.show(*redact_shown.shown(done, options))
    for note in done.signed.notes:
        common.warn(f"{name}: {note}")


def _foretell(planned: Plan, *, as_json: bool, quiet: bool) -> None:
    from provenance.cli import redact_shown

    if as_json:
        common.write_json(redact_shown.foretold(planned.given.name, planned.forecast, planned.options))
    elif not quiet:
        common.show(*redact_shown.outlook(planned.forecast, planned.options))
        for note in planned.forecast.notes:
            common.warn(f"{planned.given.name}: {note}")


def _names(given: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(name for item in given or () for name in item.split(",") if name)
