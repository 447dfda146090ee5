"""How pages are put together: templates that escape everything, and errors that are pages too."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import ValidationError

from provenance import __version__
from provenance.errors import ProvenanceError
from provenance.reports import wording
from provenance.reports.escape import visible
from provenance.reports.to_html import labels
from provenance.web.pages import static
from provenance.web.problems import Problem, of_busy, of_error
from provenance.web.workers.shelter import Busy

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from starlette.requests import Request
    from starlette.responses import Response


class PageRoute(APIRoute):
    """A route whose errors are answered with a page, not with problem details."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await answer(request)
            except (Problem, ProvenanceError, Busy, RequestValidationError, ValidationError) as error:
                problem = problem_of(error)
                if problem.status == 401:
                    return RedirectResponse("/sign-in", status_code=303)
                return fault(request, problem)

        return answered


def problem_of(error: Exception) -> Problem:
    """Say what is wrong as a problem, whichever of our errors it is."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, ProvenanceError):
        return of_error(error)
    if isinstance(error, Busy):
        return of_busy(error)
    return Problem(status=422, title="what was asked for is not as it must be")


def fault(request: Request, problem: Problem) -> HTMLResponse:
    """Answer with a page that says what is wrong, and what to do next."""
    return page(request, "fault.html", problem=problem, status=problem.status, headers=problem.headers)


def page(
    request: Request, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: object
) -> HTMLResponse:
    """Answer with a page. What is not `Markup` of ours is escaped."""
    drawn = _environment().get_template(template).render(**values, reference=_reference(request))
    return HTMLResponse(drawn, status, headers=dict(headers or {}))


def _reference(request: Request) -> str:
    """Name the request as the log does."""
    return str(getattr(request.state, "request_id", ""))


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("provenance.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"moment": wording.moment, "visible": visible}
    made.globals |= {
        "asset": static.address,
        "labels": labels,
        "standings": wording.STANDINGS,
        "version": __version__,
    }
    return made
