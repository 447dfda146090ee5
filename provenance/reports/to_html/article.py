"""One file of a report: its levels, and how they are put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.reports.to_html import labels
from provenance.reports.to_html.forensic import detail, facets, judgement
from provenance.reports.to_html.glance import glance
from provenance.reports.to_html.markup import NOTHING, Markup, element
from provenance.reports.to_html.origin import origin
from provenance.reports.to_html.overview import ID
from provenance.reports.to_html.parts import level
from provenance.reports.to_html.recovery import recovered
from provenance.reports.to_html.steps import whole
from provenance.reports.to_html.subject import id_of, judged

if TYPE_CHECKING:
    from provenance.reports.to_html.subject import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What is told of one file, from the first level to the fourth; nothing where there is nothing to tell."""

    glance: Markup
    origin: Markup
    recovered: Markup
    history: Markup
    facets: Markup
    judgement: Markup
    detail: Markup
    note: Markup
    """What was left off."""


def parts_of(subject: Subject) -> Parts:
    """Make the parts of one file."""
    verdict, item = subject.result.verdict, judged(subject)
    return Parts(
        glance=glance(subject),
        origin=origin(item) if item else NOTHING,
        recovered=recovered(subject) or NOTHING,
        history=whole(item) if item else NOTHING,
        facets=facets(verdict) if verdict else NOTHING,
        judgement=judgement(verdict) if verdict else NOTHING,
        detail=detail(verdict) if verdict else NOTHING,
        note=subject.pictures.note or NOTHING,
    )


def article(made: Parts, *, number: int, decision: str | None, back: bool = False) -> Markup:
    """Put the parts of the file with this number together; `back` leads to the summary of all files."""
    return element(
        "article",
        made.glance,
        made.origin,
        made.recovered,
        _closed(3, labels.HISTORY, made.history, id_=id_of(number, "history")),
        _closed(4, labels.FORENSIC, made.facets, made.judgement, made.detail, id_=id_of(number, "forensic")),
        element("p", element("a", labels.TO_SUMMARY, href=f"#{ID}"), class_="back") if back else None,
        id=id_of(number),
        class_=f"file {decision or 'none'}",
        aria_labelledby=id_of(number, "name"),
    )


def _closed(number: int, heading: str, *parts: Markup, id_: str) -> Markup | None:
    """Write a level that is not open yet, where there is anything in it."""
    return level(number, heading, *parts, id_=id_, is_open=False) if any(parts) else None
