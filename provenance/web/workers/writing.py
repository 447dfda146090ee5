"""What a worker writes about a file: reports, the pieces of a page, drawings of its history."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from provenance.model.flags import red_flags
from provenance.reports.faces import FACES, document
from provenance.reports.result import Results
from provenance.web.workers.orders import PAGE, Drawing
from provenance.workspace.looking import generator, history_of, questions

if TYPE_CHECKING:
    from provenance.reports.result import Result
    from provenance.web.workers.orders import Look
    from provenance.workspace import Workspace


def texts(space: Workspace, result: Result, order: Look) -> dict[str, str]:
    """Write all that an order asks for, by its name."""
    policy = order.asked.policy or space.policy()
    about = Results(items=(result,), generator=generator(space), at=space.now(), policy=policy)
    written = {}
    for form in order.forms:
        asked = replace(about, questions=questions(policy)) if FACES[form].questions else about
        written[form.value] = document(form, asked)
    if order.page:
        from provenance.reports.to_html import fragments  # noqa: PLC0415 -- only where it is asked for

        written[PAGE] = fragments.written(about)
    return written | {item.key: _drawn(item, result, generator(space)) for item in order.drawings}


def _drawn(drawing: Drawing, result: Result, generated_by: str) -> str:
    from provenance.reports import to_graph, to_history  # noqa: PLC0415 -- only where it is asked for

    steps = history_of(result)
    flags = red_flags(steps)
    match drawing:
        case Drawing.JSON:
            return to_history.text(to_history.document(result.name, steps, generator=generated_by))
        case Drawing.DOT:
            return to_graph.dot(steps, flags=flags)
        case Drawing.MERMAID:
            return to_graph.mermaid(steps, flags=flags)
        case Drawing.SVG:
            return to_graph.svg(steps, flags=flags, thumbnails=result.thumbnails, standalone=True)
