"""What a file looks like from outside: its type, and how many pixels it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from provenance.claims import Form
from provenance.metadata.dimensions import shown
from provenance.metadata.read import WITHIN
from provenance.storage.sources import IN_MEMORY

if TYPE_CHECKING:
    from provenance.storage import Source

_PLAIN: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/tiff"})
"""Pictures whose size stands plainly in their headers."""
_BOXED: Final = frozenset({"image/avif", "image/heic", "image/heif"})
"""Pictures whose size their decoders find; nothing is decoded."""


def form_of(source: Source, media_type: str) -> Form:
    """See a file from outside; a very large one is looked at near its beginning only."""
    size = None
    if media_type in _PLAIN:
        size = shown(source.head(WITHIN), media_type)
    elif media_type in _BOXED and source.size <= IN_MEMORY:
        from provenance.images.opening import shown_size  # noqa: PLC0415 -- brings in Pillow

        size = shown_size(source.read())
    return Form(media_type=media_type, size=size)
