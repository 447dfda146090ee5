"""Pictures of the page: raster ones that were made here, within a limit."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from provenance.reports.to_html import labels
from provenance.reports.to_html.markup import Markup, element
from provenance.reports.to_html.parts import phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.model.media import Thumbnail

LIMIT: Final = 24_000_000
"""Bytes of all pictures together, as they stand in the page."""
_RASTER = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
"""What `images` writes, by the first bytes: a picture that says one thing and is another is not shown."""


def is_raster(picture: Thumbnail) -> bool:
    """Say whether a picture is what it says, and one of those that `images` writes."""
    start = _RASTER.get(picture.media_type)
    return start is not None and picture.data.startswith(start)


class Pictures:
    """The pictures of one page, counted."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._left = limit
        self._left_off = 0

    def show(self, picture: Thumbnail | None, alt: str) -> Markup | None:
        """Write a picture into the page; None for what is not one, and for what goes over the limit."""
        if picture is None or not self._takes(picture):
            return None
        data = base64.b64encode(picture.data).decode()
        return element("img", src=Markup(f"data:{picture.media_type};base64,{data}"), alt=alt)

    def within(self, pictures: Mapping[str, Thumbnail]) -> dict[str, Thumbnail]:
        """Return those that may be written into the page by somebody else."""
        return {name: picture for name, picture in pictures.items() if self._takes(picture)}

    def _takes(self, picture: Thumbnail) -> bool:
        if not is_raster(picture):
            return False
        size = 4 * (len(picture.data) + 2) // 3
        if size > self._left:
            self._left_off += 1
            return False
        self._left -= size
        return True

    @property
    def note(self) -> Markup | None:
        """Say how many were left off, if any were."""
        if not self._left_off:
            return None
        label = labels.PICTURES_LEFT_OFF[self._left_off == 1]
        said = phrase(label, count=self._left_off, limit=self._limit // 1_000_000)
        return element("p", said, class_="note")
