"""`POST /v1/sign`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from starlette.background import BackgroundTask

from provenance import codec
from provenance.model.service import Caller, Scope
from provenance.web.api.bodies import PROBLEMS, SIGNED, file_body
from provenance.web.callers.access import caller
from provenance.web.options import Signing
from provenance.web.service import Served
from provenance.web.signing import sign
from provenance.web.uploads import received

router = APIRouter(tags=["signing"])
Allowed = Annotated[Caller, Depends(caller(Scope.SIGN))]


@router.post("/v1/sign", openapi_extra=file_body(), responses={**PROBLEMS, 200: SIGNED}, response_class=Response)
async def sign_file(request: Request, options: Signing, service: Served, allowed: Allowed) -> Response:
    """Sign a file, as an identity that the key may use, and enter it into the catalogue.

    The signed file comes back; it was read again and verified before.
    """
    async with received(request, service) as upload:
        done = await sign(service, upload, options, allowed)
    headers = {"Provenance-Record": done.record.id, "Provenance-Manifest": done.record.label}
    if "application/json" in request.headers.get("accept", ""):
        done.path.unlink(missing_ok=True)
        told = codec.to_plain({"record": done.record, "notes": done.notes})
        return JSONResponse(told, headers=headers)
    return FileResponse(
        done.path,
        media_type=done.record.media_type,
        filename=done.name,
        headers=headers,
        background=BackgroundTask(done.path.unlink, missing_ok=True),
    )
