"""The first level: what became of a file, in one sentence, with its picture."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from provenance.model.facets import Content
from provenance.reports import wording
from provenance.reports.to_html import labels
from provenance.reports.to_html.markup import Markup, element, join
from provenance.reports.to_html.overview import chip, flagged, sentence
from provenance.reports.to_html.parts import code, moment, phrase, told
from provenance.reports.to_html.steps import thumbnails
from provenance.reports.to_html.subject import judged

if TYPE_CHECKING:
    from provenance.reports.result import Result
    from provenance.reports.to_html.subject import Subject


def glance(subject: Subject) -> Markup:
    """Show the decision, whose it is, the file, one sentence, and its picture as it is now."""
    result = subject.result
    policy = None
    if result.verdict is not None:
        given = result.verdict.policy
        policy = element("span", phrase(labels.BY_POLICY, name=given.name, version=given.version), class_="small")
    flags = flagged(result)
    below = element("a", labels.FLAGS_BELOW.format(count=flags), href=f"#{subject.id('history')}")
    words = element(
        "div",
        element("p", chip(result.decision), " ", policy, class_="head"),
        element("h2", _name(result), id=subject.id("name")),
        element("p", sentence(result) if result.verdict else wording.NOT_LOOKED_AT, class_="sentence"),
        *_problem(result),
        element("p", below, class_="flagged") if flags else None,
        _facts(result),
        class_="said",
    )
    return element("div", _figures(subject), words, class_="glance")


def _name(result: Result) -> Markup:
    path = PurePath(result.name)
    folder = result.name.removesuffix(path.name)
    return join((element("span", told(folder), class_="folder") if folder else None, told(path.name or result.name)))


def _problem(result: Result) -> list[Markup]:
    """Say why there is no verdict, and what can be done about it."""
    if result.verdict is not None or result.error is None:
        return []
    hint = result.error.hint
    return [element("p", sentence(result)), *([element("p", told(hint), class_="small")] if hint else [])]


def _facts(result: Result) -> Markup | None:
    if result.verdict is None:
        return None
    found = result.verdict.inspection
    size = phrase(labels.BYTES, count=Markup(f"{found.media.size:,}"))
    return element(
        "p", code(found.media.media_type), " · ", size, " · ", labels.AT, " ", moment(found.at), class_="small"
    )


def _figures(subject: Subject) -> Markup | None:
    """Show the file as it is; where that is not what was signed, the thumbnail of what was signed beside it."""
    result = subject.result
    now = subject.pictures.show(result.picture, labels.AS_IT_IS)
    shown = [element("figure", now, element("figcaption", labels.AS_IT_IS))] if now else []
    item = judged(subject)
    if item is not None and item.facets.content.state is Content.CHANGED:
        kept = thumbnails(item).get(item.history.head)
        then = subject.pictures.show(kept, labels.AS_SIGNED)
        shown += [element("figure", then, element("figcaption", labels.AS_SIGNED))] if then else []
    return element("div", *shown, class_="pictures") if shown else None
