"""Validate documents by JSON Schemas, each of which is checked and made ready once."""

from __future__ import annotations

import json
from functools import cache

import jsonschema


def require_valid(document, schema) -> None:
    """Raise jsonschema's ValidationError unless the document follows the schema."""
    _validator(json.dumps(schema)).validate(document)


@cache
def _validator(schema: str):
    read = json.loads(schema)
    kind = jsonschema.validators.validator_for(read, default=jsonschema.Draft202012Validator)
    kind.check_schema(read)
    return kind(read)
