"""Follow a manifest store from its active manifest back to where the content began."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model import statuses
from provenance.model.history import Edge, Edit, EditState, History
from provenance.model.manifest import StatusKind
from provenance.model.statuses import Concern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.manifest import Ingredient, Manifest, ManifestStore, Status

_SPEAKS_AGAINST_SIGNER = (Concern.SIGNATURE, Concern.CREDENTIAL, Concern.TRUST, Concern.REVOCATION)


def trace(store: ManifestStore) -> History:
    """Return the history of the active manifest; every manifest appears once, however often it was used."""
    faults = _faults(store)
    trusted = _trusted(store)
    edits: dict[str, Edit] = {}
    edges: list[Edge] = []
    waiting = [store.active]
    while waiting:
        label = waiting.pop(0)
        if label in edits:
            continue
        manifest = store.manifests[label]
        edits[label] = _edit(manifest, faults.get(label), trusted=label in trusted)
        for index, item in enumerate(manifest.ingredients):
            source = item.manifest or f"{label}/{item.label}/{index}"
            edges.append(Edge(into=label, source=source, relationship=item.relationship))
            if item.manifest in store.manifests:
                waiting.append(source)
            else:
                edits.setdefault(source, _outside(source, item))
    return History(head=store.active, edits=tuple(edits.values()), edges=tuple(edges))


def _faults(store: ManifestStore) -> dict[str, Status]:
    """Find what is wrong with each manifest, whoever noticed it."""
    found: dict[str, Status] = {}
    for owner, status in _noticed(store):
        breaks = _breaks(status)
        if status.kind is not StatusKind.FAILURE or not (breaks or statuses.concern(status.code) is Concern.CREDENTIAL):
            continue
        label = _subject(store, status) or owner
        # What breaks a manifest says more than a certificate that should not have signed it.
        if label not in found or (breaks and not _breaks(found[label])):
            found[label] = status
    return found


def _breaks(status: Status) -> bool:
    return statuses.concern(status.code) in statuses.BREAKS_ANCESTRY


def _trusted(store: ManifestStore) -> set[str]:
    """Find the manifests whose signers are trusted; one word against is enough."""
    found: dict[str, bool] = {}
    for owner, status in _noticed(store):
        against = status.kind is StatusKind.FAILURE and statuses.concern(status.code) in _SPEAKS_AGAINST_SIGNER
        if against or status.code == "signingCredential.trusted":
            label = _subject(store, status) or owner
            found[label] = found.get(label, True) and not against
    return {label for label, good in found.items() if good}


def _subject(store: ManifestStore, status: Status) -> str | None:
    """Find the manifest that a status is about: `self#jumbf=/c2pa/<label>/…`; labels may be parts of each other."""
    steps = status.uri.split("/")
    return next((item for item in store.manifests if item in steps), None)


def _noticed(store: ManifestStore) -> Iterator[tuple[str, Status]]:
    for status in store.statuses:
        yield store.active, status
    for status in store.deltas:
        yield store.active, status
    for manifest in store.manifests.values():
        for item in manifest.ingredients:
            for status in item.statuses:
                yield item.manifest or manifest.label, status


def _state(fault: Status | None) -> EditState:
    if fault is None:
        return EditState.INTACT
    return EditState.BROKEN if _breaks(fault) else EditState.UNSOUND


def _edit(manifest: Manifest, fault: Status | None, *, trusted: bool) -> Edit:
    return Edit(
        id=manifest.label,
        title=manifest.title,
        media_type=manifest.media_type,
        state=_state(fault),
        reason=None if fault is None else statuses.sentence(fault),
        signature=manifest.signature,
        trusted=trusted,
        generators=manifest.generators,
        actions=manifest.actions,
    )


def _outside(label: str, item: Ingredient) -> Edit:
    """Describe an ingredient whose manifest is not in the store: the gap is shown, not hidden."""
    elsewhere = any(statuses.concern(status.code) is Concern.FETCH for status in item.statuses)
    state = EditState.UNKNOWN
    if item.manifest is not None:
        state = EditState.MISSING
    elif elsewhere:
        state = EditState.NOT_FETCHED
    return Edit(id=label, title=item.title, media_type=item.media_type, state=state, reason=item.description)
