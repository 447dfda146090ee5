"""`provenance derive`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.claims import DerivingOptions
from provenance.cli import common, signing
from provenance.cli.common import AsJson, Force, Online, Quiet
from provenance.cli.outputs import Wishes, each
from provenance.cli.signing import (
    Author,
    Chain,
    Identity,
    Key,
    Metadata,
    Output,
    Publisher,
    PublisherRole,
    Sidecar,
    Time,
    Title,
)
from provenance.model.claim import Carrier

if TYPE_CHECKING:
    from provenance.model.manifest import Signed

_TOLD_ELSEWHERE = frozenset({"c2pa.opened", "c2pa.redacted"})


def derive(
    master: Annotated[Path, typer.Argument(help="The signed file that they were made from.", show_default=False)],
    rendition: Annotated[list[Path], typer.Option("--rendition", help="A file that was made of it.", metavar="FILE")],
    output: Output = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Replace the renditions themselves.")] = False,
    action: Annotated[
        list[str] | None,
        typer.Option("--action", help="What else was done: cropped, NAME:key=value,…", metavar="NAME"),
    ] = None,
    identity: Identity = None,
    key: Key = None,
    chain: Chain = None,
    timestamp: Time = None,
    publisher: Publisher = None,
    publisher_role: PublisherRole = None,
    title: Title = None,
    author: Author = None,
    metadata: Metadata = None,
    thumbnail: Annotated[
        str, typer.Option("--thumbnail", help="Longer edge in pixels, or none.", metavar="SIZE|none")
    ] = "none",
    drop_thumbnails: Annotated[
        bool, typer.Option("--drop-thumbnails", help="Redact those in the master's history: smaller credentials.")
    ] = False,
    sidecar: Sidecar = False,
    online: Online = False,
    force: Force = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Sign what other tools have made of a signed file: web.jpg becomes web.signed.jpg.

    Each rendition gets the master as its parent. What was done is found by comparing media types and sizes: resized,
    transcoded. A rendition of another shape takes --action cropped, or whatever was done.
    """
    signing.require_whole(identity=identity, key=key, chain=chain)
    options = DerivingOptions(
        actions=tuple(action or ()),
        title=title,
        author=author,
        metadata=metadata,
        thumbnail=signing.pixels(thumbnail, usual=None),
        drop_thumbnails=drop_thumbnails,
        carrier=Carrier.SIDECAR if sidecar else Carrier.EMBEDDED,
        timestamp=timestamp,
        publisher=publisher,
        publisher_roles=signing.roles(publisher, publisher_role),
        online=online,
    )
    wishes = Wishes(output=output, in_place=in_place, force=force, as_json=as_json, quiet=quiet)
    wishes.require_folder(rendition)
    space = common.workspace()
    signer = signing.opened(space, identity=identity, key=key, chain=chain)
    origin = space.master(master, online=online)

    def work(path: Path) -> Signed:
        target = path if in_place else output
        return space.derive(origin, path, target, options=options, signer=signer, overwrite=force or in_place)

    each(space, rendition, work, wishes=wishes, told=_steps)


def _steps(signed: Signed) -> str:
    """Tell what the new manifest states of what was done, most of which nobody has typed."""
    from provenance.reports.escape import visible

    actions = [item for item in signed.store.active_manifest.actions if item.name not in _TOLD_ELSEWHERE]
    named = ((item.name.removeprefix("c2pa."), item.description) for item in actions)
    return "  " + ", ".join(visible(f"{name} {description or ''}".rstrip()) for name, description in named)
