"""A page with the picture of a history, and what is odd about it as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.reports import wording
from provenance.reports.escape import visible
from provenance.reports.to_graph.as_svg import svg
from provenance.reports.to_graph.words import title
from provenance.reports.to_html import labels, page
from provenance.reports.to_html.markup import Markup, element

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.model.history import History, RedFlag
    from provenance.model.media import Thumbnail

_FLAGS = 100


def document(
    name: str,
    history: History,
    *,
    flags: tuple[RedFlag, ...],
    thumbnails: Mapping[str, Thumbnail],
    generator: str,
) -> str:
    """Return an HTML document that loads nothing and runs nothing."""
    picture = Markup(svg(history, flags=flags, thumbnails=thumbnails))
    body = (
        element("header", element("h1", labels.HISTORY)),
        element(
            "main",
            element("h2", name),
            element("p", f"How it began: {visible(wording.beginning(history))}.", class_="sentence"),
            _flags(history, flags),
            element("div", picture, class_="graph", role="region", tabindex="0", aria_label=labels.HISTORY),
        ),
        element("footer", element("p", labels.NOT_TRUTH), element("p", f"Made by {generator}.")),
    )
    return page(f"{name} – {labels.HISTORY}", Markup("".join(body)))


def _flags(history: History, flags: tuple[RedFlag, ...]) -> Markup:
    if not flags:
        return element("p", labels.NO_FLAGS)
    items = [
        element("li", element("strong", flag.kind), f" ({title(history.edit(flag.edit))}): {flag.message}")
        for flag in flags[:_FLAGS]
    ]
    left = len(flags) - _FLAGS
    more = element("p", f"{left} more are not shown; the JSON form lists all {len(flags)}.") if left > 0 else None
    return element("section", element("h4", labels.FLAGS), element("ul", *items), more, class_="flags")
