"""`/v1/jobs`: many files, or slow ones, are handed in, worked on after the answer, and fetched when they are done."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse

from provenance import codec
from provenance.model.jobs import JobKind, State
from provenance.model.service import Caller, Scope
from provenance.web.api.bodies import PROBLEMS, document
from provenance.web.callers.access import Bearer, caller, no_key
from provenance.web.jobs import handing_in
from provenance.web.problems import Problem
from provenance.web.service import Served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.jobs import Item, WebJob
    from provenance.web.service import Service

router = APIRouter(tags=["jobs"])
LINES: Final = "application/x-ndjson"
_ID: Final = "^[0-9A-Z]{26}$"
Kind = Annotated[JobKind, Query(description="What is done with each file.")]
Id = Annotated[str, Path(pattern=_ID, description="As the answer to handing it in named it.")]
Number = Annotated[int, Path(ge=0, description="Place of the file in its job, from 0.")]
_STATES: Final = [state.value for state in State]
_JOB: Final[dict[str, Any]] = {
    "description": "The job as it stands.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["id", "kind", "state", "at", "counts"],
                "properties": {
                    "id": {"type": "string"},
                    "kind": {"enum": [kind.value for kind in JobKind]},
                    "state": {"enum": _STATES},
                    "at": {"type": "string", "format": "date-time"},
                    "asked_by": {"type": "string", "description": "Name of the key."},
                    "cancelled_at": {"type": ["string", "null"], "format": "date-time"},
                    "ended_at": {"type": ["string", "null"], "format": "date-time"},
                    "counts": {
                        "type": "object",
                        "properties": {state: {"type": "integer"} for state in _STATES},
                    },
                },
            },
        }
    },
}
_JOBS: Final = document("Jobs, the last one first.", {"jobs": [], "next": None})
_RESULTS: Final[dict[str, Any]] = {
    "description": "A line of JSON for each file, in the order in which they were handed in.",
    "content": {LINES: {"schema": {"type": "string"}}},
}
_FILE: Final[dict[str, Any]] = {
    "description": "The signed file.",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}


async def _may_hand_in(request: Request, bearer: Bearer, kind: Kind = JobKind.VERIFY) -> Caller:
    """Admit who may do this with one file."""
    return await caller(kind.scope)(request, bearer)


async def _whoever(request: Request, bearer: Bearer, service: Served) -> Caller:
    """Say who asks: what belongs to a key is for that key, what belongs to nobody is for whoever knows its id."""
    token = None if bearer is None else bearer.credentials
    return await service.access.admit(request, token, Scope.VERIFY, everyone=True)


Handing = Annotated[Caller, Depends(_may_hand_in)]
Whoever = Annotated[Caller, Depends(_whoever)]


@router.post(
    "/v1/jobs",
    status_code=202,
    openapi_extra=handing_in.DESCRIBED,
    responses={**PROBLEMS, 202: _JOB},
    response_class=JSONResponse,
)
async def submit(request: Request, service: Served, allowed: Handing, kind: Kind = JobKind.VERIFY) -> JSONResponse:
    """Hand in many files, or slow ones: as parts `file` of a form, or by their addresses.

    The other options are those of `/v1/verify` or `/v1/sign`, and hold for all of the files.
    """
    job = await handing_in.handed_in(request, service, kind, allowed)
    return _told(job, 202, {"Location": f"/v1/jobs/{job.id}"})


@router.get("/v1/jobs", responses={**PROBLEMS, 200: _JOBS}, response_class=JSONResponse)
async def list_jobs(
    service: Served,
    asking: Whoever,
    before: Annotated[str | None, Query(pattern=_ID, description="Jobs that were handed in before this one.")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Jobs in one answer.")] = 50,
) -> JSONResponse:
    """List the jobs of a key, the last one first; an administrator's key lists all."""
    if asking.id is None:
        raise no_key("this takes a key", hint=None)
    of = None if Scope.ADMIN in asking.scopes else asking.id
    found = await asyncio.to_thread(service.catalogue.jobs.find, of, before=before, limit=limit)
    told = {"jobs": [_plain(job) for job in found], "next": found[-1].id if len(found) == limit else None}
    return JSONResponse(told)


@router.get("/v1/jobs/{job}", responses={**PROBLEMS, 200: _JOB}, response_class=JSONResponse)
async def get_job(job: Id, service: Served, asking: Whoever) -> JSONResponse:
    """Say how far a job has come."""
    return _told(await _found(service, job, asking))


@router.get("/v1/jobs/{job}/results", responses={**PROBLEMS, 200: _RESULTS}, response_class=StreamingResponse)
async def get_results(job: Id, service: Served, asking: Whoever) -> StreamingResponse:
    """Return what came of each file, line by line: its report, what was signed, or why it failed."""
    await _found(service, job, asking)
    return StreamingResponse(_lines(service, job), media_type=LINES)


@router.get("/v1/jobs/{job}/items/{number}/file", responses={**PROBLEMS, 200: _FILE}, response_class=FileResponse)
async def get_file(job: Id, number: Number, service: Served, asking: Whoever) -> FileResponse:
    """Return a signed file."""
    await _found(service, job, asking)
    item = await asyncio.to_thread(service.catalogue.jobs.item, job, number)
    if item is None or item.result is None or item.result.record is None:
        raise Problem(status=404, title="there is no signed file of this number", hint="see the results of the job")
    path = service.runner.spool.signed(job, number)
    if not path.is_file():
        hint = "another server has it, or its folder was emptied; the record is in the catalogue"
        raise Problem(status=410, title="the signed file is no longer here", hint=hint)
    headers = {"Provenance-Record": item.result.record, "Provenance-Manifest": item.planned}
    return FileResponse(path, media_type=item.result.media_type, filename=item.name, headers=headers)


@router.delete(
    "/v1/jobs/{job}", responses={**PROBLEMS, 200: _JOB, 204: {"description": "It was over, and is forgotten."}}
)
async def cancel(job: Id, service: Served, asking: Whoever) -> Response:
    """Cancel a job: files that are worked on are finished, no further one is begun. One that is over is forgotten."""
    found = await _found(service, job, asking)
    if found.state.is_over:
        await asyncio.to_thread(service.catalogue.jobs.remove, job)
        await asyncio.to_thread(service.runner.spool.remove, job)
        return Response(status_code=204)
    await service.runner.cancel(job)
    return _told(await _found(service, job, asking))


async def _found(service: Service, name: str, asking: Caller) -> WebJob:
    """Return a job, if it is theirs who ask. Raises `Problem`, the same one for what is not there."""
    job = await asyncio.to_thread(service.catalogue.jobs.get, name)
    if job is None or (job.caller not in {None, asking.id} and Scope.ADMIN not in asking.scopes):
        raise Problem(status=404, title="there is no such job", hint="results are kept for some days only")
    return job


def _told(job: WebJob, status: int = 200, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(_plain(job), status, headers=headers)


def _plain(job: WebJob) -> dict[str, Any]:
    told = {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "at": job.at,
        "asked_by": job.asked_by,
        "cancelled_at": job.cancelled_at,
        "ended_at": job.ended_at,
        "counts": job.counts,
    }
    plain: dict[str, Any] = codec.to_plain(told)
    return plain


def _lines(service: Service, job: str) -> Iterator[str]:
    for item in service.catalogue.jobs.items(job):
        yield codec.to_json(_line(service, item), indent=0) + "\n"


def _line(service: Service, item: Item) -> dict[str, Any]:
    told = {"number": item.number, "name": item.name, "state": item.state, "ended_at": item.ended_at}
    result = item.result
    if result is None:
        return told
    if result.failure is not None:
        failure = result.failure
        return told | {"problem": {"type": f"/problems/{failure.kind}", "title": failure.message, "hint": failure.hint}}
    told |= {name: value for name, value in codec.to_plain(result).items() if value}
    if result.report is not None:
        stored = service.catalogue.reports.get(result.report)
        told["document"] = None if stored is None else json.loads(stored.texts["json"])
    if result.record is not None:
        told["file"] = f"/v1/jobs/{item.job}/items/{item.number}/file"
    return told
