"""Points in time that rules rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model.facets import Signing, Time

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.policy.facts import Facts


def attested(facts: Facts) -> datetime | None:
    """Return the time of signing where somebody trusted attests it, for a signature that holds."""
    facets, stamp = facts.facets, facts.inspection.further.stamp
    good = facets.time.state is Time.TRUSTED and facets.signature.state is Signing.VALID
    return stamp.time if good and stamp else None


def looked(facts: Facts) -> datetime:
    """Return the time of looking, or the day that is asked about."""
    as_of = facts.inspection.further.as_of
    return as_of.at if as_of else facts.inspection.at
