"""`/operator`: how the service does, for those who run it."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from provenance.model.service import Caller, Scope
from provenance.web.pages import guard, standing
from provenance.web.pages.drawing import PageRoute, page
from provenance.web.pages.visitors import visitor
from provenance.web.service import Served

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/operator")
async def show_service(
    request: Request, service: Served, who: Annotated[Caller, Depends(visitor(Scope.ADMIN))]
) -> Response:
    """Show what waits, what was done, what will expire, and what failed."""
    tables = await asyncio.to_thread(standing.tables, service)
    token = guard.token_of(request)
    answer = page(request, "operator.html", who=who.name, at=service.now(), tables=tables, token=token)
    guard.set_token(request, answer, token)
    return answer
