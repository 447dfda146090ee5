"""What the page is put together from: values from files, lists, tables, and what unfolds."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from provenance.reports import wording
from provenance.reports.escape import LIMIT
from provenance.reports.to_html import labels
from provenance.reports.to_html.markup import Markup, element, join, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from provenance.reports.to_html.markup import Child

T = TypeVar("T")
_GOOD = frozenset({"present", "intact", "valid", "trusted", "good", "passed", "success"})
_PLAIN = frozenset({"none", "informational"})
_BAD = frozenset(
    {"unreadable", "changed", "malformed", "invalid", "revoked", "broken", "missing", "not passed", "failure"}
)


def told(value: object, *, limit: int = LIMIT) -> Markup:
    """Show what somebody else wrote: escaped, cut, and without a say over the direction of what stands around it."""
    return element("bdi", text(value, limit=limit))


def code(value: object, *, limit: int = LIMIT) -> Markup:
    """Show an identifier that somebody else wrote: it may break anywhere."""
    return element("code", text(value, limit=limit))


def phrase(template: str, **values: object) -> Markup:
    """Fill a label; what is filled in is shown as somebody else's words."""
    return Markup(text(template).format(**{name: _filled(value) for name, value in values.items()}))


def _filled(value: object) -> Markup:
    return text(value) if isinstance(value, int) else value if isinstance(value, Markup) else told(value)


def state(word: str) -> Markup:
    """Show a state: its word says it, colour and border only help to find it."""
    tone = "good" if word in _GOOD else "bad" if word in _BAD else "plain" if word in _PLAIN else "open"
    return element("span", word, class_=f"state {tone}")


def moment(at: datetime | None) -> Markup | None:
    """Show a time, if there is one."""
    return None if at is None else element("time", wording.moment(at), datetime=at.isoformat())


def rows(pairs: Iterable[tuple[str, Child]]) -> Markup | None:
    """List what is known by its names; what is not known is left out."""
    shown = [
        element("div", element("dt", name), element("dd", value)) for name, value in pairs if value not in {None, ""}
    ]
    return element("dl", *shown, class_="rows") if shown else None


def table(heading: str, columns: Sequence[str], lines: Iterable[Sequence[Child]], *, class_: str) -> Markup:
    """Write a table that turns into a list where there is little room: its roles and headings go with it.

    The class says how wide its columns are.
    """
    head = element("tr", *(element("th", name, scope="col", role="columnheader") for name in columns), role="row")
    body = [
        element(
            "tr",
            *(
                element("td", element("div", cell), role="cell", data_label=name)
                for name, cell in zip(columns, line, strict=True)
            ),
            role="row",
        )
        for line in lines
    ]
    return element(
        "table",
        element("caption", heading, class_="unseen"),
        element("thead", head, role="rowgroup"),
        element("tbody", *body, role="rowgroup"),
        role="table",
        class_=class_,
    )


def section(heading: str, *children: Child) -> Markup:
    """Write a part of a level under its own heading."""
    return element("section", element("h4", heading), *children)


def level(number: int, heading: str, *children: Child, id_: str, is_open: bool) -> Markup:
    """Write a level of disclosure, which unfolds, also for a link that leads to what is in it."""
    summary = element("summary", element("h3", heading))
    inside = element("div", *children, id=id_, class_="inside")
    return element("details", summary, inside, class_="level", data_level=str(number), open=is_open)


def bounded(items: Sequence[T], limit: int) -> tuple[Sequence[T], Markup | None]:
    """Return as many as are shown, and what says how many are not."""
    rest = len(items) - limit
    note = element("p", phrase(labels.MORE, count=rest), class_="note") if rest > 0 else None
    return items[:limit], note


def listed(items: Iterable[Child]) -> Markup:
    """Write alternatives or parts one after the other, with commas."""
    shown: list[Child] = []
    for item in items:
        shown += [", ", item] if shown else [item]
    return join(shown)
