"""`POST /v1/compare`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from provenance.model.service import Caller, Scope
from provenance.web.api.bodies import COMPARISON, PROBLEMS, file_body
from provenance.web.callers.access import caller
from provenance.web.service import Served
from provenance.web.uploads import several
from provenance.web.workers import work
from provenance.web.workers.shelter import Pool

router = APIRouter(tags=["verification"])


@router.post(
    "/v1/compare",
    openapi_extra=file_body("one", "other"),
    responses={**PROBLEMS, 200: COMPARISON},
    response_class=Response,
)
async def compare_files(
    request: Request, service: Served, _allowed: Annotated[Caller, Depends(caller(Scope.VERIFY))]
) -> Response:
    """Compare two files: are they from one origin, what did each do since, what changed in the picture?"""
    async with several(request, service, parts=("one", "other")) as (one, other):
        compared = await service.shelter.run(work.compare, service.parcel, one, other, pool=Pool.CLOSED)
    if compared.error is not None:
        raise compared.error
    return Response(compared.text, media_type="application/json")
