"""`/v1/assets`: what the catalogue knows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from provenance import codec
from provenance.model.record import Query as Wanted
from provenance.model.service import Scope
from provenance.model.verdict import Decision
from provenance.web.api.bodies import ID, MANIFEST, PROBLEMS, document
from provenance.web.callers.access import caller
from provenance.web.options import Moment, Strict, Text
from provenance.web.problems import Problem
from provenance.web.service import Served, Service

if TYPE_CHECKING:
    from provenance.model.record import Record

router = APIRouter(tags=["assets"], dependencies=[Depends(caller(Scope.ASSETS))])
Id = Annotated[str, Path(pattern=ID, description="Id of the record.")]
_FOUND = document("Records, the one that was entered last first.", {"assets": [], "next": None})
_SHOWN = document("The record.", {"record": {}, "manifest_kept": True, "checks": []})
_PROOF = document("The proof, and whether it holds.", {"holds": True, "proof": {}})
_MOST = 500


class AssetQuery(Strict):
    """Which records are wanted: all that is given must be so."""

    text: Text = Field(default="", max_length=500, description="Words of the title, description, signer, place.")
    since: Moment | None = Field(default=None, description="Signed then or later.")
    until: Moment | None = Field(default=None, description="Signed before.")
    signer: Text | None = Field(default=None, max_length=500, description="Name of who signed.")
    decision: Decision | None = Field(default=None, description="Of the last recorded verification.")
    source_type: Text | None = Field(
        default=None, max_length=500, description="Digital source type, by its name or URI."
    )
    digest: str | None = Field(default=None, pattern="^[0-9a-f]{64}$", description="SHA-256 of the file.")
    before: str | None = Field(default=None, pattern=ID, description="Those that were entered before this record.")
    limit: int = Field(default=50, ge=1, le=_MOST, description="Records in one answer.")


@router.get("/v1/assets", responses={**PROBLEMS, 200: _FOUND})
async def list_assets(query: Annotated[AssetQuery, Query()], service: Served) -> JSONResponse:
    """List records, the one that was entered last first. For those that follow, ask with `before` as `next` says."""
    wanted = Wanted(**query.model_dump())
    records = await asyncio.to_thread(lambda: list(service.catalogue.find(wanted)))
    following = records[-1].id if len(records) == query.limit else None
    return JSONResponse({"assets": codec.to_plain(records), "next": following})


@router.get("/v1/assets/{asset}", responses={**PROBLEMS, 200: _SHOWN})
async def show_asset(asset: Id, service: Served) -> JSONResponse:
    """Show a record, whether its manifest store is kept, and how the file was verified since."""
    return JSONResponse(await asyncio.to_thread(_shown, service, asset))


@router.get("/v1/assets/{asset}/manifest", responses={**PROBLEMS, 200: MANIFEST}, response_class=Response)
async def get_asset_manifest(asset: Id, service: Served) -> Response:
    """Return the manifest store of a record."""
    record = await asyncio.to_thread(_record, service, asset)
    store = await asyncio.to_thread(service.catalogue.manifest, record.manifest)
    if store is None:
        raise Problem(status=404, title="its manifest store is not kept")
    return Response(store, media_type="application/c2pa")


@router.get("/v1/assets/{asset}/proof", responses={**PROBLEMS, 200: _PROOF})
async def prove_asset(asset: Id, service: Served) -> JSONResponse:
    """Return the ledger's entry of a record, and the chain from it to the head."""
    await asyncio.to_thread(_record, service, asset)
    proof = await asyncio.to_thread(service.catalogue.prove, asset)
    return JSONResponse({"holds": proof.holds(), "proof": codec.to_plain(proof)})


def _shown(service: Service, asset: str) -> dict[str, Any]:
    record = _record(service, asset)
    kept = service.catalogue.manifest(record.manifest) is not None
    checks = list(service.catalogue.checks(record.output)) if record.output else []
    told: dict[str, Any] = codec.to_plain({"record": record, "manifest_kept": kept, "checks": checks})
    return told


def _record(service: Service, asset: str) -> Record:
    found = service.catalogue.get(asset)
    if found is None:
        raise Problem(status=404, title="there is no such record")
    return found
