"""`provenance extract`, `attach` and `strip`: the manifest apart from its file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from provenance.cli import common
from provenance.cli.common import Force, OneFile
from provenance.errors import ManifestError

Output = Annotated[
    Path | None, typer.Option("-o", "--output", help="Where to write.", metavar="FILE", show_default=False)
]


def extract(file: OneFile, output: Output = None, force: Force = False) -> None:
    """Write the manifest of a file to a sidecar (photo.jpg.c2pa), as it is; the file stays as it is."""
    target = output or file.with_name(f"{file.name}.c2pa")
    found = common.workspace().extract(file, target, overwrite=force)
    count = len(found.store.manifests) if found.store else 0
    common.show(f"{target}: {count} manifest{'s' if count != 1 else ''}")


def attach(
    file: OneFile,
    sidecar: Annotated[
        Path | None,
        typer.Argument(help="The sidecar; by default the one beside the file.", show_default=False),
    ] = None,
    output: Output = None,
    force: Force = False,
) -> None:
    """Put the manifest of a sidecar into a copy of its file, where it still matches."""
    from provenance.manifests.locate import sidecars

    beside = sidecar or next((path for path in sidecars(file) if path.is_file()), None)
    if beside is None:
        raise ManifestError("has no sidecar beside it", path=file, hint="name the sidecar after the file")
    target = output or file.with_name(f"{file.stem}.signed{file.suffix}")
    common.workspace().attach(file, beside, target, overwrite=force)
    common.show(f"{target}: carries the manifest of {beside.name}")


def strip(
    file: OneFile,
    output: Output = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Replace the file itself.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    force: Force = False,
) -> None:
    """Write a copy of a file without its credentials; says what is lost, and asks."""
    from provenance.history import trace
    from provenance.reports import to_terminal, to_tree

    space = common.workspace()
    verdict = space.verify(file)
    store = verdict.inspection.store
    target = file if in_place else output or file.with_name(f"{file.stem}.stripped{file.suffix}")
    common.show(f"{target} will lose:")
    common.show(to_tree.history(verdict, trace(store)) if store else to_terminal.verdict(verdict))
    if not common.agreed("Go on? `provenance extract` keeps a copy.", yes=yes):
        raise ManifestError("nothing was removed", path=file, hint="say yes, or give --yes")
    space.strip(file, target, overwrite=force or in_place)
    common.show(f"{target}: no embedded credentials")
