"""What was seen of two pictures side by side, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.pictures import Alignment, PictureDifference, Region

_REGIONS = 6
_MORE = "the JSON form lists all"


def facts(found: PictureDifference) -> tuple[tuple[str, str], ...]:
    """Tell what was found, each with what it is about; none of it is escaped yet."""
    return tuple(_facts(found))


def _facts(found: PictureDifference) -> Iterator[tuple[str, str]]:
    yield "size", f"{_size(found.older_size)} became {_size(found.size)}"
    if found.alignment is not None:
        yield "it shows", _part(found.alignment, found.older_size)
    if found.resemblance is not None:
        yield "from afar", f"{found.resemblance.whole:.0%} alike"
    if found.changed is not None:
        yield "changed", f"{share(found.changed)} of what can be compared"
    for region in found.regions[:_REGIONS]:
        yield "where", _region(region)
    if len(found.regions) > _REGIONS:
        yield "where", f"{len(found.regions) - _REGIONS} more places: {_MORE}"
    for note in found.notes:
        yield "note", note


def share(value: float) -> str:
    """Write a share of a picture; a little is not nothing."""
    return "less than 0.1%" if 0 < value < 0.001 else f"{value * 100:.3g}%"


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]} × {size[1]} pixels"


def _part(found: Alignment, older: tuple[int, int]) -> str:
    """Say which part of the older picture the newer one shows, and how."""
    shown = min(found.width * found.height / max(older[0] * older[1], 1), 1)
    told = [f"{share(shown)} of the older one, cropped" if found.cropped else "the whole of the older one"]
    told.append(f"at {found.scale:.0%} of its size")
    if found.mirrored:
        told.append("mirrored")
    if found.turned or abs(found.tilt) >= 0.1:
        told.append(f"turned by {found.turned + found.tilt:.3g}°")
    return f"{', '.join(told)} (certainty {found.certainty:.0%})"


def _region(region: Region) -> str:
    return (
        f"{region.width} × {region.height} pixels at {region.left}, {region.top} from the left and the top "
        f"(strength {region.strength:.2f})"
    )
