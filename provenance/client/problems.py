"""From problem details (RFC 9457) back to the library's errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from provenance import codec, errors
from provenance.client.retrying import seconds
from provenance.errors import ProvenanceError, ServiceError, TooLarge
from provenance.reports.escape import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

_PREFIX: Final = "/problems/"
_HINTS: Final = {
    401: "give the client a key: provenance serve key create",
    403: "the key must be for this: provenance serve key create --scope …",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """Problem details, as far as the library has a use for them."""

    type: str = "about:blank"
    title: str = ""
    detail: str | None = None
    hint: str | None = None
    instance: str | None = None


def error_of(status: int, headers: Mapping[str, str], body: bytes, *, url: str) -> ProvenanceError:
    """Return the error that an answer stands for: the library's own where the service names it."""
    told = _read(body) if "problem+json" in headers.get("content-type", "") else None
    if told is None:
        # A proxy, or something else that is no provenance service.
        return _service_error(status, headers, Details(title=f"the service answers {status}"), url)
    if _kind(told.type) is not None:
        return of_details(told)
    if status == 413:
        return TooLarge(visible(told.title), hint=visible(told.hint) if told.hint else None)
    return _service_error(status, headers, told, url)


def of_details(told: Details) -> ProvenanceError:
    """Return the error that details stand for, where no answer of its own came with them."""
    kind = _kind(told.type) or ServiceError
    return kind(visible(told.title), hint=visible(told.hint) if told.hint else None)


def _read(body: bytes) -> Details | None:
    try:
        return codec.from_json(body, Details, extras=True)
    except codec.DecodingError:
        return None


def _kind(name: str) -> type[ProvenanceError] | None:
    """Find the error that is named; never anything else that the module happens to hold."""
    found = getattr(errors, name.removeprefix(_PREFIX), None) if name.startswith(_PREFIX) else None
    return found if isinstance(found, type) and issubclass(found, ProvenanceError) else None


def _service_error(status: int, headers: Mapping[str, str], told: Details, url: str) -> ServiceError:
    message = f"{visible(told.title)}: {visible(told.detail)}" if told.detail else visible(told.title)
    hint = visible(told.hint) if told.hint else _HINTS.get(status)
    error = ServiceError(message or f"the service answers {status}", path=url, hint=hint)
    error.status = status
    error.retry_after = seconds(headers.get("retry-after"))
    error.request_id = told.instance or headers.get("x-request-id")
    return error
