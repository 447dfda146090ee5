from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.images.islands import numbered, widened


def flooded(mask):
    """Number connected places the slow way."""
    numbers, count = np.zeros(mask.shape, dtype=int), 0
    for row, column in np.argwhere(mask):
        if numbers[row, column]:
            continue
        count += 1
        waiting = [(row, column)]
        while waiting:
            y, x = waiting.pop()
            if 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1] and mask[y, x] and not numbers[y, x]:
                numbers[y, x] = count
                waiting += [(y + down, x + across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
    return numbers


def same_places(one, two):
    pairs = set(zip(one.ravel().tolist(), two.ravel().tolist(), strict=True))
    return len(pairs) == len({left for left, _ in pairs}) == len({right for _, right in pairs})


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**32 - 1), st.sampled_from([0.2, 0.4, 0.6]))
def test_places_are_those_of_a_flood(rows, columns, seed, share):
    mask = np.random.default_rng(seed).random((rows, columns)) < share
    found = numbered(mask)
    assert same_places(found, flooded(mask))
    assert ((found > 0) == mask).all()


def test_a_spiral_is_one_place():
    mask = np.zeros((41, 41), dtype=bool)
    for ring in range(0, 20, 2):
        mask[ring, ring : 41 - ring] = mask[ring : 41 - ring, 40 - ring] = mask[40 - ring, ring : 41 - ring] = True
        mask[ring + 2 : 41 - ring, ring] = True
        mask[ring + 2, ring : ring + 3] = True
    assert numbered(mask).max() == 1


@pytest.mark.parametrize("filled", [False, True])
def test_all_or_nothing(filled):
    assert set(numbered(np.full((5, 7), filled)).ravel().tolist()) == {int(filled)}


def test_widening_reaches_corners_and_stops_at_edges():
    mask = np.zeros((5, 6), dtype=bool)
    mask[0, 5] = True
    assert np.argwhere(widened(mask, 1)).tolist() == [[0, 4], [0, 5], [1, 4], [1, 5]]
