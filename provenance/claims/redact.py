"""Find what must go from the ancestors of a file when its location is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from provenance.claims.describe import is_place
from provenance.model.claim import Redaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.manifest import ManifestStore

REASON = "c2pa.PII.present"
_NEVER = ("c2pa.actions", "c2pa.hash.", "c2pa.ingredient")
"""The standard forbids to redact these (C2PA 2.4, redaction)."""


def location_redactions(store: ManifestStore) -> Iterator[Redaction]:
    """Yield a redaction for every assertion of a store that names a place."""
    for manifest in store.manifests.values():
        for item in manifest.assertions:
            if not item.label.startswith(_NEVER) and _names_place(item.data):
                yield Redaction(uri=f"self#jumbf=/c2pa/{manifest.label}/c2pa.assertions/{item.label}", reason=REASON)


def _names_place(data: Any) -> bool:
    if isinstance(data, dict):
        return any(is_place(str(key)) or _names_place(value) for key, value in data.items())
    return isinstance(data, list) and any(_names_place(item) for item in data)
