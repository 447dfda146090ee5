"""Whether it is there, whether it can work, and how much it does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from provenance.errors import CatalogueError
from provenance.web.api.bodies import PROBLEMS, document
from provenance.web.callers.access import measuring
from provenance.web.service import Served

if TYPE_CHECKING:
    from provenance.web.service import Service

router = APIRouter(tags=["operation"])
_ALIVE = document("It answers.", {"status": "ok"})
_CHECKS = {"catalogue": {"ready": True}, "workers": {"ready": True}}
_READY = document("It can work.", {"status": "ready", "checks": _CHECKS})
_NOT_READY = document("It cannot work now.", {"status": "not ready", "checks": _CHECKS})
_NUMBERS = {"description": "The numbers.", "content": {"text/plain": {"schema": {"type": "string"}}}}


@router.get("/healthz", responses={200: _ALIVE})
async def healthz() -> JSONResponse:
    """Say that the server answers."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz", responses={200: _READY, 503: _NOT_READY})
async def readyz(service: Served) -> JSONResponse:
    """Say whether it can work: the catalogue answers, workers are confined, and there is room in the queue."""
    found = await asyncio.to_thread(_ready, service)
    ready = all(item["ready"] for item in found.values())
    return JSONResponse({"status": "ready" if ready else "not ready", "checks": found}, 200 if ready else 503)


@router.get(
    "/metrics", responses={**PROBLEMS, 200: _NUMBERS}, response_class=Response, dependencies=[Depends(measuring)]
)
async def metrics(service: Served) -> Response:
    """Return what is counted, for Prometheus."""
    text = await asyncio.to_thread(service.metrics.written, service)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


def _ready(service: Service) -> dict[str, dict[str, Any]]:
    try:
        service.catalogue.head()
        catalogue: dict[str, Any] = {"ready": True}
    except CatalogueError as error:
        catalogue = {"ready": False, "reason": error.message}
    state = service.shelter.state()
    workers = {"ready": state.waiting < service.rules.queue, "not_confined": list(state.lacking)}
    return {"catalogue": catalogue, "workers": workers}
