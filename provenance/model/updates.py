"""Update manifests: they add statements to a file, and leave its content to the manifest that they update."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model.claim import Relationship
from provenance.model.statuses import CONTENT_MATCHES

if TYPE_CHECKING:
    from provenance.model.manifest import Manifest, ManifestStore


def own_manifests(store: ManifestStore) -> tuple[Manifest, ...]:
    """Return the manifests that speak of the file as it is: the active one and, where it only updates, what it updates.

    An update has no binding of its own: the engine says which manifest's hash it has compared.
    """
    matched = (item.uri.split("/") for item in store.statuses if item.code in CONTENT_MATCHES)
    bound = next((steps[2] for steps in matched if steps[1:2] == ["c2pa"] and len(steps) > 2), store.active)
    found: dict[str, Manifest] = {}
    label: str | None = store.active
    while label is not None and label in store.manifests and label not in found:
        found[label] = store.manifests[label]
        if label == bound:
            return tuple(found.values())
        parents = (item for item in found[label].ingredients if item.relationship is Relationship.PARENT_OF)
        label = next((item.manifest for item in parents), None)
    return (store.active_manifest,)
