"""When was it signed, and who says so?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from provenance.model.facets import Time
from provenance.policy.registry import Need, by_state, failed, passed, rule, undecided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.policy import Answer
    from provenance.policy.facts import Facts

_UNATTESTED = "nobody trusted says when it was signed"


@rule("time.stamp-sound", "Does the time-stamp, if there is one, belong to this signature?")
def stamp_sound(facts: Facts) -> Answer:
    """The standard makes a bad time-stamp informational; one that belongs to something else still deserves a look."""
    if facts.store is None:
        return undecided("there is no time-stamp at hand")
    facet = facts.facets.time
    return failed(facet.reason) if facet.state is Time.INVALID else passed(facet.reason)


@rule("time.trusted", "Does a trusted time-stamp authority say when it was signed?")
def trusted(facts: Facts) -> Answer:
    """Without one, any time is only the signer's own word."""
    return by_state(facts.facets.time, good=(Time.TRUSTED,), bad=(Time.UNTRUSTED, Time.INVALID, Time.ABSENT))


@rule("time.within-validity", "Was the certificate valid when it was used?", needs=Need.CERTIFICATE)
def within_validity(facts: Facts) -> Answer:
    """By the trusted time of signing; without one, by the time of looking, which is the stricter reading."""
    certificate = facts.inspection.further.certificate
    if certificate is None:
        return undecided("there is no certificate at hand")
    used = attested(facts) or _looked(facts)
    span = f"{certificate.valid_from:%Y-%m-%d} to {certificate.valid_until:%Y-%m-%d}"
    if certificate.valid_from <= used <= certificate.valid_until:
        return passed(f"the certificate is valid from {span}, and {used:%Y-%m-%d} is within")
    return failed(f"the certificate is valid from {span}, and {used:%Y-%m-%d} is not within")


@rule("time.not-in-future", "Is no time in its history still to come?")
def not_in_future(facts: Facts, *, tolerance_minutes: int = 5) -> Answer:
    """Looks at attested and stated times; `tolerance_minutes` forgives clocks that are a little fast."""
    if facts.history is None:
        return undecided("there is no history at hand")
    latest = _looked(facts) + timedelta(minutes=tolerance_minutes)
    for label, moment in _times(facts):
        if moment > latest:
            return failed(f"{moment.isoformat()} is still to come", subject=label)
    return passed("no time in its history is still to come")


@rule("time.capture-before-publication", "Was it captured before it was signed?")
def capture_before_publication(facts: Facts) -> Answer:
    """Compares what the first step states with the trusted time of signing, or with the stated time of publication.

    Undecided where a time is missing, or has no zone.
    """
    if facts.history is None or facts.active is None:
        return undecided("there is no history at hand")
    stated = [item.when for edit in facts.history.beginnings for item in edit.actions if item.name == "c2pa.created"]
    captured = [found for when in stated if (found := moment_of(when)) is not None]
    published = [item.when for item in facts.active.actions if item.name == "c2pa.published"]
    told = (found for when in published if (found := moment_of(when)) is not None)
    later = attested(facts) or next(told, None)
    if not captured or later is None:
        return undecided("when it was captured, or when it was published, is not stated")
    first = max(captured)
    if first > later:
        return failed(f"captured {first.isoformat()}, which is after {later.isoformat()}")
    return passed(f"captured {first.isoformat()}, signed or published {later.isoformat()}")


@rule("time.max-age", "Was it signed lately?")
def max_age(facts: Facts, *, days: int) -> Answer:
    """`days`: by the trusted time of signing; undecided without one."""
    moment = attested(facts)
    if moment is None:
        return undecided(_UNATTESTED)
    age = (_looked(facts) - moment).days
    return passed(f"signed {age} days ago") if age <= days else failed(f"signed {age} days ago, more than {days}")


def attested(facts: Facts) -> datetime | None:
    """Return the time of signing where somebody trusted attests it."""
    if facts.facets.time.state is not Time.TRUSTED:
        return None
    stamp = facts.inspection.further.stamp
    return stamp.time if stamp else None


def moment_of(text: str | None) -> datetime | None:
    """Read a stated time; one without a zone does not say when it was."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def _looked(facts: Facts) -> datetime:
    as_of = facts.inspection.further.as_of
    return as_of.at if as_of else facts.inspection.at


def _times(facts: Facts) -> Iterator[tuple[str, datetime]]:
    for edit in facts.history.edits if facts.history else ():
        if edit.signature is not None and edit.signature.time is not None:
            yield edit.id, edit.signature.time
        for action in edit.actions:
            found = moment_of(action.when)
            if found is not None:
                yield edit.id, found
