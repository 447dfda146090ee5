"""Where in its file a manifest store belongs, by the store's own words."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provenance.errors import ManifestError
from provenance.manifests import bridge, report
from provenance.manifests.formats import MANIFEST_STORE
from provenance.model.claim import Relationship

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from provenance.model.manifest import ManifestStore
    from provenance.model.trust import Trust


_BINDING = "c2pa.hash."


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The range that the hard binding leaves out, because the store stands there."""

    label: str
    """Of the active manifest."""
    start: int | None = None
    """Bytes from the beginning of the file; `None` when the binding does not say."""
    length: int = 0
    """Bytes that the store took up there, wrapping included."""


def place(store: bytes, *, trust: Trust) -> Place:
    """Read the place of a store from its data hash (C2PA 2.4, `c2pa.hash.data`, exclusions).

    Raises `ManifestError` when the bytes are no manifest store that can be read.
    """
    try:
        with bridge.open_reader(io.BytesIO(store), MANIFEST_STORE, trust=trust) as opened:
            found = report.parse(bridge.reader_json(opened))
            details = bridge.detailed_json(opened)["manifests"]
    except bridge.EngineError as error:
        raise ManifestError(
            f"the manifest store cannot be read: {bridge.translate(error, path=None).message}",
            hint="it is damaged, or not a manifest store",
        ) from error
    bound = next((item for item in _lineage(found, details) if any(name.startswith(_BINDING) for name in item)), {})
    ranges = [(item.get("length") or 0, item["start"]) for item in _exclusions(bound)]
    if not ranges:
        return Place(label=found.active)
    length, start = max(ranges)
    return Place(label=found.active, start=start, length=length)


def _lineage(store: ManifestStore, details: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield assertions of the active manifest and then, since updates bind nothing themselves, of what they update."""
    label: str | None = store.active
    seen = set[str]()
    while label is not None and label in store.manifests and label not in seen:
        yield (details.get(label) or {}).get("assertion_store") or {}
        seen.add(label)
        parents = (item for item in store.manifests[label].ingredients if item.relationship is Relationship.PARENT_OF)
        label = next((item.manifest for item in parents), None)


def _exclusions(assertions: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name, data in assertions.items():
        if name.startswith("c2pa.hash.data") and isinstance(data, dict):
            yield from (item for item in data.get("exclusions") or () if isinstance(item.get("start"), int))
