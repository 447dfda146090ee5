"""Small pictures of media files."""

from __future__ import annotations

from provenance.images.thumbnails import encoded, make_small, make_thumbnail, shrink

__all__ = ["encoded", "make_small", "make_thumbnail", "shrink"]
