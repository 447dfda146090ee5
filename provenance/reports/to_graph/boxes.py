"""Boxes of a picture: what is written where, and how tall that makes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.reports.to_graph.measure import Style, fold, width
from provenance.reports.to_graph.words import Kind

if TYPE_CHECKING:
    from provenance.model.media import Thumbnail
    from provenance.reports.to_graph.view import Node
    from provenance.reports.to_graph.words import Line

WIDTH = 296
THUMBNAIL = 64
PADDING = 12
_LEAST = 64


STYLES = {
    Kind.ROLE: Style(size=11, leading=16, most=2, bold=True),
    Kind.TITLE: Style(size=14, leading=20, most=2, bold=True),
    Kind.STATE: Style(size=11, leading=24, most=1, bold=True),
    Kind.PLAIN: Style(size=12, leading=16, most=3),
    Kind.FAINT: Style(size=12, leading=16, most=3),
    Kind.ACTION: Style(size=12, leading=16, most=3, indent=12),
    Kind.WARNING: Style(size=12, leading=16, most=3),
    Kind.FLAG: Style(size=12, leading=16, most=4, indent=18),
}
_NARROW = (Kind.ROLE, Kind.TITLE, Kind.STATE)
"""Kinds of lines that stand beside the thumbnail."""
_APART = {Kind.ACTION, Kind.FLAG, Kind.STATE}
"""Kinds of lines that stand a little apart from others."""
_SPACE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A folded line in its place, measured from the corner of its box."""

    kind: Kind
    text: str
    x: float
    y: float
    """Of its baseline."""
    width: float
    is_first: bool
    """Whether a line begins here, and is not only continued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One step in its place; lengths are pixels."""

    node: Node
    top: float
    height: float
    texts: tuple[Text, ...]
    thumbnail: Thumbnail | None

    def enters(self, use: int) -> float:
        """Where the line from one of the steps that it went into arrives, counted from 0."""
        return self.top + 16 + 7 * use

    @property
    def leaves(self) -> float:
        """Where lines to what went into it begin."""
        return self.top + self.height - 16


def box(node: Node, said: tuple[Line, ...], *, top: float, thumbnail: Thumbnail | None) -> Box:
    """Fold what a step says into a box below `top`."""
    texts: list[Text] = []
    y = float(PADDING)
    beside = PADDING + THUMBNAIL if thumbnail else 0
    before = None
    for line in said:
        style = STYLES[line.kind]
        left = float(PADDING)
        if line.kind in _NARROW:
            left += THUMBNAIL + 10 if thumbnail else 0
        else:
            y = max(y, float(beside))
            y += _SPACE if line.kind is not before and {line.kind, before} & _APART else 0
        before = line.kind
        room = WIDTH - left - PADDING - style.indent
        for number, part in enumerate(fold(line.text, style, room)):
            y += style.leading
            texts.append(
                Text(
                    kind=line.kind, text=part, x=left + style.indent, y=y - style.leading * 0.28,
                    width=width(part, style), is_first=not number,
                )
            )  # fmt: skip
    height = max(y + PADDING, beside + PADDING, _LEAST)
    return Box(node=node, top=top, height=height, texts=tuple(texts), thumbnail=thumbnail)
