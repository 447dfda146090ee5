"""A claim in the form that the engine takes."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from provenance.model.claim import Definition, Origin

if TYPE_CHECKING:
    from provenance.model.claim import Action, Assertion, Claim, Ingredient
    from provenance.model.media import Thumbnail

SPEC_VERSION = "2.4.0"
_STORE = "application/c2pa"
_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png"}


def define(claim: Claim, *, detached: bool = False, remote_url: str | None = None) -> Definition:
    """Turn a claim into the engine's JSON and the resources that it names."""
    resources: dict[str, bytes] = {}
    manifest: dict[str, Any] = {
        "claim_version": 2,
        "title": claim.title,
        "claim_generator_info": [_generator(claim)],
    }
    if not claim.opened_by_engine:
        manifest["ingredients"] = [_ingredient(item, resources) for item in claim.ingredients]
        manifest["assertions"] = [_actions(claim), *(_assertion(item) for item in claim.assertions)]
    if claim.redactions:
        manifest["redactions"] = [item.uri for item in claim.redactions]
    if claim.label is not None:
        manifest["label"] = claim.label
    if claim.thumbnail is not None:
        manifest["thumbnail"] = _thumbnail(claim.thumbnail, resources)
    return Definition(
        manifest=manifest, resources=resources, detached=detached, remote_url=remote_url, update=claim.update
    )


def _generator(claim: Claim) -> dict[str, str]:
    info = {"name": claim.generator.name, "specVersion": SPEC_VERSION}
    return info | ({"version": claim.generator.version} if claim.generator.version else {})


def _thumbnail(picture: Thumbnail, resources: dict[str, bytes]) -> dict[str, str]:
    identifier = f"thumbnail.{_EXTENSIONS.get(picture.media_type, 'bin')}"
    resources[identifier] = picture.data
    return {"format": picture.media_type, "identifier": identifier}


def _ingredient(item: Ingredient, resources: dict[str, bytes]) -> dict[str, Any]:
    """Describe an ingredient; its manifest store goes along as it was read, with what its validation found.

    The engine's own way, reading the ingredient itself, knows embedded stores only and validates a second time.
    """
    entry: dict[str, Any] = {
        "label": item.id,
        "title": item.title,
        "format": item.media_type,
        "relationship": item.relationship.value,
        "instance_id": f"xmp:iid:{uuid.uuid4()}",
    }
    if item.note:
        entry["description"] = item.note
    if item.store is not None:
        identifier = f"{item.id}.c2pa"
        resources[identifier] = item.store.data
        entry |= {
            "manifest_data": {"format": _STORE, "identifier": identifier},
            "active_manifest": item.store.active,
            "validation_results": _for_others(item.store.results),
        }
    return entry


def _for_others(results: Any) -> Any:
    """Leave out what validation results tell about this machine: the names of its trust lists are nobody's business."""
    if isinstance(results, list):
        return [_for_others(item) for item in results]
    if not isinstance(results, dict):
        return results
    kept = {key: _for_others(item) for key, item in results.items() if key != "trustListUri"}
    if str(kept.get("code", "")).endswith(".trusted"):
        # Whatever is trusted, its explanation names the list.
        kept["explanation"] = "trusted"
    return kept


def _actions(claim: Claim) -> dict[str, Any]:
    return {
        "label": "c2pa.actions.v2",
        "created": True,
        "data": {
            "actions": [_action(item) for item in claim.actions],
            "allActionsIncluded": claim.all_actions_included,
        },
    }


def _action(item: Action) -> dict[str, Any]:
    parameters = dict(item.parameters)
    if item.ingredients:
        parameters["ingredientIds"] = list(item.ingredients)
    if item.description:
        parameters["description"] = item.description
    optional = {
        "when": item.when,
        "softwareAgent": {"name": item.software_agent} if item.software_agent else None,
        "digitalSourceType": item.source_type,
        "reason": item.reason,
        "parameters": parameters or None,
    }
    return {"action": item.name} | {key: value for key, value in optional.items() if value is not None}


def _assertion(item: Assertion) -> dict[str, Any]:
    entry: dict[str, Any] = {"label": item.label, "data": dict(item.data)}
    if item.label.endswith(".metadata"):
        # JSON-LD is kept as JSON (CAWG 1.1, metadata); everything else becomes CBOR.
        entry["kind"] = "Json"
    if item.origin is Origin.CREATED:
        entry["created"] = True
    return entry
