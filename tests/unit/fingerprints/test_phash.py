"""The pHash is the one that others have."""

from __future__ import annotations

import pytest
from PIL import Image

from provenance.fingerprints.phash import phash
from tests.unit.fingerprints.pictures import drawn
from tests.unit.images.scenes import scene

RECORDED = "8a5c192327b4daeb"
"""What imagehash 4.3.2 made of the drawn picture."""


def test_it_is_what_was_recorded_of_imagehash():
    assert phash(drawn().convert("L")).hex() == RECORDED


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_is_that_of_imagehash_where_that_is_installed(seed):
    others = pytest.importorskip("imagehash", reason="imagehash is not installed: it brings in scipy")
    assert phash(scene(seed).convert("L")).hex() == str(others.phash(scene(seed)))


def test_a_smaller_picture_has_nearly_the_same():
    one, two = (
        phash(it) for it in (scene(1).convert("L"), scene(1).convert("L").resize((90, 60), Image.Resampling.BOX))
    )
    assert (int.from_bytes(one) ^ int.from_bytes(two)).bit_count() <= 4
