"""What a catalogue knows of a file that has lost its credentials: recovered, not embedded, which is said first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.reports.recovered import NOT_EMBEDDED, place, sentence
from provenance.reports.to_html import labels
from provenance.reports.to_html.markup import Markup, element
from provenance.reports.to_html.overview import chip
from provenance.reports.to_html.parts import bounded, level, moment, rows, told

if TYPE_CHECKING:
    from provenance.model.recovery import Candidate
    from provenance.reports.to_html.subject import Subject

_CANDIDATES = 5
_NOTES = 10


def recovered(subject: Subject) -> Markup | None:
    """Show what was found again, the surest first, where that was asked for."""
    found = subject.result.recovery
    if found is None:
        return None
    shown, more = bounded(found.found, _CANDIDATES)
    said = element("p", element("strong", NOT_EMBEDDED), class_="note bad") if found.found else None
    return level(
        2,
        labels.RECOVERED,
        said or element("p", labels.NOTHING_RECOVERED),
        *(_candidate(item) for item in shown),
        more,
        *(element("p", told(note), class_="note") for note in found.notes[:_NOTES]),
        id_=subject.id("recovered"),
        is_open=True,
    )


def _candidate(item: Candidate) -> Markup:
    said = sentence(item)
    return element(
        "section",
        element("h4", told(said[:1].upper() + said[1:])),
        rows(
            (
                (labels.TITLE_OF_ORIGINAL, told(item.title) if item.title else None),
                (labels.SIGNED_BY, told(item.signer) if item.signer else labels.SIGNER_NOT_VERIFIED),
                (labels.RECORDED, moment(item.record.recorded_at) if item.record else None),
                (labels.KNOWN_FROM, told(place(item))),
                (labels.VERDICT_ON_ORIGINAL, chip(item.verdict.decision) if item.verdict else None),
            )
        ),
    )
