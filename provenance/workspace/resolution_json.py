"""Bindings and matches as they travel between resolvers and who asks them (C2PA 2.4, Soft Binding Resolution API)."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

from provenance.model.resolution import Binding, ManifestMatch

if TYPE_CHECKING:
    from collections.abc import Iterable

_URL_SAFE = str.maketrans("-_", "+/")


def write_value(binding: Binding) -> str:
    """Return the value of a binding as queries carry it: base64."""
    return b64encode(binding.value).decode("ascii")


def read_binding(algorithm: str, value: str) -> Binding:
    """Return the binding of a query. Both alphabets of base64 are read, padded or not.

    Raises ValueError for a value that is not base64.
    """
    digits = value.translate(_URL_SAFE).rstrip("=")
    return Binding(algorithm=algorithm, value=b64decode(digits + "=" * (-len(digits) % 4), validate=True))


def write_query(binding: Binding) -> bytes:
    """Return a binding as the JSON document that is posted (`c2pa.softBindingQuery`)."""
    return json.dumps({"alg": binding.algorithm, "value": write_value(binding)}).encode()


def read_query(body: bytes) -> Binding:
    """Return the binding of a JSON document. Raises ValueError for what is none."""
    read = _object(body)
    algorithm, value = read.get("alg"), read.get("value")
    if not (isinstance(algorithm, str) and isinstance(value, str)):
        raise ValueError("`alg` and `value` are not both given as texts")
    return read_binding(algorithm, value)


def write_matches(matches: Iterable[ManifestMatch]) -> bytes:
    """Return matches as a JSON document (`c2pa.softBindingQueryResult`)."""
    return json.dumps({"matches": [_plain(item) for item in matches]}).encode()


def read_matches(body: bytes) -> tuple[ManifestMatch, ...]:
    """Return the matches of a JSON document; what it says besides is passed over.

    Raises ValueError for a document that does not follow the standard.
    """
    matches = _object(body).get("matches")
    if not isinstance(matches, list):
        raise ValueError("it holds no list of matches")
    return tuple(_match(item) for item in matches)


def write_algorithms(fingerprints: Iterable[str]) -> bytes:
    """Return the algorithms that bindings may be of as a JSON document (`c2pa.softBindingAlgList`)."""
    return json.dumps({"watermarks": [], "fingerprints": [{"alg": name} for name in fingerprints]}).encode()


def write_capabilities(base: str) -> bytes:
    """Return which routes there are below an address as a JSON document."""
    routes = ("matches/byBinding", "matches/byContent", "manifests/{manifestId}", "services/supportedAlgorithms")
    told = {"version": "2.4", "endpoint": base, "routes": [f"{base}/{name}" for name in routes]}
    return json.dumps(told).encode()


def _object(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is not JSON") from error
    if not isinstance(read, dict):
        raise ValueError("it is not a JSON object")
    return read


def _plain(item: ManifestMatch) -> dict[str, str | int]:
    told = {"manifestId": item.manifest, "endpoint": item.endpoint, "similarityScore": item.score}
    return {name: value for name, value in told.items() if value is not None}


def _match(item: Any) -> ManifestMatch:
    if not isinstance(item, dict):
        raise ValueError("a match is not a JSON object")
    manifest, endpoint, score = item.get("manifestId"), item.get("endpoint"), item.get("similarityScore")
    if not isinstance(manifest, str):
        raise ValueError("a match names no manifest")
    # Absent and null are the same to many who write such documents.
    if not (endpoint is None or isinstance(endpoint, str)):
        raise ValueError("an endpoint is no text")
    if not (score is None or type(score) is int):
        raise ValueError("a score is no whole number")
    return ManifestMatch(manifest=manifest, endpoint=endpoint, score=score)
