"""The document around reports: what stands above and below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.reports.summary import worst_first
from provenance.reports.to_html import labels
from provenance.reports.to_html.article import article, parts_of
from provenance.reports.to_html.frame import page
from provenance.reports.to_html.markup import NOTHING, Markup, element, join
from provenance.reports.to_html.overview import overview
from provenance.reports.to_html.parts import moment, phrase
from provenance.reports.to_html.pictures import Pictures
from provenance.reports.to_html.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provenance.reports.result import Results
    from provenance.reports.to_html.markup import Child


def document(results: Results) -> str:
    """Return the report as an HTML document: a summary of many files, then each file, worst first."""
    pictures = Pictures()
    subjects = [
        Subject(result=item, number=number, pictures=pictures)
        for number, item in enumerate(worst_first(results.items), start=1)
    ]
    many = len(subjects) != 1
    files = [article(parts_of(item), number=item.number, decision=item.result.decision, back=many) for item in subjects]
    title = labels.TITLE_OF_MANY.format(count=len(subjects))
    if not many:
        title = labels.TITLE_OF_ONE.format(name=subjects[0].result.name)
    summary = overview(results, subjects) if many else None
    return whole(title, (summary, pictures.note, *files), footer(results))


def whole(title: str, body: Iterable[Child], below: Markup) -> str:
    """Put a document together."""
    heading = element("header", element("h1", labels.TITLE))
    return page(title, join((heading, element("main", *body), below)))


def footer(results: Results) -> Markup:
    """Say what a report is worth, and who made it when."""
    at = moment(results.at)
    made = phrase(labels.MADE_AT if at else labels.MADE_BY, generator=results.generator, time=at or NOTHING)
    return element("footer", element("p", labels.NOT_TRUTH), element("p", made))
