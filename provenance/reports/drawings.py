"""A history apart from a report: for programs, and as drawings."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from provenance.model.flags import red_flags
from provenance.reports import to_graph, to_history

if TYPE_CHECKING:
    from provenance.model.history import History
    from provenance.reports.result import Result


class Drawing(StrEnum):
    """How a history is shown."""

    JSON = "json"
    SVG = "svg"
    DOT = "dot"
    MERMAID = "mermaid"


def drawn(drawing: Drawing, result: Result, steps: History, *, generator: str) -> str:
    """Write the history of a file in one of these ways."""
    flags = red_flags(steps)
    match drawing:
        case Drawing.JSON:
            return to_history.text(to_history.document(result.name, steps, generator=generator))
        case Drawing.DOT:
            return to_graph.dot(steps, flags=flags)
        case Drawing.MERMAID:
            return to_graph.mermaid(steps, flags=flags)
        case Drawing.SVG:
            return to_graph.svg(steps, flags=flags, thumbnails=result.thumbnails, standalone=True)
