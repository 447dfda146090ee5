"""Look at two pictures side by side: one that was given, and one that is older, or a thumbnail of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.errors import MediaError
from provenance.model.comparison import Looked
from provenance.storage.sources import IN_MEMORY

if TYPE_CHECKING:
    from provenance.model.verdict import Inspection
    from provenance.storage import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture to compare, or why there is none."""

    name: str
    """What it is, in words."""
    data: bytes | None = field(repr=False)
    why_not: str | None = None


def picture_of(name: str, opened: Source, media_type: str) -> Picture:
    """Read a picture, unless it is none or very large."""
    if not media_type.startswith("image/"):
        return Picture(name=name, data=None, why_not=f"{name} is no picture ({media_type})")
    if opened.size > IN_MEMORY:
        return Picture(name=name, data=None, why_not=f"{name} is larger than what is compared")
    return Picture(name=name, data=opened.read())


def look(newer: Picture, older: Picture, *, is_thumbnail: bool = False, notes: tuple[str, ...] = ()) -> Looked:
    """Compare two pictures; whatever cannot be compared is said. `is_thumbnail` is about the older one."""
    why_not = newer.why_not or older.why_not
    if newer.data is None or older.data is None:
        return Looked(newer=newer.name, older=older.name, difference=None, why_not=why_not, notes=notes)
    from provenance.images.difference import compare  # noqa: PLC0415 -- brings in numpy

    try:
        found = compare(newer.data, older.data, older_is_thumbnail=is_thumbnail)
    except MediaError as error:
        return Looked(newer=newer.name, older=older.name, difference=None, why_not=error.message, notes=notes)
    return Looked(newer=newer.name, older=older.name, difference=found, why_not=found.why_not, notes=notes)


def with_original(given: Source, media_type: str, found: Inspection | None, original: Source | None) -> Looked:
    """Compare a file with its original where that is at hand, else with the thumbnail that its signer has kept.

    `found` is about the original.
    """
    newer = picture_of("this file", given, media_type)
    if original is not None and found is not None:
        return look(newer, picture_of("the original", original, found.media.media_type))
    store = found.store if found else None
    uri = store.active_manifest.thumbnail if store else None
    data = store.thumbnails.get(uri) if store and uri else None
    why_not = None if data else "neither the original nor a thumbnail of it is at hand"
    older = Picture(name="the thumbnail in the original's manifest", data=data, why_not=why_not)
    return look(newer, older, is_thumbnail=True)
