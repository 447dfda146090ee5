"""What the older picture shows is drawn as the newer one shows it."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageOps

from provenance.images.laying import laid
from tests.support.campaign import cases, picked
from tests.unit.images.scenes import SIZE, as_jpeg, scene
from tests.unit.images.test_alignment import aligned

BOX = (120, 80, 480, 360)
WAYS = {
    "as it is": lambda picture: picture,
    "smaller": lambda picture: picture.resize((SIZE[0] // 2, SIZE[1] // 2), Image.Resampling.LANCZOS),
    "cropped": lambda picture: picture.crop(BOX),
    "mirrored": ImageOps.mirror,
    "turned": lambda picture: picture.rotate(-90, expand=True),
    "upside down": lambda picture: picture.rotate(180),
    "mirrored, then turned": lambda picture: ImageOps.mirror(picture).rotate(-90, expand=True),
    "cropped, then turned": lambda picture: picture.crop(BOX).rotate(90, expand=True).resize((210, 270)),
    "put straight": lambda picture: picture.rotate(-3, Image.Resampling.BICUBIC).crop((60, 40, 540, 360)),
    "mirrored and put straight": lambda picture: (
        ImageOps.mirror(picture).rotate(4, Image.Resampling.BICUBIC).crop((60, 40, 540, 360))
    ),
}


def decoded(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.float32)


USUAL = ("smaller", "mirrored, then turned", "cropped, then turned", "put straight")


@cases("way", picked(WAYS, *USUAL), more=WAYS)
def test_one_lies_over_the_other(way):
    older = scene(3)
    newer = way(older)
    place, found = aligned(newer, older)
    drawn = laid(as_jpeg(older, 92), place, size=found.size)
    assert drawn.media_type == "image/jpeg"
    one, two = decoded(as_jpeg(newer, 92)), decoded(drawn.data)
    assert one.shape == two.shape
    assert np.abs(one - two).mean() < 6


def test_what_lies_beyond_the_older_picture_is_grey():
    older = scene(3).crop(BOX)
    newer = scene(3)
    place, found = aligned(newer, older)
    drawn = decoded(laid(as_jpeg(older, 92), place, size=found.size).data)
    assert np.abs(drawn[:40, :40] - 128).max() < 8
