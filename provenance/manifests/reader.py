"""Read the credentials of a file: the engine's report as facts."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Flag, auto
from functools import cache
from typing import TYPE_CHECKING, Any

from provenance.errors import ManifestError, UnsupportedMedia
from provenance.manifests import bridge, vouching
from provenance.model.claim import Action, Assertion, Generator, Origin, Relationship
from provenance.model.manifest import (
    IdentityAssertion,
    Ingredient,
    Manifest,
    ManifestStore,
    Signature,
    Status,
    StatusKind,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

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
            parsed = parse(bridge.reader_json(reader))
            raw = cache(lambda: manifest or bridge.resource(reader, parsed.active))
            interchanged = cache(lambda: bridge.interchange(reader))
            store = _with_expiry(vouching.corrected(parsed, trust, raw), interchanged)
            if Keep.EVIDENCE in keep or _asks_for_evidence(store):
                from provenance.manifests import cose  # noqa: PLC0415 -- most files are read without

                store = replace(store, evidence=cose.evidence(raw(), store.active))
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


def parse(report: Mapping[str, Any]) -> ManifestStore:
    """Turn the engine's report into a `ManifestStore`.

    Raises `ManifestError` for one that cannot be understood: times, relationships and the like come from the file.
    """
    if report.get("active_manifest") not in report.get("manifests", {}):
        raise ManifestError("the active manifest cannot be read")
    with _understanding():
        return _store(report)


@contextmanager
def _understanding() -> Iterator[None]:
    """Turn what goes wrong over a shape that nobody expects into one error: hostile files must not end otherwise."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ManifestError(f"a manifest says something that cannot be understood: {error}") from error


def _store(report: Mapping[str, Any]) -> ManifestStore:
    results = report.get("validation_results") or {}
    return ManifestStore(
        active=report["active_manifest"],
        manifests={label: _manifest(label, item) for label, item in report["manifests"].items()},
        statuses=tuple(_statuses(results.get("activeManifest") or {})),
        deltas=tuple(_deltas(results)),
        reported_state=report.get("validation_state") or "Invalid",
        trust_list=results.get("trustListUri"),
        data=b"",
        results=results,
    )


def _with_expiry(store: ManifestStore, interchanged: Callable[[], Mapping[str, Any]]) -> ManifestStore:
    """Look up when the certificate expires, where a time-stamp is there: nobody may vouch for it in the end."""
    active = store.active_manifest
    if active.signature is None or active.signature.time is None:
        return store
    with _understanding():
        expires = bridge.expiry(interchanged())
        signature = replace(active.signature, expires=datetime.fromisoformat(expires) if expires else None)
    return replace(store, manifests={**store.manifests, active.label: replace(active, signature=signature)})


def _manifest(label: str, item: Mapping[str, Any]) -> Manifest:
    assertions = item.get("assertions") or []
    return Manifest(
        label=label,
        claim_version=item.get("claim_version") or 1,
        title=item.get("title"),
        media_type=item.get("format"),
        generators=tuple(_generators(item)),
        signature=_signature(item.get("signature_info")),
        actions=tuple(_actions(assertions)),
        ingredients=tuple(_ingredient(part) for part in item.get("ingredients") or []),
        assertions=tuple(_assertion(part) for part in assertions),
        thumbnail=(item.get("thumbnail") or {}).get("identifier"),
        identities=tuple(_identities(assertions)),
    )


def _generators(item: Mapping[str, Any]) -> Iterator[Generator]:
    listed = item.get("claim_generator_info") or []
    for info in listed:
        yield Generator(name=str(info.get("name", "")), version=info.get("version"))
    if not listed and item.get("claim_generator"):
        yield Generator(name=item["claim_generator"])


def _signature(info: Mapping[str, Any] | None) -> Signature | None:
    if info is None:
        return None
    time = info.get("time")
    return Signature(
        algorithm=(info.get("alg") or "").lower() or None,
        organization=info.get("issuer"),
        common_name=info.get("common_name"),
        serial=info.get("cert_serial_number"),
        time=datetime.fromisoformat(time) if time else None,
    )


def _actions(assertions: list[Mapping[str, Any]]) -> Iterator[Action]:
    for assertion in assertions:
        if not assertion["label"].startswith("c2pa.actions") or not isinstance(assertion.get("data"), dict):
            continue
        for action in assertion["data"].get("actions") or []:
            yield _action(action)


def _action(action: Mapping[str, Any]) -> Action:
    parameters = action.get("parameters") or {}
    linked = parameters.get("ingredients") or [parameters.get("ingredient")]
    agent = action.get("softwareAgent")
    return Action(
        name=str(action.get("action", "")),
        when=action.get("when"),
        software_agent=agent.get("name") if isinstance(agent, dict) else agent,
        description=action.get("description") or parameters.get("description"),
        source_type=action.get("digitalSourceType"),
        reason=action.get("reason"),
        ingredients=tuple(link["url"] for link in linked if isinstance(link, dict) and "url" in link),
        parameters=parameters,
    )


def _ingredient(item: Mapping[str, Any]) -> Ingredient:
    results = item.get("validation_results") or {}
    recorded = [*_statuses(results.get("activeManifest") or {}), *_deltas(results)]
    # Claims of version 1 keep a flat list of failures instead.
    recorded += [_status(entry, StatusKind.FAILURE) for entry in item.get("validation_status") or []]
    return Ingredient(
        label=item.get("label") or "c2pa.ingredient",
        title=item.get("title"),
        media_type=item.get("format"),
        relationship=Relationship(item.get("relationship") or "componentOf"),
        manifest=item.get("active_manifest"),
        description=item.get("description"),
        statuses=tuple(recorded),
        thumbnail=(item.get("thumbnail") or {}).get("identifier"),
    )


def _assertion(item: Mapping[str, Any]) -> Assertion:
    data = item.get("data")
    return Assertion(
        label=item["label"],
        data=data if isinstance(data, dict) else {"value": data},
        origin=Origin.CREATED if item.get("created") else Origin.GATHERED,
    )


def _identities(assertions: list[Mapping[str, Any]]) -> Iterator[IdentityAssertion]:
    for assertion in assertions:
        if not assertion["label"].startswith("cawg.identity"):
            continue
        data = assertion.get("data") or {}
        payload, info = data.get("signer_payload") or data.get("c2paAsset") or {}, data.get("signature_info") or {}
        # Identities that somebody else has verified and put together name no certificate of their own.
        aggregated = [item.get("name") for item in data.get("verifiedIdentities") or ()]
        yield IdentityAssertion(
            label=assertion["label"],
            organization=info.get("issuer"),
            common_name=info.get("common_name") or ", ".join(str(name) for name in aggregated if name) or None,
            roles=tuple(str(role) for role in payload.get("role") or ()),
            kind=payload.get("sig_type"),
        )


def _deltas(results: Mapping[str, Any]) -> Iterator[Status]:
    for delta in results.get("ingredientDeltas") or []:
        yield from _statuses(delta.get("validationDeltas") or {})


def _statuses(group: Mapping[str, Any]) -> Iterator[Status]:
    for kind in StatusKind:
        for entry in group.get(kind) or []:
            yield _status(entry, kind)


def _status(entry: Mapping[str, Any], kind: StatusKind) -> Status:
    return Status(
        code=entry.get("code") or "",
        kind=kind,
        uri=entry.get("url") or "",
        explanation=entry.get("explanation") or "",
    )
