"""Take in what is sent: a file as the whole body, as a part of a form, or by its address.

Whatever its size, it goes to a file in the private folder, piece by piece, under a name of our own; what the sender
calls it is only ever shown.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from tempfile import mkstemp
from typing import TYPE_CHECKING, BinaryIO, Final
from urllib.parse import unquote, urlsplit

from starlette.datastructures import UploadFile

from provenance.network import Client, Rules
from provenance.reports.escape import visible
from provenance.web.problems import Problem
from provenance.web.workers.orders import Upload

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from starlette.datastructures import FormData
    from starlette.requests import Request

    from provenance.web.service import Service

FORM: Final = "multipart/form-data"
JSON: Final = "application/json"
UNNAMED: Final = "upload"
_LONGEST_NAME: Final = 200
_LARGEST_JSON: Final = 1 << 16
_PIECE: Final = 1 << 20
"""Bytes that are gathered before they are written, in a thread: a disk that is slow must not stop other requests."""
_AT_ONCE: Final = 8 << 20
"""Bytes of a file that are written as they come: to memory, at first, which takes less than the way to a thread."""
_FETCH_DEADLINE: Final = 30.0
_MOST_FIELDS: Final = 20
_LARGEST_FIELD: Final = 1 << 16


@asynccontextmanager
async def received(request: Request, service: Service, *, part: str = "file") -> AsyncIterator[Upload]:
    """Take in one file, and forget it in the end. Raises `Problem` and `FetchError`."""
    async with several(request, service, parts=(part,)) as uploads:
        yield uploads[0]


@asynccontextmanager
async def several(request: Request, service: Service, *, parts: Sequence[str]) -> AsyncIterator[list[Upload]]:
    """Take in one file for each named part of a form; where one is wanted, it may be the body, or its address."""
    with forgetting() as kept:
        kind = kind_of(request)
        if kind == FORM:
            uploads = await _from_form(request, service, parts, kept)
        elif len(parts) > 1:
            raise Problem(status=415, title=f"send {' and '.join(parts)} as parts of a form ({FORM})")
        elif kind == JSON:
            uploads = [await _from_address(request, service, kept)]
        else:
            uploads = [await _from_body(request, service, kept)]
        yield uploads


@contextmanager
def forgetting() -> Iterator[list[Path]]:
    """Give a list of files that are removed in the end; whoever makes one notes it there."""
    kept: list[Path] = []
    try:
        yield kept
    finally:
        for path in kept:
            path.unlink(missing_ok=True)


def shown_name(stated: str | None) -> str:
    """Return what a sender calls a file, without folders and control characters, and not too long."""
    last = PureWindowsPath(PurePosixPath(stated or "").name).name
    clean = "".join(letter for letter in last if letter.isprintable()).strip(". ")
    return clean[-_LONGEST_NAME:] or UNNAMED


async def small_body(request: Request, most: int) -> bytes:
    """Return a body that is no file, of no more bytes than that, whatever it says of its length. Raises `Problem`."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise Problem(status=413, title=f"more than {most:,} bytes were sent", headers={"Connection": "close"})
    return bytes(body)


def kind_of(request: Request) -> str:
    """Return the media type that a body is said to have, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


@contextmanager
def _new(service: Service, kept: list[Path]) -> Iterator[BinaryIO]:
    """Give a new file, the last of those that are kept. It writes all of what it is given, or says that it cannot."""
    handle, name = mkstemp(dir=service.spool)
    kept.append(Path(name))
    with os.fdopen(handle, "wb") as target:
        yield target


async def _from_body(request: Request, service: Service, kept: list[Path]) -> Upload:
    size = written = 0
    gathered: list[bytes] = []
    with _new(service, kept) as target:
        async for piece in request.stream():
            size += len(piece)
            if size <= _AT_ONCE:
                target.write(piece)
                continue
            gathered.append(piece)
            if size - written >= _PIECE:
                await asyncio.to_thread(target.writelines, gathered)
                gathered, written = [], size
        target.writelines(gathered)
    if not size:
        raise Problem(status=400, title="nothing was sent", hint="send a file as the body, or as the part `file`")
    return Upload(path=str(kept[-1]), name=shown_name(request.query_params.get("name")))


async def _from_form(request: Request, service: Service, parts: Sequence[str], kept: list[Path]) -> list[Upload]:
    uploads = []
    limits = {"max_files": len(parts), "max_fields": _MOST_FIELDS, "max_part_size": _LARGEST_FIELD}
    async with request.form(**limits) as form:
        require_parts(form, parts)
        for part in parts:
            given = form.get(part)
            if not isinstance(given, UploadFile) or not given.size:
                raise Problem(status=400, title=f"the form has no file in its part `{part}`")
            uploads.append(await saved(service, given, kept))
    return uploads


def require_parts(form: FormData, parts: Sequence[str]) -> None:
    """See that nothing in a form is passed over: a policy that was asked for there would not have judged.

    Raises `Problem`.
    """
    for name in form:
        if name not in parts:
            hint = "options are query parameters, such as /v1/verify?policy=standard"
            raise Problem(status=422, title=f"nothing is known of a part `{visible(name)}`", hint=hint)


async def saved(service: Service, part: UploadFile, kept: list[Path]) -> Upload:
    """Save the file in a part of a form, and note where."""
    with _new(service, kept) as target:
        await asyncio.to_thread(shutil.copyfileobj, part.file, target, _PIECE)
    return Upload(path=str(kept[-1]), name=shown_name(part.filename))


async def _from_address(request: Request, service: Service, kept: list[Path]) -> Upload:
    body = await small_body(request, _LARGEST_JSON)
    try:
        given = json.loads(body)
        address = given["url"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Problem(status=400, title='the body is not {"url": "https://…"}') from error
    if not isinstance(address, str) or set(given) != {"url"}:
        raise Problem(status=400, title='the body is not {"url": "https://…"}')
    return await fetched(service, address, kept)


async def fetched(service: Service, address: str, kept: list[Path]) -> Upload:
    """Have a file from its address: public, https unless the settings say otherwise. Raises `FetchError`."""
    rules = Rules(http=service.rules.http_urls, limit=service.largest, deadline=_FETCH_DEADLINE)
    answer = await asyncio.to_thread(Client(rules).get, address, accept="image/*, video/*, audio/*, */*;q=0.5")
    if not answer.body:
        raise Problem(status=422, title="there is nothing at that address")
    with _new(service, kept) as target:
        await asyncio.to_thread(target.write, answer.body)
    return Upload(path=str(kept[-1]), name=shown_name(unquote(urlsplit(answer.url).path)))
