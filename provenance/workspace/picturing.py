"""Pictures for reports: a file as it is now, and the thumbnails in its credentials, made again from their pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from provenance.images import make_thumbnail
from provenance.images.opening import open_picture
from provenance.storage import open_source
from provenance.storage.sources import IN_MEMORY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.model.media import Thumbnail
    from provenance.reports.result import Result
    from provenance.storage import Readable

PICTURE: Final = 512
"""Pixels of the longer side."""
THUMBNAIL: Final = 224
THUMBNAILS: Final = 40
"""Thumbnails of one file that are decoded."""
LARGEST: Final = 4_000_000
"""Pixels of a thumbnail in a file: the standard advises a quarter of that, and a few bytes can claim a thousandfold."""
TOGETHER: Final = 2_000_000
"""Bytes of all thumbnails of one file, as they are shown."""


def pictured(result: Result, source: Readable) -> Result:
    """Add the file itself made small, and the thumbnails of a verdict that was made with `Keep.THUMBNAILS`.

    What cannot be decoded as a raster image is left out, whatever it says it is, and so is what goes over the limits.
    The thumbnails as they stand in the file are let go. Raises `UnreadableMedia` when the file went away.
    """
    if result.verdict is None:
        return result
    found = result.verdict.inspection
    picture = _picture(source, found.media.media_type)
    if found.store is None:
        return replace(result, picture=picture)
    inspection = replace(found, store=replace(found.store, thumbnails={}))
    return replace(
        result,
        verdict=replace(result.verdict, inspection=inspection),
        picture=picture,
        thumbnails=_thumbnails(found.store.thumbnails),
    )


def _picture(source: Readable, media_type: str) -> Thumbnail | None:
    opened = open_source(source)
    if not media_type.startswith("image/") or opened.size > IN_MEMORY:
        return None
    return make_thumbnail(opened.read(), size=PICTURE)


def _thumbnails(found: Mapping[str, bytes]) -> dict[str, Thumbnail]:
    """Make safe thumbnails; one that stands in several manifests is decoded once."""
    made: dict[bytes, Thumbnail | None] = {}
    shown: dict[str, Thumbnail] = {}
    left = TOGETHER
    for uri, data in found.items():
        if data not in made:
            if len(made) == THUMBNAILS:
                break
            made[data] = make_thumbnail(data, size=THUMBNAIL) if _is_bearable(data) else None
        small = made[data]
        if small is None:
            continue
        left -= len(small.data)
        if left < 0:
            break
        shown[uri] = small
    return shown


def _is_bearable(data: bytes) -> bool:
    """Say whether a picture is small enough to be decoded, by its header alone."""
    try:
        with open_picture(data) as image:
            return image.width * image.height <= LARGEST
    except Exception:  # noqa: BLE001 -- decoders raise anything on hostile files
        return False
