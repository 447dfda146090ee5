"""What stands above many files: how many are accepted, to review, rejected, and why, worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.reports import wording
from provenance.reports.summary import WORST_FIRST, summarise
from provenance.reports.to_html import labels
from provenance.reports.to_html.markup import Markup, element, join, text
from provenance.reports.to_html.parts import bounded, phrase, table, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provenance.model.verdict import Decision
    from provenance.reports.result import Result, Results
    from provenance.reports.summary import Reason, Summary
    from provenance.reports.to_html.subject import Subject

ID = "all-files"
_REASONS = 20
_LONG = 2000
"""Characters of an error that are shown."""


def chip(decision: Decision | None) -> Markup:
    """Show a decision in words; colour and border only help to find it."""
    return element("strong", wording.STANDINGS[decision], class_=f"decision {decision or 'none'}")


def sentence(result: Result) -> Markup:
    """Say in one sentence what became of a file, or why it could not be looked at."""
    if result.verdict is not None:
        return told(wording.headline(result.verdict), limit=_LONG)
    return told(result.error.message, limit=_LONG) if result.error else text(wording.NOT_LOOKED_AT)


def flagged(result: Result) -> str | None:
    """Count what is odd about a history, where anything is."""
    count = len(result.flags)
    return None if not count else labels.RED_FLAG if count == 1 else labels.RED_FLAGS.format(count=count)


def overview(results: Results, subjects: Sequence[Subject]) -> Markup:
    """Count the decisions and their reasons, and list every file with a link to it."""
    found = summarise(results)
    columns = (labels.DECISION, labels.FILE, labels.WHY)
    heading = labels.SUMMARY.format(count=found.files)
    return element(
        "section",
        element("h2", heading, id=ID),
        _counts(found),
        _reasons(found),
        _noticed(found),
        element("h3", labels.EVERY),
        table(heading, columns, [_line(item) for item in subjects], class_="files"),
        class_="summary",
        aria_labelledby=ID,
    )


def _counts(found: Summary) -> Markup:
    counts = dict(zip(WORST_FIRST, (found.rejected, found.not_looked_at, found.review, found.accepted), strict=True))
    tiles = [
        element("li", element("span", str(count), class_="count"), " ", chip(decision))
        for decision, count in counts.items()
        if count
    ]
    return element("ul", *tiles, class_="counts", role="list")


def _reasons(found: Summary) -> Markup | None:
    if not found.reasons:
        return None
    shown, more = bounded(found.reasons, _REASONS)
    items = [element("li", _reason(item)) for item in shown]
    return join((element("h3", labels.REASONS_WHY), element("ul", *items), more))


def _reason(item: Reason) -> Markup:
    said = phrase(
        labels.REASON_WHY, count=item.files, standing=wording.STANDINGS[item.decision], why=wording.because(item)
    )
    return join((said, element("p", told(wording.examples(item)), class_="small")))


def _noticed(found: Summary) -> Markup | None:
    if not found.flags:
        return None
    items = [element("li", wording.noticed(item)) for item in found.flags]
    return join((element("h3", labels.NOTICED), element("ul", *items)))


def _line(item: Subject) -> tuple[Markup, ...]:
    flags = flagged(item.result)
    why = join((sentence(item.result), element("p", flags, class_="small flagged") if flags else None))
    link = element("a", told(item.result.name), href=f"#{item.id()}")
    return chip(item.result.decision), link, why
