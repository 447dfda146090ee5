"""`provenance timestamp` and `provenance refresh`: add to what was signed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli import common
from provenance.cli.common import AsJson, Files, Force, Quiet
from provenance.cli.outputs import Wishes, each
from provenance.cli.signing import InPlace, Output

if TYPE_CHECKING:
    from collections.abc import Callable

    from provenance.model.manifest import Signed
    from provenance.workspace import Workspace

Identity = Annotated[str | None, typer.Option("--identity", help="Who signs the addition.", metavar="NAME")]


def timestamp(
    files: Files,
    output: Output = None,
    in_place: InPlace = False,
    identity: Identity = None,
    force: Force = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Add a trusted time to signed files: photo.jpg becomes photo.stamped.jpg.

    For what was signed offline. The authorities of the settings are asked in their order; an update manifest keeps
    their answers, and content and history stay as they are.
    """
    wishes = Wishes(output=output, in_place=in_place, force=force, as_json=as_json, quiet=quiet)
    space = common.workspace()
    _each(space, space.timestamp, files, identity=identity, wishes=wishes)


def refresh(
    files: Files,
    output: Output = None,
    in_place: InPlace = False,
    identity: Identity = None,
    force: Force = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Add what authorities say now of the certificates' revocation: photo.jpg becomes photo.refreshed.jpg.

    Asks the responders that the certificates name, over the network. Whoever verifies offline later can tell that the
    certificate was good when it was used.
    """
    wishes = Wishes(output=output, in_place=in_place, force=force, as_json=as_json, quiet=quiet)
    space = common.workspace()
    _each(space, space.refresh, files, identity=identity, wishes=wishes)


def _each(
    space: Workspace, add: Callable[..., Signed], files: list[Path], *, identity: str | None, wishes: Wishes
) -> None:
    wishes.require_folder(files)
    signer = space.signer(identity)

    def work(path: Path) -> Signed:
        target = path if wishes.in_place else wishes.output
        return add(path, target, signer=signer, overwrite=wishes.force or wishes.in_place)

    each(space, files, work, wishes=wishes)
