"""`/reports/{id}`: what was found, as a page; and to take along."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from markupsafe import Markup

from provenance.model.service import Caller, Scope
from provenance.reports.faces import Format
from provenance.reports.to_html import fragments
from provenance.reports.to_html.fragments import picture_of
from provenance.web import pdf
from provenance.web.api.reports import evidence_of, found, html_of
from provenance.web.headers import SANDBOXED
from provenance.web.pages.drawing import PageRoute, page
from provenance.web.pages.visitors import visitor
from provenance.web.problems import Problem
from provenance.web.service import Served
from provenance.web.workers.laying import lay
from provenance.web.workers.orders import EVIDENCE, PAGE
from provenance.web.workers.shelter import Pool

if TYPE_CHECKING:
    from provenance.model.service import StoredReport
    from provenance.reports.to_html.fragments import Fragments

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Id = Annotated[str, Path(pattern="^[0-9A-Z]{26}$")]
Allowed = Annotated[Caller, Depends(visitor(Scope.VERIFY))]
_ODD: Final = re.compile(r"[^A-Za-z0-9._-]+")


@router.get("/reports/{report}")
async def show_report(request: Request, report: Id, service: Served, _allowed: Allowed) -> Response:
    """Show what was found: at a glance, then as much as one wants to see."""
    kept = await found(service, report)
    made = _pieces(kept)
    return page(
        request,
        "report.html",
        report=kept,
        name=made.name,
        parts={name: Markup(text) for name, text in made.parts.items()},  # noqa: S704 -- made of escaped text
        ancestors=made.ancestors if made.picture else (),
        below=Markup(made.footer),  # noqa: S704 -- the same
        has_pdf=pdf.is_there(),
        has_evidence=EVIDENCE in kept.texts,
    )


@router.get("/reports/{report}/beside/{step}")
async def show_beside(request: Request, report: Id, step: int, service: Served, _allowed: Allowed) -> Response:
    """Lay the file beside one of the pictures in its history: what was changed?"""
    kept = await found(service, report)
    made = _pieces(kept)
    older = next((item for item in made.ancestors if item.step == step), None)
    if older is None or made.picture is None:
        raise Problem(status=404, title="there is no such picture in this report")
    pair = (made.picture.data, older.picture.data)
    compared = await service.shelter.run(lay, service.parcel, *pair, pool=Pool.CLOSED)
    return page(
        request,
        "beside.html",
        report=kept,
        name=made.name,
        older=older,
        newer=made.picture,
        compared=compared,
        laid=picture_of(compared.older),
        difference=picture_of(compared.difference),
    )


@router.get("/reports/{report}/report.json")
async def take_json(report: Id, service: Served, _allowed: Allowed) -> Response:
    """Return the report for programs."""
    kept = await found(service, report)
    return _taken(kept, kept.texts[Format.JSON].encode(), "application/json", "report.json")


@router.get("/reports/{report}/report.html")
async def take_html(report: Id, service: Served, _allowed: Allowed) -> Response:
    """Return the report as one file that loads nothing and runs nothing."""
    kept = await found(service, report)
    return _taken(kept, html_of(kept).encode(), "text/html; charset=utf-8", "report.html")


@router.get("/reports/{report}/report.pdf")
async def take_pdf(report: Id, service: Served, _allowed: Allowed) -> Response:
    """Return the report for paper. Raises `Problem` where nothing is installed that makes it."""
    kept = await found(service, report)
    data = await pdf.printed(service, html_of(kept))
    return _taken(kept, data, "application/pdf", "report.pdf")


@router.get("/reports/{report}/evidence.zip")
async def take_evidence(report: Id, service: Served, _allowed: Allowed) -> Response:
    """Return the evidence pack, where one was made."""
    kept = await found(service, report)
    return _taken(kept, evidence_of(kept), "application/zip", "evidence.zip")


def _pieces(kept: StoredReport) -> Fragments:
    text = kept.texts.get(PAGE)
    if text is None:
        raise Problem(status=404, title="this report was not made for a page", hint=f"/v1/reports/{kept.id} has it")
    return fragments.read(text)


def _taken(kept: StoredReport, data: bytes, media_type: str, ending: str) -> Response:
    name = _ODD.sub("-", kept.name).strip("-.")[:80] or "file"
    disposition = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    return Response(data, media_type=media_type, headers={**SANDBOXED, **disposition})
