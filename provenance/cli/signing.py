"""What the commands that sign share: their options by name, what goes together, and who signs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.claims import MetadataLevel
from provenance.model.claim import Timestamp
from provenance.settings import LARGEST_THUMBNAIL

if TYPE_CHECKING:
    from provenance.model.ports import Signer
    from provenance.workspace import Workspace

Output = Annotated[
    str | None, typer.Option("-o", "--output", help="A file, or a folder (ends with /).", metavar="FILE|DIR")
]
InPlace = Annotated[bool, typer.Option("--in-place", help="Replace the source itself.")]
Identity = Annotated[str | None, typer.Option("--identity", help="Who signs.", metavar="NAME")]
Key = Annotated[str | None, typer.Option("--key", help="Sign with this private key …", metavar="FILE|URI")]
Chain = Annotated[
    Path | None,
    typer.Option("--cert", help="… and its certificates (PEM, leaf first); PKCS#12 brings its own.", metavar="FILE"),
]
Time = Annotated[Timestamp | None, typer.Option("--timestamp", help="Have the time attested (RFC 3161).")]
Publisher = Annotated[
    str | None,
    typer.Option("--publisher-identity", help="Who stands behind it, apart from the signer.", metavar="NAME"),
]
PublisherRole = Annotated[
    list[str] | None,
    typer.Option("--publisher-role", help="Role of that identity: publisher, creator, editor …", metavar="ROLE"),
]
Title = Annotated[str | None, typer.Option("--title", help="Title in the manifest.")]
Author = Annotated[str | None, typer.Option("--author", help="Author in the manifest.")]
Metadata = Annotated[
    MetadataLevel | None,
    typer.Option("--metadata", help="How much of the file's metadata goes into the manifest."),
]
Thumbnail = Annotated[
    str | None, typer.Option("--thumbnail", help="Longer edge in pixels, or none.", metavar="SIZE|none")
]
Sidecar = Annotated[bool, typer.Option("--sidecar", help="Keep the manifest beside the file (photo.jpg.c2pa).")]


def require_whole(*, identity: str | None, key: str | None, chain: Path | None) -> None:
    """Refuse a signer that is named by halves, or twice. Raises `typer.BadParameter`."""
    if chain and not key:
        raise typer.BadParameter("--cert goes with --key")
    if key and identity:
        raise typer.BadParameter("choose one of --identity and --key")


def roles(publisher: str | None, named: list[str] | None) -> tuple[str, ...]:
    """Return the roles of a publisher. Raises `typer.BadParameter` for roles of nobody."""
    if named and not publisher:
        raise typer.BadParameter("--publisher-role goes with --publisher-identity")
    return tuple(named or ("publisher",))


def opened(space: Workspace, *, identity: str | None, key: str | None, chain: Path | None) -> Signer:
    """Open the key that was named, or the identity."""
    return space.signer_at(key, chain) if key else space.signer(identity)


def pixels(wish: str | None, *, usual: int | None) -> int | None:
    """Read the size of a thumbnail; `None` stands for no thumbnail. Raises `typer.BadParameter`."""
    if wish is None:
        return usual or None
    if wish == "none":
        return None
    if not wish.isdecimal() or not 16 <= int(wish) <= LARGEST_THUMBNAIL:
        raise typer.BadParameter(f"--thumbnail takes 16 to {LARGEST_THUMBNAIL} pixels, or none")
    return int(wish)
