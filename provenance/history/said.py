"""What manifests state that matters to a history besides their actions: generative parts, redactions, later times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from provenance.model.claim import short_source_type
from provenance.model.history import Removal
from provenance.model.vocabulary import GENERATIVE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.manifest import Manifest, ManifestStore

_DISCLOSURE = "c2pa.ai-disclosure"
_TIME_STAMP = "c2pa.time-stamp"
_SOURCE_TYPE = "DigitalSourceType"
"""Property of the IPTC Extension, under whatever prefix."""


def generative(manifest: Manifest) -> Iterator[str]:
    """Yield what says, besides its actions, that a generative model had a part in a file."""
    for assertion in manifest.assertions:
        if assertion.label.startswith(_DISCLOSURE):
            model = assertion.data.get("modelName") or assertion.data.get("modelType")
            yield f"{_DISCLOSURE} names the model {model}" if model else f"there is {_DISCLOSURE}"
        for key, value in assertion.data.items():
            if str(key).rpartition(":")[2] == _SOURCE_TYPE and isinstance(value, str):
                name = short_source_type(value)
                if name in GENERATIVE:
                    yield f"{assertion.label} states {name}"


def removals(manifest: Manifest) -> Iterator[Removal]:
    """Yield what a manifest says that it has redacted."""
    for action in manifest.actions:
        if action.name != "c2pa.redacted":
            continue
        named = action.parameters.get("redacted")
        for uri in named if isinstance(named, list) else [named]:
            if isinstance(uri, str):
                yield _removal(uri, by=manifest.label, reason=action.reason)


def _removal(uri: str, *, by: str, reason: Any) -> Removal:
    """Read an address: `self#jumbf=/c2pa/<manifest>/c2pa.assertions/<assertion>`."""
    steps = uri.split("/")
    known = len(steps) > 2 and steps[1] == "c2pa"
    return Removal(
        by=by,
        manifest=steps[2] if known else None,
        label=steps[-1],
        reason=str(reason) if reason else None,
    )


def later_stamps(store: ManifestStore) -> dict[str, tuple[str, ...]]:
    """Find which manifests carry time-stamps for the signatures of others (C2PA 2.4, `c2pa.time-stamp`)."""
    found: dict[str, list[str]] = {}
    for manifest in store.manifests.values():
        for assertion in manifest.assertions:
            if not assertion.label.startswith(_TIME_STAMP):
                continue
            for label in assertion.data:
                if label in store.manifests and label != manifest.label:
                    found.setdefault(label, []).append(manifest.label)
    return {label: tuple(items) for label, items in found.items()}
