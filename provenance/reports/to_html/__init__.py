"""Reports for people with a browser: one file that loads nothing and runs nothing.

What is disclosed comes in four levels (C2PA user experience guidance): what became of it; who, when and how it began;
the whole history; forensic detail. Everything from a file passes through `visible` and is escaped; pictures are those
that were made here, from pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.reports.summary import worst_first
from provenance.reports.to_html import labels
from provenance.reports.to_html.forensic import forensic
from provenance.reports.to_html.frame import page
from provenance.reports.to_html.glance import glance
from provenance.reports.to_html.markup import NOTHING, Markup, element
from provenance.reports.to_html.origin import origin
from provenance.reports.to_html.overview import ID, overview
from provenance.reports.to_html.parts import moment, phrase
from provenance.reports.to_html.pictures import Pictures
from provenance.reports.to_html.steps import whole
from provenance.reports.to_html.subject import Subject, judged

if TYPE_CHECKING:
    from provenance.reports.result import Results

__all__ = ["document", "page"]


def document(results: Results) -> str:
    """Return the report as an HTML document: a summary of many files, then each file, worst first."""
    pictures = Pictures()
    subjects = [
        Subject(result=item, number=number, pictures=pictures)
        for number, item in enumerate(worst_first(results.items), start=1)
    ]
    many = len(subjects) != 1
    files = [_file(item, many=many) for item in subjects]
    title = labels.TITLE_OF_MANY.format(count=len(subjects))
    if not many:
        title = labels.TITLE_OF_ONE.format(name=subjects[0].result.name)
    body = (
        element("header", element("h1", labels.TITLE)),
        element("main", overview(results, subjects) if many else None, pictures.note, *files),
        element("footer", element("p", labels.NOT_TRUTH), element("p", _made(results))),
    )
    return page(title, Markup("".join(body)))


def _made(results: Results) -> Markup:
    at = moment(results.at)
    return phrase(labels.MADE_AT if at else labels.MADE_BY, generator=results.generator, time=at or NOTHING)


def _file(subject: Subject, *, many: bool) -> Markup:
    verdict, item = subject.result.verdict, judged(subject)
    back = element("p", element("a", labels.TO_SUMMARY, href=f"#{ID}"), class_="back")
    return element(
        "article",
        glance(subject),
        origin(item) if item else None,
        whole(item) if item else None,
        forensic(subject, verdict) if verdict else None,
        back if many else None,
        id=subject.id(),
        class_=f"file {subject.result.decision or 'none'}",
        aria_labelledby=subject.id("name"),
    )
