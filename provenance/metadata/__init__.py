"""Read EXIF, IPTC and XMP, and remove a location from them.

* `read(data, media_type)` returns a `Metadata`.
* `has_location(data, media_type)` and `drop_location(data, media_type)` find and remove coordinates.

The containers are walked here, within bounds and without decoding pictures; XML is left to lxml, which is
imported on first use.
"""

from __future__ import annotations

from provenance.metadata.location import drop_location, has_location
from provenance.metadata.read import read

__all__ = ["drop_location", "has_location", "read"]
