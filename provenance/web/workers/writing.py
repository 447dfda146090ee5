"""What a worker writes about a file: reports, the pieces of a page, drawings of its history."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from provenance.reports.drawings import drawn
from provenance.reports.faces import FACES, document
from provenance.reports.result import Results
from provenance.web.workers.orders import DRAWN, PAGE
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
    steps = history_of(result)
    for item in order.drawings:
        written[f"{DRAWN}.{item}"] = drawn(item, result, steps, generator=generator(space))
    return written
