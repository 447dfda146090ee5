"""Small phrases about signers and lists that several facets use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.model.manifest import ManifestStore
    from provenance.model.trust import TrustList


def name_of(store: ManifestStore) -> str:
    """Name the signer of the active manifest as its certificate does."""
    signature = store.active_manifest.signature
    name = signature.organization or signature.common_name if signature else None
    return name or "a certificate without a name"


def phrase(found: TrustList) -> str:
    """Say through which list somebody is trusted, with what must be said of that list."""
    if found.local:
        return f"trusted on this machine only (list {found.name!r})"
    return f"through the list {found.name!r}" + (f" ({found.note})" if found.note else "")


def stamped(store: ManifestStore) -> datetime | None:
    """Return the time in the active manifest's time-stamp, whoever made it."""
    signature = store.active_manifest.signature
    return signature.time if signature else None
