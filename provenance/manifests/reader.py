"""Read the credentials of a file: the engine's report as facts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Flag, auto
from functools import cache
from typing import TYPE_CHECKING, Any

from provenance.errors import ManifestError, UnsupportedMedia
from provenance.manifests import bridge, leaf, report, vouching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

    from provenance.model.manifest import Evidence, ManifestStore
    from provenance.model.trust import Trust

_REMOTE = "Remote: must fetch remote manifests from url "
_THUMBNAILS_WITHIN = 32 << 20
"""Bytes of all thumbnails together."""


class Keep(Flag):
    """What is handed on besides the engine's report."""

    NOTHING = 0
    STORE = auto()
    """The manifest store's bytes."""
    EVIDENCE = auto()
    """What stands beside the active manifest's signature."""
    THUMBNAILS = auto()
    """The thumbnails of manifests and ingredients."""
    INTERCHANGE = auto()
    """The engine's report in its interchange form (crJSON)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one place held: a store, nothing, an address, or something unreadable."""

    store: ManifestStore | None = None
    remote_url: str | None = None
    problem: str | None = None


def read(
    stream: BinaryIO,
    media_type: str,
    *,
    trust: Trust,
    manifest: bytes | None = None,
    keep: Keep = Keep.NOTHING,
) -> Reading:
    """Read what a stream carries, or check `manifest` against it; `keep` says what is handed on besides the report.

    Where a time-stamp is trusted or answers about revocation are stapled, the evidence is kept in any case.

    Raises `UnsupportedMedia` for a type that the engine does not read; everything else is a fact.
    """
    try:
        with bridge.open_reader(stream, media_type, trust=trust, manifest=manifest) as reader:
            parsed = report.parse(bridge.reader_json(reader))
            raw = cache(lambda: manifest or bridge.resource(reader, parsed.active))
            interchanged = cache(lambda: bridge.interchange(reader))
            evidence = cache(lambda: _evidence(raw(), parsed.active))
            store = _with_expiry(vouching.corrected(parsed, trust, raw), evidence, interchanged)
            if Keep.EVIDENCE in keep or _asks_for_evidence(store):
                store = replace(store, evidence=evidence())
            if Keep.THUMBNAILS in keep:
                store = replace(store, thumbnails=dict(_thumbnails(store, reader)))
            if Keep.INTERCHANGE in keep:
                store = replace(store, interchange=interchanged())
            return Reading(store=replace(store, data=raw()) if Keep.STORE in keep else store)
    except ManifestError as error:
        return Reading(problem=error.message)
    except bridge.EngineError as error:
        return _not_read(error)


def _thumbnails(store: ManifestStore, opened: bridge.Reader) -> Iterator[tuple[str, bytes]]:
    """Read thumbnails, as many as a report can bear; what is not in the store is passed over."""
    named: list[str | None] = []
    for manifest in store.manifests.values():
        named += [manifest.thumbnail, *(item.thumbnail for item in manifest.ingredients)]
    left = _THUMBNAILS_WITHIN
    for uri in dict.fromkeys(item for item in named if item):
        try:
            found = bridge.resource(opened, uri)
        except bridge.EngineError:
            continue
        left -= len(found)
        if left < 0:
            return
        yield uri, found


def _asks_for_evidence(store: ManifestStore) -> bool:
    """Say whether the engine believes a time-stamp, or has found an answer about revocation, be it to its taste or not.

    Where there is none and none may be fetched, it says that it has skipped the question.
    """
    codes = {item.code for item in store.statuses}
    return "timeStamp.trusted" in codes or "signingCredential.ocsp.skipped" not in codes


def _not_read(error: Exception) -> Reading:
    text = str(error)
    if isinstance(error, bridge.EngineError.ManifestNotFound):
        return Reading()
    if isinstance(error, bridge.EngineError.NotSupported):
        raise UnsupportedMedia("the engine does not read this type") from error
    if text.startswith(_REMOTE):
        return Reading(remote_url=text.removeprefix(_REMOTE))
    return Reading(problem=str(bridge.translate(error, path=None)))


def _evidence(store: bytes, label: str) -> Evidence | None:
    from provenance.manifests import cose  # noqa: PLC0415 -- most files are read without

    return cose.evidence(store, label)


def _with_expiry(
    store: ManifestStore, evidence: Callable[[], Evidence | None], interchanged: Callable[[], Mapping[str, Any]]
) -> ManifestStore:
    """Look up when the certificate expires, where a time-stamp is there: nobody may vouch for it in the end.

    The certificate itself says so; the engine's word for it costs a second pass over the file.
    """
    active = store.active_manifest
    if active.signature is None or active.signature.time is None:
        return store
    beside = evidence()
    expires = leaf.expires(beside.chain[0]) if beside and beside.chain else None
    with report.understanding():
        if expires is None and (said := bridge.expiry(interchanged())):
            expires = datetime.fromisoformat(said)
    signature = replace(active.signature, expires=expires)
    return replace(store, manifests={**store.manifests, active.label: replace(active, signature=signature)})
