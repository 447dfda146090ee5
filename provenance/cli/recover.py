"""`provenance recover`."""

from __future__ import annotations

from typing import Annotated

import typer

from provenance.cli import common
from provenance.cli.common import AsJson, OneFile, Quiet, Trust, TrustLists
from provenance.model.recovery import Standing

_NOTHING, _OPEN = 1, 3
"""Exit codes: nothing was found; what was found could not be confirmed."""


def recover(
    file: OneFile,
    most: Annotated[int, typer.Option("--most", help="Compare so many candidates.", min=1, max=50)] = 5,
    trust: Trust = None,
    trust_list: TrustLists = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Find credentials that were taken off a file again, in the catalogue: by its bytes, or by what it shows.

    Exits 0 when it is a file, or very likely a picture, of the catalogue; 3 when that could not be confirmed, 1 when
    nothing was found. What is found is the original's, and no signature of this file.
    """
    space = common.workspace(trust, lists=trust_list)
    found = space.recover(file, most=most)
    if as_json:
        from provenance.reports import recovery_form

        generator = f"{space.generator.name} {space.generator.version}"
        common.write(recovery_form.text(recovery_form.document(found, generator=generator)))
    elif not quiet:
        from provenance.reports.to_recovery import recovery

        common.show(recovery(found))
    sure = any(item.standing in {Standing.IDENTICAL, Standing.CONFIRMED} for item in found.found)
    raise typer.Exit(0 if sure else _OPEN if found.found else _NOTHING)
