"""Sign media: look at what goes in, compose a claim, sign, read back, deliver."""

from provenance.signing.deliver import Delivery, plan, spare
from provenance.signing.look import Found, Past, ingredient, look
from provenance.signing.prepare import Sight, claim, gather, is_animated, see, seek
from provenance.signing.produce import refuse_unwritable, sign

__all__ = [
    "Delivery",
    "Found",
    "Past",
    "Sight",
    "claim",
    "gather",
    "ingredient",
    "is_animated",
    "look",
    "plan",
    "refuse_unwritable",
    "see",
    "seek",
    "sign",
    "spare",
]
