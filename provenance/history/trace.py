"""Follow a manifest store from its active manifest back to where the content began.

Files may be hostile: everything here takes time in proportion to what stands in the store.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.history import said
from provenance.model import statuses
from provenance.model.history import Edge, Edit, EditState, History
from provenance.model.manifest import StatusKind
from provenance.model.statuses import Concern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.manifest import Ingredient, Manifest, ManifestStore, Status

_TRUSTED = "signingCredential.trusted"
_SPEAKS_AGAINST_SIGNER = (Concern.SIGNATURE, Concern.CREDENTIAL, Concern.TRUST, Concern.REVOCATION)


def trace(store: ManifestStore) -> History:
    """Return the history of the active manifest; every manifest appears once, however often it was used."""
    known = _known(store)
    stamps = said.later_stamps(store)
    edits: dict[str, Edit] = {}
    edges: list[Edge] = []
    used_as: dict[str, Ingredient] = {}
    waiting = deque([store.active])
    while waiting:
        label = waiting.popleft()
        if label in edits:
            continue
        manifest = store.manifests[label]
        edits[label] = _edit(manifest, known, used_as.get(label), stamps.get(label, ()))
        for index, item in enumerate(manifest.ingredients):
            source = item.manifest or _free(f"{label}/{item.label}/{index}", store)
            edges.append(Edge(into=label, source=source, relationship=item.relationship, ingredient=item.label))
            used_as.setdefault(source, item)
            if item.manifest in store.manifests:
                waiting.append(source)
            else:
                edits.setdefault(source, _outside(source, item))
    return History(head=store.active, edits=tuple(edits.values()), edges=tuple(edges))


def without_credentials(name: str, media_type: str | None, reason: str) -> History:
    """Return the history of a file of which nothing is known: a gap and nothing else."""
    alone = Edit(id=name, title=name, media_type=media_type, state=EditState.UNKNOWN, reason=reason)
    return History(head=name, edits=(alone,), edges=())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What was noticed about each manifest, whoever noticed it."""

    faults: dict[str, Status] = field(default_factory=dict)
    trusted: dict[str, bool] = field(default_factory=dict)
    """One word against is enough."""
    vouched: dict[str, bool] = field(default_factory=dict)
    """What the lists here say: they know more of a signer than those of whoever used the file."""
    recorded: set[str] = field(default_factory=set)
    """Whose signers were not trusted when they were used."""

    def doubt(self, label: str) -> str | None:
        """Say why a signer is not trusted, where somebody says so."""
        if label in self.vouched:
            return None if self.vouched[label] else "no trust list vouches for its signer"
        return (
            "its signer was not trusted when it was used, and no list vouches for it now"
            if label in self.recorded
            else None
        )


def _known(store: ManifestStore) -> _Known:
    known = _Known()
    for owner, status, is_ours in _noticed(store):
        label = _subject(store, status) or owner
        concern = statuses.concern(status.code)
        failed = status.kind is StatusKind.FAILURE
        against = failed and concern in _SPEAKS_AGAINST_SIGNER
        if against or status.code == _TRUSTED:
            known.trusted[label] = known.trusted.get(label, True) and not against
        if is_ours and (status.code == _TRUSTED or concern is Concern.TRUST):
            known.vouched[label] = known.vouched.get(label, True) and not failed
        elif failed and concern is Concern.TRUST:
            known.recorded.add(label)
        breaks = concern in statuses.BREAKS_ANCESTRY
        # What breaks a manifest says more than a certificate that should not have signed it.
        if failed and (breaks or concern is Concern.CREDENTIAL):
            before = known.faults.get(label)
            if before is None or (breaks and not _breaks(before)):
                known.faults[label] = status
    return known


def _breaks(status: Status) -> bool:
    return statuses.concern(status.code) in statuses.BREAKS_ANCESTRY


def _subject(store: ManifestStore, status: Status) -> str | None:
    """Find the manifest that a status is about: `self#jumbf=/c2pa/<label>/…`; labels may be parts of each other."""
    steps = status.uri.split("/")
    if steps[1:2] == ["c2pa"] and steps[2:3] and steps[2] in store.manifests:
        return steps[2]
    return next((item for item in steps if item in store.manifests), None)


def _noticed(store: ManifestStore) -> Iterator[tuple[str, Status, bool]]:
    """Yield each status with the manifest that it is about unless it names another, and whether it is said now."""
    for status in (*store.statuses, *store.deltas):
        yield store.active, status, True
    for manifest in store.manifests.values():
        for item in manifest.ingredients:
            for status in item.statuses:
                yield item.manifest or manifest.label, status, False


def _free(name: str, store: ManifestStore) -> str:
    """Find an id for a file without a manifest that no manifest bears: it must not pass for one."""
    while name in store.manifests:
        name += "'"
    return name


def _state(fault: Status | None) -> EditState:
    if fault is None:
        return EditState.INTACT
    return EditState.BROKEN if _breaks(fault) else EditState.UNSOUND


def _edit(manifest: Manifest, known: _Known, used_as: Ingredient | None, stamped_in: tuple[str, ...]) -> Edit:
    fault = known.faults.get(manifest.label)
    kept = used_as.thumbnail if used_as else None
    return Edit(
        id=manifest.label,
        # Updates often have no title of their own.
        title=manifest.title or (used_as.title if used_as else None),
        media_type=manifest.media_type,
        state=_state(fault),
        reason=None if fault is None else statuses.sentence(fault),
        signature=manifest.signature,
        trusted=known.trusted.get(manifest.label, False),
        doubt=known.doubt(manifest.label),
        generators=manifest.generators,
        actions=manifest.actions,
        claim_version=manifest.claim_version,
        thumbnail=manifest.thumbnail or kept,
        generative=tuple(said.generative(manifest)),
        removals=tuple(said.removals(manifest)),
        stamped_in=stamped_in,
    )


def _outside(label: str, item: Ingredient) -> Edit:
    """Describe an ingredient whose manifest is not in the store: the gap is shown, not hidden."""
    elsewhere = any(statuses.concern(status.code) is Concern.FETCH for status in item.statuses)
    state = EditState.UNKNOWN
    if item.manifest is not None:
        state = EditState.MISSING
    elif elsewhere:
        state = EditState.NOT_FETCHED
    return Edit(
        id=label,
        title=item.title,
        media_type=item.media_type,
        state=state,
        reason=item.description,
        thumbnail=item.thumbnail,
    )
