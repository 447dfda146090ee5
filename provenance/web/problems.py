"""Errors as they travel: problem details (RFC 9457), each with a type, a status, and what to do next.

What a client sees names the file as it was called there: no path of this machine, no traceback.
"""

from __future__ import annotations

import errno
import logging
from typing import TYPE_CHECKING, Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from provenance import errors
from provenance.errors import ProvenanceError
from provenance.reports.escape import visible
from provenance.web.workers.shelter import Busy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from starlette.requests import Request

MEDIA_TYPE: Final = "application/problem+json"
_LOGGER: Final = logging.getLogger("provenance.web")
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_AWAY: Final = "30"
"""Seconds after which one may ask again where the catalogue is away."""
_STATUS: Final[dict[type[ProvenanceError], int]] = {
    errors.TooLarge: 413,
    errors.UnsupportedMedia: 415,
    errors.MediaError: 422,
    errors.SettingsError: 422,
    errors.NoIdentity: 403,
    errors.KeyUnavailable: 503,
    errors.WrongSecret: 503,
    errors.UnsuitableCertificate: 503,
    errors.SignerRefused: 503,
    errors.SigningError: 422,
    errors.FetchError: 422,
    errors.AuthorityError: 503,
    errors.CatalogueUnavailable: 503,
    errors.CatalogueError: 500,
    errors.OutputError: 507,
    ProvenanceError: 500,
}
"""By the nearest of an error's classes."""


class Problem(Exception):
    """Say why a request was not done."""

    def __init__(
        self,
        *,
        status: int,
        title: str,
        detail: str | None = None,
        hint: str | None = None,
        kind: str = "about:blank",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Take what is told; `kind` is what kind of problem it is (`type`): the name of an error of the library."""
        super().__init__(title)
        self.status = status
        self.title = title
        self.detail = detail
        self.hint = hint
        self.kind = kind
        self.headers = dict(headers or {})

    def answer(self, request: Request) -> JSONResponse:
        """Write it down."""
        told: dict[str, Any] = {"type": self.kind, "title": self.title, "status": self.status}
        optional = {
            "detail": self.detail,
            "hint": self.hint,
            "instance": getattr(request.state, "request_id", None),
        }
        told |= {name: value for name, value in optional.items() if value is not None}
        return JSONResponse(told, self.status, headers=self.headers, media_type=MEDIA_TYPE)


def of_error(error: ProvenanceError) -> Problem:
    """Make a problem of one of the library's errors."""
    status = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    if isinstance(error, errors.CatalogueError):
        # What a database says names its host, and whoever asks need not know that.
        told = "the catalogue cannot be reached" if status == 503 else "the catalogue cannot be used"
        error = type(error)(told, hint="try again later; the log of the service says why")
    where = f"{visible(error.path)}: " if error.path and status < 500 else ""
    return Problem(
        status=status,
        title=error.message if not where else f"{where}{error.message}",
        hint=error.hint,
        kind=f"/problems/{type(error).__name__}",
        headers={"Retry-After": _AWAY} if status == 503 else {},
    )


def of_busy(error: Busy) -> Problem:
    """Make a problem of a queue that is full."""
    hint = f"ask again in {error.retry_after} s"
    headers = {"Retry-After": str(error.retry_after)}
    return Problem(status=429, title="too many files wait already", hint=hint, headers=headers)


def install(app: FastAPI) -> None:
    """Have every error of the application answered as a problem."""

    @app.exception_handler(Problem)
    async def _of_problem(request: Request, error: Problem) -> JSONResponse:
        return error.answer(request)

    @app.exception_handler(ProvenanceError)
    async def _of_error(request: Request, error: ProvenanceError) -> JSONResponse:
        if isinstance(error, errors.CatalogueError):
            _LOGGER.warning("%s: %s", getattr(request.state, "request_id", None), visible(error))
        return of_error(error).answer(request)

    @app.exception_handler(Busy)
    async def _of_busy(request: Request, error: Busy) -> JSONResponse:
        return of_busy(error).answer(request)

    @app.exception_handler(RequestValidationError)
    async def _of_request(request: Request, error: RequestValidationError) -> JSONResponse:
        return _invalid(error).answer(request)

    @app.exception_handler(HTTPException)
    async def _of_http(request: Request, error: HTTPException) -> JSONResponse:
        return Problem(status=error.status_code, title=error.detail, headers=error.headers or {}).answer(request)

    _install_for_mishaps(app)


def _install_for_mishaps(app: FastAPI) -> None:
    """Have what is no error of ours answered too; mistakes are, where they are noted (`logs`)."""

    @app.exception_handler(OSError)
    async def _of_disk(request: Request, error: OSError) -> JSONResponse:
        if error.errno not in _NO_ROOM:
            raise error
        told = f"what was sent could not be kept: {error.strerror}"
        hint = "an administrator should look at the disk of the service"
        return of_error(errors.OutputError(told, hint=hint)).answer(request)

    @app.exception_handler(ClientDisconnect)
    async def _of_parting(request: Request, _error: ClientDisconnect) -> JSONResponse:
        # Nobody reads this; what is noted is that the request, and not the service, was at fault.
        return Problem(status=400, title="the body ended before it was whole").answer(request)


def _invalid(error: RequestValidationError) -> Problem:
    """Name the fields that are wrong, and what is wrong with them; never what was sent."""
    told = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
    return Problem(status=422, title="the request is not as it must be", detail=visible(told))
