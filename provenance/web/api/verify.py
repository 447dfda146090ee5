"""`POST /v1/verify` and `POST /v1/inspect`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from provenance.model.service import Caller, Scope
from provenance.web.api.bodies import PROBLEMS, REPORT, document, file_body
from provenance.web.callers.access import caller
from provenance.web.headers import SANDBOXED
from provenance.web.options import MEDIA_TYPES, Naming, Verifying, Written
from provenance.web.service import Served
from provenance.web.uploads import received
from provenance.web.verifying import order_of, pack_of, require_known, verify
from provenance.web.workers import work
from provenance.web.workers.shelter import Pool

router = APIRouter(tags=["verification"])
Allowed = Annotated[Caller, Depends(caller(Scope.VERIFY))]
_FACTS = document(
    "What a report says of one file, without what a policy adds.",
    {"generator": "provenance 0.1.0", "file": {"file": "photo.jpg"}},
)


@router.post("/v1/verify", openapi_extra=file_body(), responses={**PROBLEMS, 200: REPORT}, response_class=Response)
async def verify_file(request: Request, options: Verifying, service: Served, allowed: Allowed) -> Response:
    """Verify a file: who signed it, when, how it began, whether it was changed, and what a policy says of that.

    The answer is 200 whatever the verdict, which stands in the header `Provenance-Decision` too.
    """
    require_known(options, allowed)
    order = order_of(service, options)
    async with received(request, service) as upload:
        found = await verify(service, upload, order, allowed, keep=options.keep, pack=pack_of(options))
    headers = {"Provenance-Decision": str(found.looked.decision)}
    if found.report is not None:
        headers |= {"Location": f"/v1/reports/{found.report}", "Provenance-Report": found.report}
    if options.format is Written.HTML:
        headers |= SANDBOXED
    text = found.looked.texts[options.format.form]
    return Response(text, media_type=MEDIA_TYPES[options.format], headers=headers)


@router.post("/v1/inspect", openapi_extra=file_body(), responses={**PROBLEMS, 200: _FACTS}, response_class=Response)
async def inspect_file(request: Request, _options: Naming, service: Served, _allowed: Allowed) -> Response:
    """Tell the facts about a file's credentials, and judge nothing."""
    async with received(request, service) as upload:
        found = await service.shelter.run(work.inspect, service.parcel, upload, pool=Pool.CLOSED)
    if found.error is not None:
        raise found.error
    return Response(found.text, media_type="application/json")
