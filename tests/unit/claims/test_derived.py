"""What follows from two types and two sizes."""

from __future__ import annotations

import pytest

from provenance.claims import Form, Preset, steps
from provenance.claims.derived import DerivingOptions
from provenance.claims.options import SigningOptions
from provenance.errors import InvalidClaim

JPEG, WEBP, MP4 = "image/jpeg", "image/webp", "video/mp4"


def form(media_type, *size):
    return Form(media_type=media_type, size=size or None)


def names(found):
    return [item.partition(":")[0] for item in found]


MASTER = form(JPEG, 4000, 3000)
FOUND = {
    "smaller": (MASTER, form(JPEG, 1000, 750), ["resized.proportional"]),
    "smaller and of another type": (MASTER, form(WEBP, 1000, 750), ["resized.proportional", "transcoded"]),
    "of another type": (MASTER, form(WEBP, 4000, 3000), ["transcoded"]),
    "the same but for its bytes": (MASTER, form(JPEG, 4000, 3000), ["transcoded"]),
    "larger": (MASTER, form(JPEG, 8000, 6000), ["resized.proportional"]),
    "upright": (form(JPEG, 3000, 4000), form(JPEG, 750, 1000), ["resized.proportional"]),
    "square": (form(JPEG, 3000, 3000), form(JPEG, 64, 64), ["resized.proportional"]),
    "rounded up": (form(JPEG, 4000, 2999), form(JPEG, 1000, 750), ["resized.proportional"]),
    "rounded down": (form(JPEG, 4000, 2999), form(JPEG, 1000, 749), ["resized.proportional"]),
    "by its shorter edge": (form(JPEG, 3999, 1000), form(JPEG, 800, 200), ["resized.proportional"]),
    "no size of its own": (MASTER, form(JPEG), ["transcoded"]),
    "no size of the master": (form("image/avif"), form(WEBP, 1000, 100), ["transcoded"]),
    "a film": (form("video/quicktime"), form(MP4), ["transcoded"]),
    "a film of the same type": (form(MP4), form(MP4), ["transcoded"]),
    "a sound": (form("audio/wav"), form("audio/mpeg"), ["transcoded"]),
}


@pytest.mark.parametrize(("master", "rendition", "expected"), FOUND.values(), ids=FOUND)
def test_what_types_and_sizes_tell(master, rendition, expected):
    assert names(steps(master, rendition)) == expected


@pytest.mark.parametrize(
    ("rendition", "told"),
    [
        (form(JPEG, 1000, 750), "from 4000 × 3000 to 1000 × 750 pixels"),
        (form(JPEG, 8000, 6000), "enlarged from 4000 × 3000 to 8000 × 6000 pixels"),
        (form(WEBP, 4000, 3000), "from image/jpeg to image/webp"),
    ],
)
def test_each_step_says_from_what_to_what(rendition, told):
    (step,) = steps(MASTER, rendition)
    assert step.partition(":description=")[2] == told


OPEN = {
    "another shape": (MASTER, form(JPEG, 1000, 1000), "another shape"),
    "two pixels off": (MASTER, form(JPEG, 1000, 752), "another shape"),
    "turned": (MASTER, form(JPEG, 750, 1000), "another shape"),
    "nearly square, turned": (form(JPEG, 1000, 990), form(JPEG, 990, 1000), "another shape"),
    "a frame of a film": (form(MP4), form(JPEG, 100, 100), "is a picture, and its master is a film"),
    "the sound of a film": (form(MP4), form("audio/mp4"), "is a sound, and its master is a film"),
    "a drawing rendered": (form("image/svg+xml"), form(JPEG, 100, 100), "its master is a drawing"),
    "a raw picture developed": (form("image/dng"), form(JPEG, 100, 100), "its master is a raw picture"),
    "a page of a document": (form("application/pdf"), form(JPEG, 100, 100), "its master is application/pdf"),
}


@pytest.mark.parametrize(("master", "rendition", "why"), OPEN.values(), ids=OPEN)
def test_what_they_leave_open_is_for_the_user_to_say(master, rendition, why):
    with pytest.raises(InvalidClaim, match=why) as raised:
        steps(master, rendition)
    assert "--action" in raised.value.hint
    assert names(steps(master, rendition, said=("edited",)))[0] == "edited"


SAID = {
    "cropped to another shape": (form(JPEG, 1000, 1000), ("cropped",), ["cropped"]),
    "and of another type": (form(WEBP, 1000, 1000), ("cropped",), ["cropped", "transcoded"]),
    # Whether what was cropped to the same shape was resized besides is not seen.
    "cropped to the same shape": (form(JPEG, 1000, 750), ("c2pa.cropped",), ["c2pa.cropped"]),
    "resized by the user's word": (form(JPEG, 1000, 750), ("resized",), ["resized"]),
    "in addition": (form(WEBP, 1000, 750), ("addedText",), ["addedText", "resized.proportional", "transcoded"]),
    "the same step twice": (form(WEBP, 4000, 3000), ("transcoded",), ["transcoded"]),
    # Other bytes are explained by what was said: nothing else was seen.
    "nothing else is seen": (form(JPEG, 4000, 3000), ("edited.metadata",), ["edited.metadata"]),
}


@pytest.mark.parametrize(("rendition", "said", "expected"), SAID.values(), ids=SAID)
def test_what_the_user_says_goes_first(rendition, said, expected):
    assert names(steps(MASTER, rendition, said=said)) == expected


def test_a_rendition_is_signed_as_an_edit_without_a_thumbnail():
    assert DerivingOptions().signing(("transcoded",)) == SigningOptions(
        preset=Preset.EDIT, actions=("transcoded",), thumbnail=None
    )
