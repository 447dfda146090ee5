"""What the documentation of the API (OpenAPI) says of bodies that are streamed, and of answers that are reports."""

from __future__ import annotations

from typing import Any, Final

_BINARY: Final = {"type": "string", "format": "binary"}
_PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}
_MEANINGS: Final = {
    400: "There is no file where one must be.",
    401: "A key is needed, or this one does not count.",
    403: "The key may not do this.",
    404: "There is no such thing.",
    408: "The body came too slowly.",
    413: "The file is too large.",
    415: "A type that cannot carry Content Credentials.",
    422: "The file cannot be worked with, or an option is wrong.",
    429: "Too many requests, or too many that wait: `Retry-After` says when.",
    500: "A mistake of ours; the log has it under this id.",
    503: "Something that is needed is away.",
    507: "There is no room left.",
}


def _problem(meaning: str) -> dict[str, Any]:
    return {"description": meaning, "content": {"application/problem+json": {"schema": _PROBLEM}}}


PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {status: _problem(text) for status, text in _MEANINGS.items()}
"""Answers to what could not be done (RFC 9457)."""
REPORT: Final[dict[str, Any]] = {
    "description": "The report, in the format that was asked for.",
    "content": {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/Report"},
        },
        **{
            kind: {"schema": {"type": "string"}}
            for kind in ("text/html", "text/csv", "text/markdown", "application/xml", "application/sarif+json")
        },
    },
    "headers": {
        "Provenance-Decision": {"schema": {"type": "string", "enum": ["accepted", "review", "rejected"]}},
        "Provenance-Report": {"schema": {"type": "string"}, "description": "Id of the report, where it is kept."},
    },
}


ID: Final = "^[0-9A-Z]{26}$"
"""Of reports and records: a ULID."""
COMPARISON: Final[dict[str, Any]] = {
    "description": "The comparison.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Comparison"}}},
}
MANIFEST: Final[dict[str, Any]] = {
    "description": "The manifest store (JUMBF).",
    "content": {"application/c2pa": {"schema": _BINARY}},
}
SIGNED: Final[dict[str, Any]] = {
    "description": "The signed file, of the type that was sent; with `Accept: application/json`, its record alone.",
    "content": {
        "*/*": {"schema": _BINARY},
        "application/json": {"schema": {"type": "object", "required": ["record", "notes"]}},
    },
    "headers": {
        "Provenance-Record": {"schema": {"type": "string"}, "description": "Id of its record in the catalogue."},
        "Provenance-Manifest": {"schema": {"type": "string"}, "description": "Label of its manifest."},
    },
}


def document(description: str, example: dict[str, Any]) -> dict[str, Any]:
    """Describe an answer that is a JSON object, by an example; the names in it are always there."""
    schema = {"type": "object", "required": list(example)}
    return {"description": description, "content": {"application/json": {"schema": schema, "example": example}}}


def file_body(*parts: str) -> dict[str, Any]:
    """Describe a body: one file in any of three ways, or a form with these parts."""
    form = {
        "schema": {
            "type": "object",
            "required": list(parts or ("file",)),
            "properties": dict.fromkeys(parts or ("file",), _BINARY),
        }
    }
    content: dict[str, Any] = {"multipart/form-data": form}
    if not parts:
        content |= {
            "application/octet-stream": {"schema": _BINARY},
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["url"],
                    "additionalProperties": False,
                    "properties": {"url": {"type": "string", "format": "uri"}},
                },
                "example": {"url": "https://example.com/photo.jpg"},
            },
        }
    return {"requestBody": {"required": True, "content": content}}
