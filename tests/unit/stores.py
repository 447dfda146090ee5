"""Manifest stores, inspections and verdicts put together by hand, for tests of what follows from them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from provenance.history import trace
from provenance.model.claim import Action, Carrier, Generator, Relationship
from provenance.model.manifest import Ingredient, Manifest, ManifestStore, Signature, Status, StatusKind
from provenance.model.media import Media
from provenance.model.trust import Purpose, Trust, TrustList
from provenance.model.verdict import Inspection
from provenance.policy import Facts, evaluate, packs, parse

AT = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
SOUND = ("signingCredential.trusted", "claimSignature.validated", "assertion.dataHash.match")
SIGNED = Signature(algorithm="es256", organization="Example News", common_name="Desk", serial="1", time=None)


def a_list(name: str = "signers", purpose: Purpose = Purpose.SIGNER, *, local: bool = False) -> TrustList:
    return TrustList(name=name, purpose=purpose, anchors=(), source=f"{name}.pem", digest="00", local=local)


TRUST = Trust(lists=(a_list(), a_list("stamps", Purpose.TIMESTAMP)))


def good(*codes: str) -> tuple[Status, ...]:
    return tuple(status(code, StatusKind.SUCCESS) for code in codes)


def bad(*codes: str, label: str | None = None) -> tuple[Status, ...]:
    return tuple(status(code, StatusKind.FAILURE, label=label) for code in codes)


def status(code: str, kind: StatusKind, *, label: str | None = None) -> Status:
    uri = f"self#jumbf=/c2pa/{label}/c2pa.signature" if label else ""
    return Status(code=code, kind=kind, uri=uri, explanation="")


def an_ingredient(manifest: str | None = None, statuses: tuple[Status, ...] = (), **more: Any) -> Ingredient:
    told = {"label": "c2pa.ingredient.v3", "title": "part", "media_type": "image/jpeg"} | more
    told.setdefault("relationship", Relationship.PARENT_OF)
    return Ingredient(manifest=manifest, statuses=statuses, **told)


def a_manifest(label: str = "active", *ingredients: Ingredient, **more: Any) -> Manifest:
    told = {
        "claim_version": 2, "title": f"title of {label}", "media_type": "image/jpeg", "signature": SIGNED,
        "generators": (Generator(name="test", version="1"),), "actions": (Action(name="c2pa.created"),),
        "assertions": (), "thumbnail": None,
    } | more  # fmt: skip
    return Manifest(label=label, ingredients=ingredients, **told)


def a_store(
    *manifests: Manifest,
    statuses: tuple[Status, ...] = good(*SOUND),
    deltas: tuple[Status, ...] = (),
    reported: str = "Trusted",
    trust_list: str | None = "signers",
) -> ManifestStore:
    """Put manifests together; the first is the active one."""
    manifests = manifests or (a_manifest(),)
    return ManifestStore(
        active=manifests[0].label, manifests={item.label: item for item in manifests}, statuses=statuses,
        deltas=deltas, reported_state=reported, trust_list=trust_list, data=b"", results={},
    )  # fmt: skip


def an_inspection(store: ManifestStore | None = None, **more: Any) -> Inspection:
    told = {
        "media": Media(name="photo.jpg", media_type="image/jpeg", size=1), "trust": TRUST, "at": AT,
        "carrier": Carrier.EMBEDDED if store else None, "found_in": None, "problem": None, "remote_url": None,
    } | more  # fmt: skip
    return Inspection(store=store, **told)


STANDARD = parse(packs.text("standard"), source="standard")


def some_facts(store: ManifestStore | None = None, **more: Any) -> Facts:
    return Facts(an_inspection(store, **more), trace=trace)


def a_verdict(store: ManifestStore | None = None, **more: Any):
    return evaluate(some_facts(store, **more), STANDARD)
