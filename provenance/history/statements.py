"""What two manifests state differently: assertion by assertion, and within them field by field."""

from __future__ import annotations

import json
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any

from provenance.model.comparison import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.manifest import Manifest

_ELSEWHERE = ("c2pa.actions", "c2pa.hash.", "c2pa.thumbnail.", "c2pa.ingredient", "cawg.identity")
"""Compared in other ways, or different for any two files."""
_CONTEXT = "@context"
"""What the prefixes of properties stand for (JSON-LD)."""
_DEEPEST = 4
_FIELDS = 500
"""Fields of one assertion that are told apart."""
_LONGEST = 1000
"""Characters of one value."""


def differences(one: Manifest, other: Manifest) -> Iterator[Difference]:
    """Yield what two manifests state differently, the claims themselves first."""
    first, second = _claim(one), _claim(other)
    for name in first:
        if first[name] != second[name]:
            yield Difference(about="claim", field=name, one=first[name], other=second[name])
    told = _assertions(one), _assertions(other)
    for label in dict.fromkeys(chain(*told)):
        yield from _between(label, told[0].get(label), told[1].get(label))


def _claim(manifest: Manifest) -> dict[str, str | None]:
    signature = manifest.signature
    signer = (signature.organization, signature.common_name) if signature else ()
    return {
        "title": manifest.title,
        "media type": manifest.media_type,
        "claim generator": ", ".join(f"{item.name} {item.version or ''}".strip() for item in manifest.generators),
        "signed by": " / ".join(dict.fromkeys(item for item in signer if item)) or None,
        "time-stamp": signature.time.isoformat() if signature and signature.time else None,
        "stands behind it": ", ".join(item.organization or item.common_name or "?" for item in manifest.identities)
        or None,
    }


def _assertions(manifest: Manifest) -> dict[str, Any]:
    """Return the data of assertions by label; further ones of the same label are counted."""
    found: dict[str, Any] = {}
    counted: Counter[str] = Counter()
    for item in manifest.assertions:
        if not item.label.startswith(_ELSEWHERE):
            counted[item.label] += 1
            number = counted[item.label]
            found[item.label if number == 1 else f"{item.label} ({number})"] = item.data
    return found


def _between(label: str, one: Any, other: Any) -> Iterator[Difference]:
    first, second = dict(_fields(one, "", 0)), dict(_fields(other, "", 0))
    for name in sorted({*first, *second}):
        if first.get(name) != second.get(name):
            told = _text(first.get(name)), _text(second.get(name))
            yield Difference(about=label, field=name or None, one=told[0], other=told[1])


def _fields(data: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Yield the fields of an assertion by their paths; what is nested too deep, and lists, are one value each."""
    if not isinstance(data, dict) or depth == _DEEPEST or not data:
        yield path, data
        return
    for number, (key, value) in enumerate(data.items()):
        if key == _CONTEXT:
            continue
        if number == _FIELDS:
            yield f"{path}…", f"{len(data)} fields"
            return
        yield from _fields(value, f"{path}.{key}" if path else str(key), depth + 1)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
