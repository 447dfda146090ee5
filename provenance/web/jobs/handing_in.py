"""Take in a job: its files go to a folder of their own, its options are checked before anything is accepted."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from provenance.model.jobs import JobKind, NewItem, NewJob
from provenance.model.record import new_id
from provenance.web.options import SignOptions, VerifyOptions
from provenance.web.problems import Problem
from provenance.web.signing import order_of as order_to_sign
from provenance.web.uploads import FORM, JSON, kind_of, require_parts, shown_name, small_body
from provenance.web.verifying import order_of as order_to_look
from provenance.web.verifying import require_known

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from starlette.requests import Request

    from provenance.model.jobs import WebJob
    from provenance.model.service import Caller
    from provenance.web.service import Service

MOST: Final = 1000
"""Files of one job."""
MOST_OPEN: Final = 10_000
"""Files that one key may have waiting."""
_LARGEST_JSON: Final = 1 << 21
_LONGEST_ADDRESS: Final = 2000
_PIECE: Final = 1 << 20
_PART: Final = "file"
_LATER: Final = "60"
_COPIES: Final = 3
"""Of what is sent: while it is received, while it waits, and once it is signed."""
_OPTIONS: Final[dict[JobKind, type[VerifyOptions | SignOptions]]] = {
    JobKind.VERIFY: VerifyOptions,
    JobKind.SIGN: SignOptions,
}
_APART: Final = frozenset({"kind", "name", "keep"})
"""Of one file alone: of many, each has a name of its own, and every report is kept."""


def _parameters() -> list[dict[str, Any]]:
    """Describe the options of both kinds, as their own routes do."""
    found: dict[str, dict[str, Any]] = {}
    for model in _OPTIONS.values():
        schema = model.model_json_schema()
        for name, field in schema["properties"].items():
            if name not in _APART:
                told = _inlined(field, schema.get("$defs", {}))
                found.setdefault(name, {"name": name, "in": "query", "required": False, "schema": told})
    return list(found.values())


def _inlined(schema: Any, known: dict[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inlined(known[schema["$ref"].rpartition("/")[2]], known)
        return {key: _inlined(value, known) for key, value in schema.items()}
    return [_inlined(item, known) for item in schema] if isinstance(schema, list) else schema


DESCRIBED: Final[dict[str, Any]] = {
    "parameters": _parameters(),
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "required": [_PART],
                    "properties": {
                        _PART: {
                            "type": "array", "minItems": 1, "maxItems": MOST,
                            "items": {"type": "string", "format": "binary"},
                        }
                    },
                }
            },
            JSON: {
                "schema": {
                    "type": "object",
                    "required": ["urls"],
                    "additionalProperties": False,
                    "properties": {
                        "urls": {
                            "type": "array", "minItems": 1, "maxItems": MOST,
                            "items": {"type": "string", "format": "uri", "maxLength": _LONGEST_ADDRESS},
                        }
                    },
                },
                "example": {"urls": ["https://example.com/one.jpg", "https://example.com/two.jpg"]},
            },
        },
    },
}  # fmt: skip
"""What the documentation says of options and body."""


async def handed_in(request: Request, service: Service, kind: JobKind, caller: Caller) -> WebJob:
    """Accept a job, with all of its files, or nothing. Raises `Problem`, `OutputError` and `CatalogueError`."""
    at = service.now()
    name = new_id(at)
    order = _order(request, service, kind, caller)
    media = kind_of(request)
    _require_room(request, service)
    folder = await asyncio.to_thread(service.runner.spool.make, name)
    try:
        if media == FORM:
            items = await _sent(request, folder, kind, at)
        elif media == JSON:
            items = await _named(request, kind, at)
        else:
            raise Problem(status=415, title=f"send files as parts `{_PART}` of a form ({FORM}), or addresses as JSON")
        job = NewJob(
            id=name,
            kind=kind,
            at=at,
            caller=caller.id,
            asked_by=caller.name,
            spool=service.runner.spool.id,
            order=order,
        )
        return await asyncio.to_thread(_kept, service, job, items)
    except BaseException:
        service.runner.spool.remove(name)
        raise


def _require_room(request: Request, service: Service) -> None:
    """See that a job does not fill the disk, on which results are kept for days, and the catalogue perhaps."""
    stated = int(request.headers.get("content-length") or 0)
    if service.runner.spool.free() < _COPIES * stated + service.largest:
        raise Problem(status=507, title="there is no room left for jobs", hint="fetch what is done, and delete it")


def _kept(service: Service, job: NewJob, items: Sequence[NewItem]) -> WebJob:
    jobs = service.catalogue.jobs
    if jobs.unfinished(job.caller) + len(items) > MOST_OPEN:
        title = f"more than {MOST_OPEN:,} files wait already"
        raise Problem(status=429, title=title, hint="wait for some of them", headers={"Retry-After": _LATER})
    jobs.submit(job, items)
    service.runner.ring()
    found = jobs.get(job.id)
    assert found is not None  # noqa: S101 -- it was just written
    return found


def _order(request: Request, service: Service, kind: JobKind, caller: Caller) -> str:
    """Check the options, as they will be used; return them as JSON."""
    given = request.query_params
    refused = sorted(_APART - {"kind"} & set(given))
    options: dict[str, Any] = {}
    for key in given.keys() - {"kind"}:
        values = given.getlist(key)
        options[key] = values if key == "trust_list" or len(values) > 1 else values[0]
    if refused:
        raise Problem(status=422, title=f"`{refused[0]}` is for one file alone, and this is a job")
    try:
        found = _OPTIONS[kind].model_validate(options)
    except ValidationError as error:
        raise RequestValidationError([{**item, "loc": ("query", *item["loc"])} for item in error.errors()]) from error
    if isinstance(found, SignOptions):
        identity = order_to_sign(service, found, caller, Path()).identity
        found = found.model_copy(update={"identity": identity})
    else:
        require_known(found, caller)
        order_to_look(service, found)
    return found.model_dump_json(exclude_defaults=True)


def _item(kind: JobKind, name: str, at: datetime, url: str | None = None) -> NewItem:
    planned = f"urn:c2pa:{uuid.uuid4()}" if kind is JobKind.SIGN else new_id(at)
    return NewItem(name=name, planned=planned, url=url)


async def _sent(request: Request, folder: Path, kind: JobKind, at: datetime) -> list[NewItem]:
    items: list[NewItem] = []
    async with request.form(max_files=MOST, max_fields=20) as form:
        require_parts(form, (_PART,))
        for given in form.getlist(_PART):
            if not isinstance(given, UploadFile) or not given.size:
                raise Problem(status=400, title=f"number {len(items) + 1} of the parts `{_PART}` is no file, or empty")
            await asyncio.to_thread(_write, given, folder / str(len(items)))
            items.append(_item(kind, shown_name(given.filename), at))
    if not items:
        raise Problem(status=400, title=f"the form has no file in a part `{_PART}`")
    return items


def _write(given: UploadFile, path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as target:
        shutil.copyfileobj(given.file, target, _PIECE)


async def _named(request: Request, kind: JobKind, at: datetime) -> list[NewItem]:
    wrong = Problem(status=400, title=f'the body is not {{"urls": ["https://…", …]}}, with 1 to {MOST:,} addresses')
    body = await small_body(request, _LARGEST_JSON)
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise wrong from error
    urls = given.get("urls") if isinstance(given, dict) and set(given) == {"urls"} else None
    if not isinstance(urls, list) or not 0 < len(urls) <= MOST:
        raise wrong
    if not all(isinstance(url, str) and 0 < len(url) <= _LONGEST_ADDRESS for url in urls):
        raise wrong
    return [_item(kind, shown_name(url.partition("?")[0].rpartition("/")[2]), at, url) for url in urls]
