"""Reports of the engine that say what nobody expects: a hostile file must not end in a traceback."""

from __future__ import annotations

import io
from copy import deepcopy

import pytest

from provenance import Carrier, ManifestError, SigningOptions
from provenance.history import trace
from provenance.manifests import bridge, leaf, reader
from provenance.reports import wording
from tests.support import media


@pytest.mark.parametrize(
    "spoil",
    [
        lambda active: active["signature_info"].update(time="2025-06-01T12:00:60Z"),
        lambda active: active["signature_info"].update(time="0000-00-00"),
        lambda active: active["ingredients"][0].update(relationship="nephewOf"),
        lambda active: active.update(assertions=[{"label": None}]),
        lambda active: active.update(assertions=["text"]),
        lambda active: active.update(claim_generator_info="text"),
        lambda active: active.update(ingredients=[None]),
    ],
    ids=["leap second", "no date", "relationship", "label", "assertion", "generator", "ingredient"],
)
def test_what_cannot_be_understood_is_unreadable(workspace, monkeypatch, spoil):
    signed = workspace.sign(media.jpeg()).data
    honest = bridge.reader_json

    def report(opened):
        spoiled = deepcopy(honest(opened))
        spoil(spoiled["manifests"][spoiled["active_manifest"]])
        return spoiled

    monkeypatch.setattr(bridge, "reader_json", report)
    found = reader.read(io.BytesIO(signed), "image/jpeg", trust=workspace.trust)
    assert found.store is None
    assert "cannot be understood" in found.problem


@pytest.mark.parametrize("odd", [7, ["a"], {"b": 1}], ids=["number", "list", "map"])
def test_what_is_no_text_where_one_is_expected_becomes_one(workspace, monkeypatch, odd):
    signed = workspace.sign(media.jpeg()).data
    honest = bridge.reader_json

    def report(opened):
        spoiled = deepcopy(honest(opened))
        active = spoiled["manifests"][spoiled["active_manifest"]]
        action = {"action": odd, "when": odd, "digitalSourceType": odd, "description": odd, "reason": odd}
        active["assertions"] = [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}]
        active.update(title=odd, format=odd)
        return spoiled

    monkeypatch.setattr(bridge, "reader_json", report)
    verdict = workspace.verify(signed)
    manifest = verdict.inspection.store.active_manifest
    action = manifest.actions[0]
    texts = (action.name, action.when, action.source_type, action.description, action.reason, manifest.title)
    assert texts == (str(odd),) * 6
    assert wording.beginning(trace(verdict.inspection.store))


def test_a_sidecar_that_cannot_be_understood_is_refused_with_the_reason(workspace, tmp_path, monkeypatch):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(media.jpeg())
    sidecar = workspace.sign(photo, options=SigningOptions(carrier=Carrier.SIDECAR)).sidecar
    kept = sidecar.rename(tmp_path / "kept.c2pa")
    honest = bridge.reader_json

    def report(opened):
        spoiled = honest(opened)
        spoiled["manifests"][spoiled["active_manifest"]]["ingredients"][0]["relationship"] = "nephewOf"
        return spoiled

    monkeypatch.setattr(bridge, "reader_json", report)
    with pytest.raises(ManifestError, match="cannot be understood"):
        workspace.attach(photo, kept, tmp_path / "out.jpg")


def test_an_expiry_that_cannot_be_understood_is_unreadable(workspace, monkeypatch, vectors):
    monkeypatch.setattr(leaf, "expires", lambda _: None)
    monkeypatch.setattr(bridge, "expiry", lambda _: "some day")
    with (vectors / "python__CA.jpg").open("rb") as stream:
        found = reader.read(stream, "image/jpeg", trust=workspace.trust)
    assert found.store is None
    assert "cannot be understood" in found.problem
