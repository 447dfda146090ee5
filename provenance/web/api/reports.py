"""`GET /v1/reports/{id}` and `GET /v1/history/{id}`: what was found once, by an id that nobody guesses."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import JSONResponse

from provenance.model.service import Caller, Scope
from provenance.reports import to_history
from provenance.reports.drawings import Drawing
from provenance.reports.faces import Format
from provenance.reports.to_html import fragments
from provenance.web import pdf
from provenance.web.api.bodies import ID, PROBLEMS, REPORT, document
from provenance.web.callers.access import caller
from provenance.web.headers import SANDBOXED
from provenance.web.problems import Problem
from provenance.web.service import Served, Service
from provenance.web.workers.orders import DRAWN, EVIDENCE, PAGE

if TYPE_CHECKING:
    from provenance.model.service import StoredReport

router = APIRouter(tags=["reports"])
Allowed = Annotated[Caller, Depends(caller(Scope.VERIFY))]
Id = Annotated[str, Path(pattern=ID, description="As `Provenance-Report` named it.")]


class Fetched(StrEnum):
    """How a report is fetched."""

    JSON = "json"
    HTML = "html"
    PDF = "pdf"
    EVIDENCE = "evidence"


Form = Annotated[Fetched, Query(description="How the report is fetched.")]
_KEPT = {
    "description": "The report.",
    "content": {
        "application/json": REPORT["content"]["application/json"],
        "text/html": {"schema": {"type": "string"}},
        "application/pdf": {"schema": {"type": "string", "format": "binary"}},
        "application/zip": {"schema": {"type": "string", "format": "binary"}},
    },
}
_ABSENT = {**PROBLEMS[404], "description": "It cannot be had in this format."}
_HISTORY = document(
    "The history, as in a report.",
    {"version": 1, "generator": "provenance 0.1.0", "file": "photo.jpg", "history": {}},
)
Drawn = Annotated[Drawing, Query(description="How the history is shown.")]
_DRAWN = {
    Drawing.SVG: "image/svg+xml",
    Drawing.DOT: "text/vnd.graphviz; charset=utf-8",
    Drawing.MERMAID: "text/plain; charset=utf-8",
}
for _kind in _DRAWN.values():
    _HISTORY["content"][_kind.partition(";")[0]] = {"schema": {"type": "string"}}


@router.get(
    "/v1/reports/{report}", responses={**PROBLEMS, 200: _KEPT, 406: _ABSENT, 501: _ABSENT}, response_class=Response
)
async def get_report(report: Id, service: Served, _allowed: Allowed, format: Form = Fetched.JSON) -> Response:  # noqa: A002
    """Return a report that was kept; HTML and PDF where it was verified with `format=html`, or on the page.

    `evidence` is the pack of a file that was verified with `evidence=true`.
    """
    kept = await found(service, report)
    if format is Fetched.JSON:
        return Response(kept.texts[Format.JSON], media_type="application/json")
    if format is Fetched.EVIDENCE:
        return Response(evidence_of(kept), media_type="application/zip")
    html = html_of(kept)
    if format is Fetched.HTML:
        return Response(html, media_type="text/html; charset=utf-8", headers=SANDBOXED)
    return Response(await pdf.printed(service, html), media_type="application/pdf")


@router.get("/v1/history/{report}", responses={**PROBLEMS, 200: _HISTORY, 406: _ABSENT}, response_class=Response)
async def get_history(report: Id, service: Served, _allowed: Allowed, format: Drawn = Drawing.JSON) -> Response:  # noqa: A002
    """Return the history of a file as its report has it: every step, and what went into it.

    Drawings are there where it was verified with `format=html`, or on the page.
    """
    kept = await found(service, report)
    if format is not Drawing.JSON:
        drawn = kept.texts.get(f"{DRAWN}.{format}")
        if drawn is None:
            raise Problem(status=406, title="no drawing was kept with this report", hint="verify with format=html")
        return Response(drawn, media_type=_DRAWN[format], headers=SANDBOXED)
    document = json.loads(kept.texts[Format.JSON])
    (file,) = document["files"]
    told = {
        "version": to_history.VERSION,
        "generator": document["generator"],
        "file": file["file"],
        "history": file["history"],
    }
    return JSONResponse(told)


def html_of(kept: StoredReport) -> str:
    """Return a report as one document, where it was asked for as one, or made for a page. Raises `Problem`."""
    if Format.HTML in kept.texts:
        return kept.texts[Format.HTML]
    if PAGE not in kept.texts:
        raise Problem(status=406, title="this report was not kept as a page", hint="verify with format=html")
    return fragments.document_of(fragments.read(kept.texts[PAGE]))


def evidence_of(kept: StoredReport) -> bytes:
    """Return the evidence pack that is kept with a report. Raises `Problem`."""
    if EVIDENCE not in kept.texts:
        raise Problem(status=406, title="no evidence pack was kept with this report", hint="verify with evidence=true")
    return b64decode(kept.texts[EVIDENCE])


async def found(service: Service, report: str) -> StoredReport:
    """Return a report that is kept. Raises `Problem`."""
    kept = await asyncio.to_thread(service.catalogue.reports.get, report)
    if kept is None or kept.expires_at <= service.now():
        raise Problem(status=404, title="there is no such report", hint="it may have been kept long enough")
    return kept
