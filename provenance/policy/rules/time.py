"""When was it signed, and who says so?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from provenance.model.facets import Signing, Time
from provenance.model.history import EditState, moment_of
from provenance.policy.registry import Need, by_state, failed, passed, rule, undecided
from provenance.policy.rules.moments import attested, looked
from provenance.policy.rules.naming import counted
from provenance.policy.rules.statements import stated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from provenance.model.history import Edit
    from provenance.model.policy import Answer
    from provenance.policy.facts import Facts
    from provenance.policy.rules.statements import Told

_UNATTESTED = "nobody trusted says when it was signed"


@rule("time.stamp-sound", "Does the time-stamp, if there is one, belong to this signature?")
def stamp_sound(facts: Facts) -> Answer:
    """The standard makes a bad time-stamp informational; one that belongs to something else still deserves a look."""
    if facts.store is None:
        return undecided("there is no time-stamp at hand")
    facet = facts.facets.time
    return failed(facet.reason, evidence=_codes(facts)) if facet.state is Time.INVALID else passed(facet.reason)


@rule("time.trusted", "Does a trusted time-stamp authority say when it was signed?")
def trusted(facts: Facts) -> Answer:
    """Without one, any time is only the signer's own word. For a signature that does not hold it attests nothing."""
    if facts.facets.time.state is Time.TRUSTED and facts.facets.signature.state is not Signing.VALID:
        return undecided(facts.facets.signature.reason)
    answer = by_state(facts.facets.time, good=(Time.TRUSTED,), bad=(Time.UNTRUSTED, Time.INVALID, Time.ABSENT))
    return replace(answer, evidence=_codes(facts))


def _codes(facts: Facts) -> tuple[str, ...]:
    found = facts.store.statuses if facts.store else ()
    return tuple(dict.fromkeys(item.code for item in found if item.code.startswith("timeStamp.")))


@rule("time.within-validity", "Was the certificate valid when it was used?", needs=Need.CERTIFICATE)
def within_validity(facts: Facts) -> Answer:
    """By the trusted time of signing; without one, by the time of looking, which is the stricter reading.

    Looks at the signer's own certificate: `signer.certificate-acceptable` asks about the whole chain.
    """
    certificate = facts.inspection.further.certificate
    if certificate is None:
        return undecided("there is no certificate at hand")
    stamp = attested(facts)
    used = stamp or looked(facts)
    span = f"the certificate is valid from {certificate.valid_from:%Y-%m-%d} to {certificate.valid_until:%Y-%m-%d}"
    how = f"it was used on {used:%Y-%m-%d}" if stamp else f"it was looked at on {used:%Y-%m-%d}: {_UNATTESTED}"
    good = certificate.valid_from <= used <= certificate.valid_until
    return passed(f"{span}, and {how}") if good else failed(f"{span}, and {how}")


@rule("time.not-in-future", "Is no time in its history still to come?")
@stated
def not_in_future(told: Told, *, tolerance_minutes: int = 5) -> Answer:
    """Looks at attested and stated times; `tolerance_minutes` forgives clocks that are a little fast.

    Undecided where no time is stated at all, or none with its zone.
    """
    as_of = told.inspection.further.as_of
    latest = (as_of.at if as_of else told.inspection.at) + timedelta(minutes=tolerance_minutes)
    times = [(edit.id, how, moment) for edit in told.history.edits for how, moment in _times(edit)]
    for label, how, moment in times:
        if moment > latest:
            return failed(f"{how} {moment.isoformat()}, which is still to come", subject=told.subject(label))
    if not times:
        return undecided("no time is stated in its history")
    return passed(f"nothing of the {counted(len(times), 'time')} in its history is still to come")


def _times(edit: Edit) -> Iterator[tuple[str, datetime]]:
    if edit.signature is not None and edit.signature.time is not None:
        yield "its time-stamp says", edit.signature.time
    for action in edit.actions:
        moment = moment_of(action.when)
        if moment is not None:
            yield f"{action.name} is stated for", moment


@rule("time.capture-before-publication", "Was it captured before it was published?")
@stated
def capture_before_publication(told: Told, *, tolerance_minutes: int = 5) -> Answer:
    """Compares what the first steps state (`c2pa.created`) with the stated publication and the trusted time of signing.

    `tolerance_minutes` forgives clocks that differ a little. Undecided where one of the times is missing or has no
    zone, as for anything that has no credentials of its own. `history.times-in-order` looks at every step.
    """
    later = min(_published(told), default=None)
    first = [_captured(edit) for edit in told.history.beginnings]
    known = [item for item in first if item is not None]
    if later is None or not known:
        return undecided(f"when it was {'captured' if later else 'published'} is not said")
    captured = max(known)
    if captured > later + timedelta(minutes=tolerance_minutes):
        return failed(f"captured {captured.isoformat()}, which is after {later.isoformat()}, when it was published")
    if len(known) < len(first):
        return undecided("when one of the files that it began with was made is not said")
    return passed(f"captured {captured.isoformat()}, published {later.isoformat()}")


def _published(told: Told) -> Iterator[datetime]:
    """Yield when it was there to be seen at the latest."""
    stamp = told.attested
    if stamp is not None:
        yield stamp
    for _, action in told.actions(anywhere=False):
        moment = moment_of(action.when) if action.name == "c2pa.published" else None
        if moment is not None:
            yield moment


def _captured(edit: Edit) -> datetime | None:
    if edit.state is not EditState.INTACT:
        return None
    stated_times = (moment_of(item.when) for item in edit.actions if item.name == "c2pa.created")
    return next((item for item in stated_times if item is not None), None)


@rule("time.max-age", "Was it signed lately?")
def max_age(facts: Facts, *, days: int) -> Answer:
    """`days`: by the trusted time of signing; undecided without one."""
    moment = attested(facts)
    if moment is None:
        return undecided(_UNATTESTED)
    age = max(looked(facts) - moment, timedelta())
    said = f"signed {counted(age.days, 'day')} ago" if age.days else "signed within a day"
    return (
        passed(said) if age <= timedelta(days=days) else failed(f"{said}, which is longer than {counted(days, 'day')}")
    )
