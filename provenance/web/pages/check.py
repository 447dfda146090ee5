"""`/`: drop a file, or name its address, and see what it is."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile

from provenance.model.service import Caller, Scope
from provenance.web.options import VerifyOptions
from provenance.web.pages import guard
from provenance.web.pages.drawing import PageRoute, page
from provenance.web.pages.visitors import visitor
from provenance.web.problems import Problem
from provenance.web.service import Served, Service
from provenance.web.uploads import fetched, forgetting, saved
from provenance.web.verifying import order_of, pack_of, verify

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.datastructures import FormData

    from provenance.web.workers.orders import Upload

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_FIELDS = 20


@router.get("/")
async def show_form(
    request: Request, service: Served, _allowed: Annotated[Caller, Depends(visitor(Scope.VERIFY))]
) -> Response:
    """Show what can be asked for."""
    token = guard.token_of(request)
    answer = page(
        request,
        "check.html",
        token=token,
        policies=service.space.policies.names(),
        usual=service.settings.verification.policy,
        days=service.rules.keep_reports,
        largest=service.largest // 1_000_000,
    )
    guard.set_token(request, answer, token)
    return answer


@router.post("/")
async def check_file(
    request: Request, service: Served, allowed: Annotated[Caller, Depends(visitor(Scope.VERIFY))]
) -> Response:
    """Look at what was given, keep the report, and lead to it."""
    guard.check_origin(request)
    async with _given(request, service) as (upload, form):
        options = VerifyOptions(
            policy=_text(form, "policy"),
            recover=_ticked(form, "recover"),
            evidence=_ticked(form, "evidence"),
            name=None,
        )
        order = order_of(service, options, page=True)
        found = await verify(service, upload, order, allowed, keep=True, pack=pack_of(options))
    return RedirectResponse(f"/reports/{found.report}", status_code=303)


@asynccontextmanager
async def _given(request: Request, service: Service) -> AsyncIterator[tuple[Upload, FormData]]:
    """Take in the file of the form, or what is at the address in it. Raises `Problem` and `FetchError`."""
    with forgetting() as kept:
        async with request.form(max_files=1, max_fields=_FIELDS) as form:
            guard.check_token(request, form.get(guard.FIELD))
            file, address = form.get("file"), _text(form, "address")
            if isinstance(file, UploadFile) and file.size:
                upload = await saved(service, file, kept)
            elif address is not None:
                upload = await fetched(service, address, kept)
            else:
                raise Problem(status=400, title="no file was chosen", hint="choose one, or give its address")
            yield upload, form


def _text(form: FormData, name: str) -> str | None:
    given = form.get(name)
    return given.strip() or None if isinstance(given, str) else None


def _ticked(form: FormData, name: str) -> bool:
    return _text(form, name) is not None
