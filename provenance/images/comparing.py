"""Join the steps of a comparison: look at both pictures, align them, find changes, say what was found."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from provenance.images.alignment import NotAligned, described
from provenance.images.blocks import grid_for
from provenance.images.changes import CELL, SMALLEST, changes
from provenance.images.finding import FINE
from provenance.images.grids import drawn, sample, to_grid
from provenance.images.heatmap import heat_map
from provenance.images.looking import look
from provenance.images.witnesses import placed
from provenance.model.pictures import PictureDifference, Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.images.changes import Changes, Place
    from provenance.images.grids import Size
    from provenance.images.looking import Looked

MOST_REGIONS = 50
_COARSER = 1.5
"""Pixels of the newer picture in one that is compared, from which on it is said what cannot be seen."""
_TOO_LITTLE = "too little of the older picture is seen in the newer one"
_BEYOND = 0.005
"""Share of the newer picture outside the older one from which on it is said."""


def compared(newer: bytes, older: bytes, *, older_is_thumbnail: bool) -> PictureDifference:
    """Do what `provenance.images.difference.compare` says."""
    one, two = look(newer, which="the newer picture"), look(older, which="the older picture")
    try:
        place, resemblance = placed(one, two)
        grid = grid_for(one.picture, place.matrix, FINE)
        seen = sample(
            place.pose.drawn(two.picture), place.matrix @ np.linalg.inv(to_grid(one.picture.size, grid)), grid
        )
        if seen is None:
            raise NotAligned(_TOO_LITTLE)
    except NotAligned as error:
        return PictureDifference(
            size=one.size,
            older_size=two.size,
            alignment=None,
            why_not=str(error),
            changed=None,
            regions=(),
            heat_map=None,
            notes=(*one.notes, *two.notes),
            comparable=error.comparable,
        )
    found = changes(drawn(one.picture, grid), seen.values, seen.shown)
    listed = found.places[:MOST_REGIONS]
    notes = _notes(one, two, found, grid, older_is_thumbnail=older_is_thumbnail)
    return PictureDifference(
        size=one.size,
        older_size=two.size,
        alignment=described(place, one, two),
        why_not=None,
        changed=found.share,
        regions=tuple(_region(it, grid, one.size) for it in listed),
        heat_map=heat_map(one.picture, found, grid, listed),
        notes=(*one.notes, *two.notes, *notes),
        resemblance=resemblance,
    )


def _region(place: Place, grid: Size, size: Size) -> Region:
    """Turn cells into pixels of the newer picture."""
    across, down = CELL * size[0] / grid[0], CELL * size[1] / grid[1]
    left, top = math.floor(place.left * across), math.floor(place.top * down)
    right, bottom = min(size[0], math.ceil(place.right * across)), min(size[1], math.ceil(place.bottom * down))
    return Region(left=left, top=top, width=right - left, height=bottom - top, strength=place.strength)


def _notes(newer: Looked, older: Looked, found: Changes, grid: Size, *, older_is_thumbnail: bool) -> Iterator[str]:
    yield f"compared at {grid[0]} × {grid[1]} pixels"
    coarseness = newer.size[0] / grid[0]
    if older_is_thumbnail:
        yield f"the older picture is only a thumbnail of {older.size[0]} × {older.size[1]} pixels"
    if older_is_thumbnail or coarseness > _COARSER:
        yield f"changes smaller than about {math.ceil(SMALLEST * coarseness)} pixels cannot be seen"
    if found.words:
        yield f"changed everywhere, and not counted: {', '.join(found.words)}"
    beyond = 1 - float(found.compared.mean())
    if beyond > _BEYOND:
        yield f"{max(1, round(100 * beyond))} % of the newer picture lies outside the older one and was not compared"
    more = len(found.places) - MOST_REGIONS
    if more > 0:
        yield f"{more} smaller {'changes are' if more > 1 else 'change is'} not listed"
