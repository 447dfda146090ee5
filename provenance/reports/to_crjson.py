"""The interchange form of the standard (C2PA 2.4, crJSON): what the engine says, as it is, and nothing of ours.

It is a view of manifests: where there are none that can be read there is nothing to view, and `null` says so. It shows
the engine's own trust, which ours can be stricter than.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from provenance import codec
from provenance.reports import wording
from provenance.reports.escape import as_json

if TYPE_CHECKING:
    from provenance.reports.result import Result, Results


def document(results: Results) -> str:
    """Return the crJSON of one file; of several, a list of `file`, `crjson` and, where that is `null`, `error`."""
    found: Any = [{"file": item.name, "crjson": _view(item), "error": missing(item)} for item in results.items]
    if len(results.items) == 1:
        found = _view(results.items[0])
    return as_json(codec.to_json(found)) + "\n"


def missing(result: Result) -> str | None:
    """Say why there is no crJSON of a file; `None` when there is."""
    if result.verdict is None:
        return result.error.message if result.error else wording.NOT_LOOKED_AT
    return None if _view(result) is not None else result.verdict.facets.credential.reason


def _view(result: Result) -> Any:
    store = result.verdict.inspection.store if result.verdict else None
    return store.interchange if store else None
