"""`/sign-in` and `/sign-out`, for those who have a key."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from provenance.model.service import Caller, Scope
from provenance.web.pages import guard
from provenance.web.pages.drawing import PageRoute, page
from provenance.web.pages.sessions import COOKIE, LASTS
from provenance.web.pages.visitors import sessions, signed_in, word
from provenance.web.problems import Problem
from provenance.web.service import Served

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_FIELDS: Final = 4


@router.get("/sign-in")
async def show_sign_in(request: Request, service: Served) -> Response:
    """Ask for a key, unless one was given already."""
    holder = await signed_in(request, service)
    return _asked(request) if holder is None else _inside(holder)


@router.post("/sign-in")
async def sign_in(request: Request, service: Served) -> Response:
    """Take a key; what the browser keeps is only a word of chance that stands for it here."""
    form = await _form(request)
    try:
        holder = await service.access.recognise(form["key"], request.client.host if request.client else "")
    except Problem as problem:
        return _asked(request, problem)
    if holder.id is None:
        raise AssertionError(holder)
    answer = _inside(holder)
    guard.set_cookie(request, answer, COOKIE, sessions(request).begin(holder.id), seconds=LASTS)
    return answer


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session, here and in the browser."""
    await _form(request)
    sessions(request).end(word(request))
    answer = RedirectResponse("/sign-in", status_code=303)
    guard.set_cookie(request, answer, COOKIE, "", seconds=0)
    return answer


async def _form(request: Request) -> dict[str, str]:
    """Take in a form of ours. Raises `Problem`."""
    guard.check_origin(request)
    async with request.form(max_files=0, max_fields=_FIELDS) as form:
        guard.check_token(request, form.get(guard.FIELD))
        return {"key": str(form.get("key") or "").strip()}


def _asked(request: Request, problem: Problem | None = None) -> Response:
    token = guard.token_of(request)
    status = 200 if problem is None else problem.status
    answer = page(request, "sign_in.html", status=status, token=token, problem=problem)
    guard.set_token(request, answer, token)
    return answer


def _inside(holder: Caller) -> RedirectResponse:
    return RedirectResponse("/operator" if Scope.ADMIN in holder.scopes else "/", status_code=303)
