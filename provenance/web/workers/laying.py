"""What a worker does with two small pictures that a report holds: it lays one over the other."""

from __future__ import annotations

from provenance.errors import MediaError
from provenance.model.media import Thumbnail
from provenance.web.workers.opening import opened
from provenance.web.workers.orders import Laid


def lay(parcel: bytes, newer: bytes, older: bytes) -> Laid:
    """Compare a file's picture with one of its history's, a thumbnail; both were made here, from pixels."""
    opened(parcel)
    from provenance.images.difference import compare  # noqa: PLC0415 -- brings in numpy
    from provenance.images.laying import laid  # noqa: PLC0415 -- as the next
    from provenance.reports.seen import facts  # noqa: PLC0415 -- only for this

    try:
        found = compare(newer, older, older_is_thumbnail=True)
    except MediaError as error:
        return Laid(why_not=error.message)
    return Laid(
        why_not=found.why_not,
        facts=facts(found),
        older=laid(older, found.alignment, size=found.size) if found.alignment else None,
        difference=Thumbnail(media_type="image/png", data=found.heat_map) if found.heat_map else None,
    )
