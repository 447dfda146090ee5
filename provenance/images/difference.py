"""What changed between two pictures? The way in; what it takes is loaded when it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.errors import UnsupportedMedia

if TYPE_CHECKING:
    from provenance.model.pictures import PictureDifference


def compare(newer: bytes, older: bytes, *, older_is_thumbnail: bool = False) -> PictureDifference:
    """Align two pictures and find what differs between them.

    Storing again, scaling, cropping, mirroring and turning are no changes, nor is what was done to the tones of all of
    the picture: that is in the notes. Works on copies of at most a megapixel or so; the answer is in pixels of the
    pictures as given, upright. `older_is_thumbnail` is for the notes only. Raises UnreadableMedia for broken pictures,
    and UnsupportedMedia for what cannot be decoded here, and without the extra `compare`.
    """
    try:
        from provenance.images.comparing import compared  # noqa: PLC0415 -- brings in numpy, an extra
    except ImportError as error:
        if (error.name or "").startswith("provenance"):
            raise
        raise UnsupportedMedia(
            f"comparing pictures needs a library that is not installed ({error.name})",
            hint='pip install "media-provenance[compare]"',
        ) from error
    return compared(newer, older, older_is_thumbnail=older_is_thumbnail)
