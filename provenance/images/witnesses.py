"""Ask both witnesses about a place: blocks of detail from near, and the whole from afar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.images.alignment import LEAST_SIDE, NotAligned, align
from provenance.images.blocks import refine
from provenance.images.finding import MIDDLE, Place, is_enough, settled
from provenance.images.resemblance import seen, seen_whole
from provenance.model.recovery import CERTAIN

if TYPE_CHECKING:
    from PIL import Image

    from provenance.images.looking import Looked
    from provenance.images.resemblance import Seen
    from provenance.model.pictures import Resemblance


def placed(newer: Looked, older: Looked) -> tuple[Place, Resemblance | None]:
    """Find how one picture lies in the other, and how alike they are there; raises NotAligned."""
    try:
        place, refusal = align(newer, older), NotAligned("")
    except NotAligned as error:
        if min(*newer.size, *older.size) < LEAST_SIDE:
            raise
        place, refusal = None, error
    place, resemblance = weighed(newer, older, place)
    if place is None:
        raise refusal
    return place, resemblance


def weighed(newer: Looked, older: Looked, place: Place | None) -> tuple[Place | None, Resemblance | None]:
    """Say how alike both are at the place that blocks have found, or at a better one.

    Where blocks find no place, or one at which the pictures are not alike, all of one is laid on all of the other,
    upright and mirrored: soft pictures, and what is common to all charts, lead blocks astray.
    """
    near = None if place is None else seen(newer.picture, older.picture, (place.pose, place.matrix))
    resemblance = None if near is None else near.resemblance
    if (place is not None and place.certainty >= CERTAIN) or (resemblance is not None and resemblance.is_same):
        return place, resemblance
    afar = seen_whole(newer.picture, older.picture)
    if afar is not None and afar.resemblance.is_same:
        return _closer(afar, newer.picture, older.picture), afar.resemblance
    return place, resemblance


def _closer(afar: Seen, newer: Image.Image, older: Image.Image) -> Place:
    """Let blocks correct a place, if there is detail that agrees; else count the shades that do."""
    one, other = newer.convert("L").convert("F"), afar.pose.drawn(older).convert("L").convert("F")
    found = refine(one, other, afar.matrix, area=MIDDLE, rounds=2)
    if found is None or not is_enough(found):
        return Place(pose=afar.pose, matrix=settled(afar.matrix, one, other), certainty=afar.equal)
    return Place(pose=afar.pose, matrix=settled(found.matrix, one, other), certainty=found.share)
