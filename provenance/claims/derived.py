"""What was done to a master to make a rendition of it, as far as types and sizes tell (C2PA 2.4, actions).

Nobody here saw how it was made. What types and sizes prove is stated; what they leave open is for the user to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from provenance.claims.options import MetadataLevel, Preset, SigningOptions
from provenance.errors import InvalidClaim
from provenance.model.claim import Carrier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.claim import Timestamp

_RESIZED = "resized.proportional"
_TRANSCODED = "transcoded"
_SIZING: Final = frozenset({"cropped", "resized", _RESIZED})
"""Steps that account for another size by themselves: no more is seen of it then."""
_KINDS: Final = {
    "image/svg+xml": "a drawing",
    "image/dng": "a raw picture",
    "image/x-sony-arw": "a raw picture",
    "image/x-nikon-nef": "a raw picture",
    "image": "a picture",
    "video": "a film",
    "audio": "a sound",
}
"""What turns into another of these is not only encoded anew: it is drawn, developed, picked out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a file is, seen from outside."""

    media_type: str
    size: tuple[int, int] | None = None
    """Width and height in pixels as it is shown, orientation applied; `None` where they are not to be had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivingOptions:
    """What a user asks for when signing renditions of a master: plain values that can travel to another process."""

    actions: tuple[str, ...] = ()
    """What was done besides what is found, as in `SigningOptions`."""
    title: str | None = None
    author: str | None = None
    metadata: MetadataLevel | None = None
    thumbnail: int | None = None
    """Longer edge in pixels; `None` for no thumbnail."""
    drop_thumbnails: bool = False
    """Those of the master's history go, by redactions."""
    carrier: Carrier = Carrier.EMBEDDED
    timestamp: Timestamp | None = None
    """`None`: as the settings say."""
    publisher: str | None = None
    publisher_roles: tuple[str, ...] = ("publisher",)
    online: bool = False
    """The remote manifest of the rendition may be fetched."""

    def signing(self, steps: tuple[str, ...]) -> SigningOptions:
        """Return how a rendition is signed that was made by these steps."""
        return SigningOptions(
            preset=Preset.EDIT,
            title=self.title,
            author=self.author,
            actions=steps,
            metadata=self.metadata,
            thumbnail=self.thumbnail,
            drop_thumbnails=self.drop_thumbnails,
            carrier=self.carrier,
            timestamp=self.timestamp,
            publisher=self.publisher,
            publisher_roles=self.publisher_roles,
            online=self.online,
        )


def steps(master: Form, rendition: Form, *, said: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return what was done, in the notation of `SigningOptions.actions`: what the user says, then what is found.

    The bytes of the two are known to differ. Raises `InvalidClaim` where that is open and nobody says it: for another
    shape, and another kind of media.
    """
    found = (*said, *_found(master, rendition, said))
    # With the same type and size, and nothing said, it can only have been encoded anew.
    return found or (_TRANSCODED,)


def _found(master: Form, rendition: Form, said: tuple[str, ...]) -> Iterator[str]:
    named = {wish.partition(":")[0].removeprefix("c2pa.") for wish in said}
    one, other = _kind(master.media_type), _kind(rendition.media_type)
    if one != other:
        if not said:
            raise InvalidClaim(
                f"is {other}, and its master is {one}: how it was made cannot be told from outside",
                hint="say what was done: --action rendered, --action trimmed …",
            )
        return
    sizes = master.size, rendition.size
    if sizes[0] and sizes[1] and sizes[0] != sizes[1] and not named & _SIZING:
        if _same_shape(sizes[0], sizes[1]):
            enlarged = "enlarged " if max(sizes[1]) > max(sizes[0]) else ""
            yield f"{_RESIZED}:description={enlarged}from {_told(sizes[0])} to {_told(sizes[1])} pixels"
        elif not said:
            raise InvalidClaim(
                f"has {_told(sizes[1])} pixels, and its master {_told(sizes[0])}, which is another shape:"
                " sizes do not tell a crop from a distortion",
                hint="say what was done: --action cropped, --action resized, --action orientation …",
            )
    if master.media_type != rendition.media_type and _TRANSCODED not in named:
        yield f"{_TRANSCODED}:description=from {master.media_type} to {rendition.media_type}"


def _kind(media_type: str) -> str:
    return _KINDS.get(media_type) or _KINDS.get(media_type.partition("/")[0]) or media_type


def _same_shape(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Say whether the shorter edge is, within a pixel, what the longer one makes it."""
    along = 0 if one[0] >= one[1] else 1
    across = 1 - along
    return abs(other[across] * one[along] - other[along] * one[across]) <= one[along]


def _told(size: tuple[int, int]) -> str:
    return f"{size[0]} × {size[1]}"
