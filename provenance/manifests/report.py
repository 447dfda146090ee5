"""The engine's report as facts; it repeats what stands in the file, whatever that is."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from provenance.errors import ManifestError
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
    from collections.abc import Iterator, Mapping


def parse(report: Mapping[str, Any]) -> ManifestStore:
    """Turn the engine's report into a `ManifestStore`.

    Raises `ManifestError` for one that cannot be understood: times, relationships and the like come from the file.
    """
    if report.get("active_manifest") not in report.get("manifests", {}):
        raise ManifestError("the active manifest cannot be read")
    with understanding():
        return _store(report)


@contextmanager
def understanding() -> Iterator[None]:
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


def _manifest(label: str, item: Mapping[str, Any]) -> Manifest:
    assertions = item.get("assertions") or []
    return Manifest(
        label=label,
        claim_version=item.get("claim_version") or 1,
        title=_said(item.get("title")),
        media_type=_said(item.get("format")),
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
        yield Generator(name=str(info.get("name", "")), version=_said(info.get("version")))
    if not listed and item.get("claim_generator"):
        yield Generator(name=str(item["claim_generator"]))


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
        when=_said(action.get("when")),
        software_agent=_said(agent.get("name") if isinstance(agent, dict) else agent),
        description=_said(action.get("description") or parameters.get("description")),
        source_type=_said(action.get("digitalSourceType")),
        reason=_said(action.get("reason")),
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
        title=_said(item.get("title")),
        media_type=_said(item.get("format")),
        relationship=Relationship(item.get("relationship") or "componentOf"),
        manifest=item.get("active_manifest"),
        description=_said(item.get("description")),
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


def _said(value: Any) -> str | None:
    """Return a text; hostile files have numbers and lists where one is expected."""
    return value if value is None or isinstance(value, str) else str(value)
