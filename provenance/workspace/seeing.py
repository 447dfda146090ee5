"""Look at a picture for all that it is found again by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance import signing

if TYPE_CHECKING:
    from provenance.manifests.formats import Format
    from provenance.signing import Sight
    from provenance.storage import Source
    from provenance.workspace.opened import Opened


def see(space: Opened, asset: Source, media: Format, *, thumbnail: int | None = None, wanted: bool = True) -> Sight:
    """Make a thumbnail (longer edge in pixels) and, where `wanted`, the soft bindings of a picture.

    Raises `SettingsError` where two plug-ins read the same watermark.
    """
    watermarks = space.watermarks if wanted else None
    return signing.see(asset, media, thumbnail=thumbnail, fingerprints=wanted, watermarks=watermarks)


def seek(space: Opened, asset: Source, media: Format) -> Sight:
    """Make what a picture is looked up by in the catalogue, if there is one, and elsewhere. Raises as `see` does."""
    return signing.seek(asset, media, watermarks=space.watermarks if space.keeps_catalogue else None)
