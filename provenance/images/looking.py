"""Decode the two pictures of a comparison, and say what is wrong when that cannot be done."""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from provenance.errors import UnreadableMedia, UnsupportedMedia
from provenance.images.opening import is_heif, is_too_large, open_picture, reduced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.images.grids import Size

AREA = 1800 * 1350
"""Pixels beyond which a picture is reduced before it is looked at."""
_GREY = (128, 128, 128)
_PHONES = "MPO"
"""A JPEG with more pictures behind the first, such as depth or brightness: not an animation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A picture as it is compared."""

    picture: Image.Image
    """RGB in sRGB, upright, without transparency, and of `AREA` pixels at most."""
    size: Size
    """Of the picture itself, upright."""
    notes: tuple[str, ...]


def look(data: bytes, *, which: str) -> Looked:
    """Decode a picture; `which` is what it is called in messages, such as "the older picture".

    Raises UnreadableMedia for what is broken, and UnsupportedMedia for what is sound but cannot be decoded here.
    """
    if not data:
        raise UnreadableMedia(f"{which} is empty")
    notes = []
    with _explained(data, which), open_picture(data) as image:
        if is_too_large(image):
            raise _too_large(which)
        if image.format != _PHONES and getattr(image, "is_animated", False):
            notes.append(f"{which} has several frames or pages: the first one is compared")
        if image.mode == "P":
            notes.append(f"{which} has a palette of few colours: differences of shade may come from that")
        factor = min(1.0, math.sqrt(AREA / (image.width * image.height)))
        size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
        small, whole = reduced(image, size, draft=size, gap=2.0)
    if small.mode == "RGBA":
        if small.getchannel("A").getextrema() != (255, 255):
            notes.append(f"{which} is transparent in parts: they are compared as if they lay on grey")
        ground = Image.new("RGB", small.size, _GREY)
        ground.paste(small, mask=small.getchannel("A"))
        small = ground
    return Looked(picture=small, size=whole, notes=tuple(notes))


@contextmanager
def _explained(data: bytes, which: str) -> Iterator[None]:
    """Turn whatever decoders raise into an error that says what to do."""
    try:
        yield
    except UnsupportedMedia:
        raise
    except (Image.DecompressionBombError, MemoryError) as error:
        raise _too_large(which) from error
    except ImportError as error:
        raise UnsupportedMedia(
            f"{which} is HEIC, and what decodes it is not installed", hint='pip install "media-provenance[heic]"'
        ) from error
    except UnidentifiedImageError as error:
        raise UnsupportedMedia(
            f"{which} is not of a kind that can be looked at", hint="pictures are compared, not video, sound or text"
        ) from error
    except Exception as error:  # decoders raise anything on hostile files
        kind = "HEIC" if is_heif(data) else "picture"
        raise UnreadableMedia(
            f"{which} cannot be decoded: it is a broken or cut off {kind}", hint="try to open it in a picture viewer"
        ) from error


def _too_large(which: str) -> UnsupportedMedia:
    return UnsupportedMedia(f"{which} has more pixels than can be decoded safely", hint="compare a smaller copy of it")
