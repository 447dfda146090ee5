"""Manifest repository and Soft Binding Resolution API (C2PA 2.4), at the standard's routes.

Manifests come in by signing and by `catalogue add` only: nobody stores, binds or takes away any through these routes,
which the standard allows a service to leave out.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import Field

from provenance.model.resolution import is_identifier
from provenance.model.service import Scope
from provenance.web.api.bodies import MANIFEST, PROBLEMS, document, file_body
from provenance.web.callers.access import resolving as allowed
from provenance.web.options import Strict
from provenance.web.problems import Problem
from provenance.web.service import Served, Service
from provenance.web.uploads import received, small_body
from provenance.web.workers import work
from provenance.web.workers.shelter import Pool
from provenance.workspace import resolution_json, resolving

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provenance.model.resolution import Binding, ManifestMatch

router = APIRouter(tags=["soft binding resolution"], dependencies=[Depends(allowed(Scope.ASSETS))])
JSON: Final = "application/json"
_LARGEST: Final = 1 << 16
_MOST_TOLD: Final = "How many matches are answered."
_MATCHES: Final = {
    **PROBLEMS,
    200: document(
        "Manifests, the most similar one first.",
        {"matches": [{"manifestId": "urn:c2pa:F9168C5E-CEB2-4FAA-B6BF-329BF39FA1E4", "similarityScore": 100}]},
    ),
}
_QUERY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["alg", "value"],
                    "properties": {
                        "alg": {"type": "string", "examples": ["io.iscc.v0"]},
                        "value": {"type": "string", "description": "Base64."},
                    },
                },
            }
        },
    }
}
_ALGORITHMS: Final = document("The algorithms.", {"watermarks": [], "fingerprints": [{"alg": "io.iscc.v0"}]})
_STATUS: Final = document("It is there.", {"status": "ok"})
_CAPABILITIES: Final = document(
    "The routes.",
    {"version": "2.4", "endpoint": "https://example.com/v1", "routes": ["https://example.com/v1/matches/byBinding"]},
)
Name = Annotated[
    str, Path(description="Label of the active manifest.", examples=["urn:c2pa:F9168C5E-CEB2-4FAA-B6BF-329BF39FA1E4"])
]
Most = Annotated[int, Query(alias="maxResults", ge=1, le=resolving.MOST, description=_MOST_TOLD)]


class BindingQuery(Strict):
    """A soft binding, as it travels in an address."""

    # Whatever the letters, the address of the request stays shorter than a head may be.
    value: str = Field(min_length=1, max_length=4096, description="Base64; longer ones are posted.")
    alg: str = Field(min_length=1, max_length=200, examples=["io.iscc.v0"], description="Name of the algorithm.")
    most: int = Field(default=resolving.USUAL, alias="maxResults", ge=1, le=resolving.MOST, description=_MOST_TOLD)


@router.get("/v1/matches/byBinding", responses=_MATCHES, response_class=Response)
async def get_by_binding(query: Annotated[BindingQuery, Query()], service: Served) -> Response:
    """Return the manifests whose pictures have a fingerprint like this one."""
    try:
        binding = resolution_json.read_binding(query.alg, query.value)
    except ValueError as error:
        raise _not_a_query(error) from error
    return await _near(service, binding, query.most)


@router.post("/v1/matches/byBinding", openapi_extra=_QUERY, responses=_MATCHES, response_class=Response)
async def post_by_binding(request: Request, service: Served, most: Most = resolving.USUAL) -> Response:
    """Do the same for a fingerprint that is too long for an address."""
    body = await small_body(request, _LARGEST)
    try:
        binding = resolution_json.read_query(body)
    except ValueError as error:
        raise _not_a_query(error) from error
    return await _near(service, binding, most)


@router.post("/v1/matches/byContent", openapi_extra=file_body(), responses=_MATCHES, response_class=Response)
async def post_by_content(request: Request, service: Served, most: Most = resolving.USUAL) -> Response:
    """Return the manifests of a file: by its bytes where it is known, else by what it shows."""
    async with received(request, service) as upload:
        matched = await service.shelter.run(work.match, service.parcel, upload, most, pool=Pool.OPEN)
    if matched.error is not None:
        raise matched.error
    return _told(matched.matches)


@router.get("/v1/manifests/{manifest:path}", responses={**PROBLEMS, 200: MANIFEST}, response_class=Response)
async def get_manifest(
    manifest: Name,
    service: Served,
    *,
    active_only: Annotated[bool, Query(alias="returnActiveManifest", description="Leave its ingredients out.")] = False,
) -> Response:
    """Return the manifest store whose active manifest has this identifier."""
    if not is_identifier(manifest):
        raise Problem(status=404, title="that is no identifier of a manifest")
    found = await asyncio.to_thread(resolving.manifest, service.space, manifest, active_only=active_only)
    if found is None:
        raise Problem(status=404, title="no manifest of this identifier is kept")
    lasting = {"Cache-Control": "public, max-age=86400, immutable"}
    return Response(found, media_type="application/c2pa", headers=lasting)


@router.get("/v1/services/supportedAlgorithms", responses={**PROBLEMS, 200: _ALGORITHMS}, response_class=Response)
async def algorithms() -> Response:
    """Name the algorithms that bindings may be of."""
    return Response(resolution_json.write_algorithms(resolving.ALGORITHMS), media_type=JSON)


@router.get("/v1/services/status", responses={**PROBLEMS, 200: _STATUS}, response_class=Response)
async def status() -> Response:
    """Say that it is there."""
    return Response('{"status":"ok"}', media_type=JSON)


@router.get("/v1/services/capabilities", responses={**PROBLEMS, 200: _CAPABILITIES}, response_class=Response)
@router.get(
    "/.well-known/c2pa-soft-binding-resolution",
    name="discover",
    responses={**PROBLEMS, 200: _CAPABILITIES},
    response_class=Response,
)
async def capabilities(request: Request, service: Served) -> Response:
    """Say which routes there are."""
    base = service.rules.public_url or str(request.base_url)
    return Response(resolution_json.write_capabilities(f"{base.rstrip('/')}/v1"), media_type=JSON)


async def _near(service: Service, binding: Binding, most: int) -> Response:
    try:
        found = await asyncio.to_thread(resolving.by_binding, service.space, binding, most=most)
    except ValueError as error:
        raise _not_a_query(error) from error
    return _told(found)


def _told(matches: Iterable[ManifestMatch]) -> Response:
    return Response(resolution_json.write_matches(matches), media_type=JSON)


def _not_a_query(error: ValueError) -> Problem:
    return Problem(status=400, title=f"that is no soft binding: {error}")
