"""`provenance compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli import common
from provenance.cli.common import AsJson, Force, OneFile, Online, Trust, TrustLists

if TYPE_CHECKING:
    from provenance.workspace.comparing import Compared


def compare(
    file: OneFile,
    other: Annotated[
        Path | None,
        typer.Argument(help="The file to compare it with; without one, its own thumbnails.", show_default=False),
    ] = None,
    heat_map: Annotated[
        Path | None,
        typer.Option("--heat-map", help="Write a picture of what changed (PNG).", metavar="FILE", show_default=False),
    ] = None,
    against_thumbnail: Annotated[
        bool,
        typer.Option("--against-thumbnail", help="Compare A with the thumbnails in its own history too."),
    ] = False,
    trust: Trust = None,
    online: Online = False,
    as_json: AsJson = False,
    force: Force = False,
    trust_list: TrustLists = None,
) -> None:
    """Compare two files A and B: are they from one origin, what did each do since, and what changed in the picture?

    Exits 0 whenever it could be compared, whatever was found; 5 for a file that cannot be read.
    """
    from provenance.workspace import comparing

    space = common.workspace(trust, lists=trust_list)
    if other is None:
        found = comparing.compare_alone(space, file, online=online)
    else:
        found = comparing.compare(space, file, other, online=online, thumbnails=against_thumbnail)
    if heat_map is not None:
        _draw(found, heat_map, force=force)
    names = [str(item) for item in (file, other) if item is not None]
    if as_json:
        from provenance.reports import comparison_form

        generator = f"{space.generator.name} {space.generator.version}"
        document = comparison_form.document(found.comparison, found.looked, names=names, generator=generator)
        common.write(comparison_form.text(document))
        return
    from provenance.reports.to_comparison import comparison

    common.show(comparison(found.comparison, found.looked, names=names))


def _draw(found: Compared, target: Path, *, force: bool) -> None:
    """Write the heat map of the first pair of pictures that could be compared; say so where there is none."""
    drawn = (item.difference.heat_map for item in found.looked if item.difference is not None)
    data = next((item for item in drawn if item is not None), None)
    if data is None:
        common.warn(f"{target} was not written: no pictures could be compared")
        return
    from provenance.storage.outputs import publish

    publish(data, target, overwrite=force)
