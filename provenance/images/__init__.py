"""Small pictures of media files."""

from __future__ import annotations

from provenance.images.thumbnails import make_thumbnail

__all__ = ["make_thumbnail"]
