"""`provenance recover`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli import common
from provenance.cli.common import AsJson, Force, OneFile, Quiet, Trust, TrustLists
from provenance.cli.signing import Identity
from provenance.errors import ManifestError
from provenance.model.recovery import Standing
from provenance.model.verdict import Decision
from provenance.reports.escape import visible

if TYPE_CHECKING:
    from provenance.model.recovery import Candidate, Recovery
    from provenance.workspace import Workspace

_NOTHING, _OPEN = 1, 3
"""Exit codes: nothing was found; what was found could not be confirmed."""


def recover(
    file: OneFile,
    most: Annotated[int, typer.Option("--most", help="Compare so many candidates.", min=1, max=50)] = 5,
    resolver: Annotated[
        list[str] | None,
        typer.Option("--resolver", help="Ask there too (default: those of the settings).", metavar="URL"),
    ] = None,
    send_file: Annotated[
        bool, typer.Option("--send-file", help="Send resolvers the file, and not its fingerprint alone.")
    ] = False,
    reattach: Annotated[
        bool, typer.Option("--reattach", help="Write the file with its history: the original's, signed anew.")
    ] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Where that goes.", metavar="FILE")] = None,
    identity: Identity = None,
    force: Force = False,
    trust: Trust = None,
    trust_list: TrustLists = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Find credentials that were taken off a file again, in the catalogue: by its bytes, or by what it shows.

    Resolvers (Soft Binding Resolution API) are asked over the network where the catalogue is not sure, or is none.

    Exits 0 when it is a file, or very likely a picture, of the catalogue, or very likely the picture of a manifest
    that a resolver has and that is not rejected; 3 when that could not be confirmed, 1 when nothing was found. What is
    found is the original's, and no signature of this file.
    """
    space = common.workspace(trust, lists=trust_list)
    resolvers = resolver or space.settings.catalogue.resolvers
    if send_file and not resolvers:
        raise typer.BadParameter("--send-file needs somebody to send it to: --resolver")
    found = space.recover(file, most=most, resolvers=resolvers, send_file=send_file)
    if as_json:
        from provenance.reports import recovery_form

        generator = f"{space.generator.name} {space.generator.version}"
        common.write(recovery_form.text(recovery_form.document(found, generator=generator)))
    elif not quiet:
        from provenance.reports.to_recovery import recovery

        common.show(recovery(found))
    if reattach:
        _reattach(space, file, found, output, identity=identity, force=force)
    raise typer.Exit(0 if any(map(_is_sure, found.found)) else _OPEN if found.found else _NOTHING)


def _is_sure(item: Candidate) -> bool:
    """Whoever enters records is known; a resolver's manifest must stand by itself."""
    stands = item.record is not None or (item.verdict is not None and item.verdict.decision is not Decision.REJECTED)
    return stands and item.standing in {Standing.IDENTICAL, Standing.CONFIRMED}


def _reattach(
    space: Workspace, file: Path, found: Recovery, output: Path | None, *, identity: str | None, force: bool
) -> None:
    """Write the file with the history of the surest candidate. Raises `ManifestError` where there is none."""
    if not found.found:
        raise ManifestError("nothing was found that could be put back", path=file)
    done = space.reattach(file, found.found[0], output, signer=identity, overwrite=force)
    what = "its own manifest, put back" if done.signed is None else "with the original as its parent, signed by you"
    common.remark(f"{visible(str(done.path))}: {what}")
