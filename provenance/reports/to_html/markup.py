"""HTML from pieces: whatever is not markup already is text, and is made visible and escaped."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from provenance.reports.escape import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

_VOID = frozenset({"br", "img", "meta"})
_LONGEST = 1000
"""Characters of one text that nobody has cut yet."""


class Markup(str):
    """HTML that may be written as it is: made here, and never taken from a file."""

    __slots__ = ()


Child = str | None
"""What an element may hold: markup, text, or nothing."""
NOTHING = Markup()


def text(value: object, *, limit: int = _LONGEST) -> Markup:
    """Make text safe to write, in an element and in an attribute; markup stays as it is."""
    if isinstance(value, Markup):
        return value
    return Markup(html.escape(visible(value, limit=limit), quote=True))


def element(tag: str, *children: Child, **attributes: object) -> Markup:
    """Write an element; `class_` stands for `class`, `data_label` for `data-label`.

    Attributes that are `None` or false are left out, true ones stand without a value.
    """
    opening = f"<{tag}{''.join(_attribute(*item) for item in attributes.items())}>"
    if tag in _VOID:
        return Markup(opening)
    return Markup(f"{opening}{join(children)}</{tag}>")


def join(children: Iterable[Child]) -> Markup:
    """Put markup and text one after the other."""
    return Markup("".join(text(item) for item in children if item is not None))


def _attribute(name: str, value: object) -> str:
    if value is None or value is False:
        return ""
    shown = name.rstrip("_").replace("_", "-")
    return f" {shown}" if value is True else f' {shown}="{text(value)}"'
