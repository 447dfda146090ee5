"""`GET /v1/reports/{id}` and `GET /v1/history/{id}`: what was found once, by an id that nobody guesses."""

from __future__ import annotations

import asyncio
import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Path, Response
from fastapi.responses import JSONResponse

from provenance.model.service import Caller, Scope
from provenance.reports.faces import Format
from provenance.reports.to_html import fragments
from provenance.web import pdf
from provenance.web.access import caller
from provenance.web.api.bodies import PROBLEMS, REPORT
from provenance.web.headers import SANDBOXED
from provenance.web.orders import PAGE
from provenance.web.problems import Problem
from provenance.web.service import Served, Service

if TYPE_CHECKING:
    from provenance.model.service import StoredReport

router = APIRouter(tags=["reports"])
Allowed = Annotated[Caller, Depends(caller(Scope.VERIFY))]
Id = Annotated[str, Path(pattern="^[0-9A-Z]{26}$", description="As `Provenance-Report` named it.")]


class Fetched(StrEnum):
    """How a report is fetched."""

    JSON = "json"
    HTML = "html"
    PDF = "pdf"


@router.get("/v1/reports/{report}", responses={**PROBLEMS, 200: REPORT}, response_class=Response)
async def get_report(report: Id, service: Served, _allowed: Allowed, format: Fetched = Fetched.JSON) -> Response:  # noqa: A002
    """Return a report that was kept; HTML and PDF where it was verified with `format=html`, or on the page."""
    kept = await found(service, report)
    if format is Fetched.JSON:
        return Response(kept.texts[Format.JSON], media_type="application/json")
    html = html_of(kept)
    if format is Fetched.HTML:
        return Response(html, media_type="text/html; charset=utf-8", headers=SANDBOXED)
    return Response(await pdf.printed(html), media_type="application/pdf")


@router.get("/v1/history/{report}", responses=PROBLEMS)
async def get_history(report: Id, service: Served, _allowed: Allowed) -> JSONResponse:
    """Return the history of a file as its report has it: every step, and what went into it."""
    document = json.loads((await found(service, report)).texts[Format.JSON])
    (file,) = document["files"]
    told = {"version": 1, "generator": document["generator"], "file": file["file"], "history": file["history"]}
    return JSONResponse(told)


def html_of(kept: StoredReport) -> str:
    """Return a report as one document, where it was asked for as one, or made for a page. Raises `Problem`."""
    if Format.HTML in kept.texts:
        return kept.texts[Format.HTML]
    if PAGE not in kept.texts:
        raise Problem(status=406, title="this report was not kept as a page", hint="verify with format=html")
    return fragments.document_of(fragments.read(kept.texts[PAGE]))


async def found(service: Service, report: str) -> StoredReport:
    """Return a report that is kept. Raises `Problem`."""
    kept = await asyncio.to_thread(service.catalogue.reports.get, report)
    if kept is None or kept.expires_at <= service.now():
        raise Problem(status=404, title="there is no such report", hint="it may have been kept long enough")
    return kept
