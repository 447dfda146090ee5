"""The description of the API (OpenAPI), completed by what routes cannot say for themselves.

That is the schemas of the library's own documents, and who needs no key under these settings.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, cast

from fastapi import FastAPI

from provenance.reports import comparison_form, form

if TYPE_CHECKING:
    from fastapi.routing import APIRoute

    from provenance.settings import ServiceSettings
    from provenance.web.service import Service

TAGS: Final = [
    {"name": "verification", "description": "Is a file what it claims to be?"},
    {"name": "signing", "description": "Files are signed as an identity that the service has."},
    {"name": "reports", "description": "What was found once, and is kept."},
    {"name": "assets", "description": "The catalogue: what was signed, and how it was verified since."},
    {"name": "jobs", "description": "Many files, or slow ones."},
    {"name": "soft binding resolution", "description": "Manifests, and the files they belong to (C2PA 2.4)."},
    {"name": "operation", "description": "How the service itself is doing."},
]
PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "description": "Name of the error.", "examples": ["/problems/UnreadableMedia"]},
        "title": {
            "type": "string",
            "description": "What is wrong, with which file.",
            "examples": ["photo.jpg: is empty"],
        },
        "status": {"type": "integer", "examples": [422]},
        "detail": {"type": "string"},
        "hint": {"type": "string", "description": "What to do.", "examples": ["was it copied completely?"]},
        "instance": {"type": "string", "description": "The request's id, as in the log."},
    },
}
"""A problem (RFC 9457)."""
_OWN: Final = "#/$defs/"
_COMMON: Final = "#/components/schemas/"


class Described(FastAPI):
    """An application that says what it does under its settings."""

    def openapi(self) -> dict[str, Any]:
        """Return the description, made when it is first asked for."""
        if self.openapi_schema is None:
            service = cast("Service", self.state.service)
            complete(super().openapi(), service.rules)
        return cast("dict[str, Any]", self.openapi_schema)


def operation_id(route: APIRoute) -> str:
    """Name an operation as its function is named: that is what generated clients call it."""
    return route.name


def complete(told: dict[str, Any], rules: ServiceSettings) -> None:
    """Add to a description what routes cannot say for themselves."""
    schemas = told.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    for name, schema in (("Report", form.schema()), ("Comparison", comparison_form.schema())):
        schemas |= _flat(name, schema)
    for path, item in told["paths"].items():
        if _open(path, rules):
            for operation in item.values():
                # Either a key or nothing (OpenAPI 3.1, 4.8.10).
                operation["security"] = [*operation.get("security", ()), {}]


def _open(path: str, rules: ServiceSettings) -> bool:
    """Say whether a route takes no key."""
    if path == "/metrics":
        return rules.open_metrics
    if path.startswith(("/v1/matches/", "/v1/manifests/", "/v1/services/", "/.well-known/")):
        return rules.open_resolution
    if path.startswith(("/v1/verify", "/v1/inspect", "/v1/compare", "/v1/reports/", "/v1/history/", "/v1/jobs")):
        return rules.open_verification
    return False


def _flat(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema and those in it, each under a name of its own among all."""
    moved = json.loads(json.dumps(schema).replace(_OWN, f"{_COMMON}{name}"))
    inner = moved.pop("$defs", {})
    moved.pop("$schema", None)
    moved.pop("$id", None)
    return {name: moved, **{f"{name}{key}": value for key, value in inner.items()}}
