"""A picture is found again among others."""

from __future__ import annotations

import io

from PIL import Image

from provenance.fingerprints.image import to_find, to_keep
from provenance.fingerprints.index import Index, Near
from tests.unit.images.scenes import scene


def test_a_stored_again_and_scaled_picture_is_found_among_others():
    index = Index(256)
    index.add((seed, it.value) for seed in range(8) for it in to_keep(scene(seed)).found)
    target = io.BytesIO()
    scene(3).resize((240, 160)).save(target, "JPEG", quality=50)
    [sought] = to_find(Image.open(target)).found
    [found] = index.nearest(sought.value, most=5, within=40)
    assert found.id == 3
    assert 0 < found.distance < 40


def test_equal_fingerprints_are_all_returned():
    index = Index(256)
    [print_] = to_keep(scene(1)).found
    index.add([(7, print_.value), (2, print_.value)])
    assert index.nearest(print_.value, most=2, within=0) == [Near(2, 0), Near(7, 0)]
