"""A file's own metadata as assertions: what the generator vouches for, and what it only passes on."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from provenance.claims.options import AiTraining, MetadataLevel, Preset
from provenance.model.claim import Assertion, Origin
from provenance.model.vocabulary import PLACE_MARKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from provenance.claims.options import SigningOptions
    from provenance.model.media import Metadata, MetadataEntry

_NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "exifEX": "http://cipa.jp/exif/1.0/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
}
_DESCRIPTIVE = frozenset(
    {
        "dc:title", "dc:creator", "dc:description", "dc:rights", "dc:subject", "photoshop:Credit",
        "photoshop:Headline", "photoshop:Source", "photoshop:AuthorsPosition", "xmpRights:UsageTerms",
        "xmpRights:WebStatement", "xmpRights:Owner", "tiff:Artist", "tiff:Copyright",
    }
)  # fmt: skip
"""Properties that describe or claim rights: people's words, passed on as `cawg.metadata`."""
_TECHNICAL_PREFIXES = ("exif:", "exifEX:", "tiff:")
"""What a camera writes: `c2pa.metadata` of a capture."""
_PRIVATE_MARKS = ("SerialNumber", "OwnerName", "CameraOwner", "DocumentID", "InstanceID")


def metadata_assertions(metadata: Metadata, options: SigningOptions) -> Iterator[Assertion]:
    """Yield `c2pa.metadata` and `cawg.metadata` as far as the preset and the level ask for them."""
    level = options.metadata or (MetadataLevel.ALL if options.preset is Preset.CAPTURE else MetadataLevel.SAFE)
    entries = [] if level is MetadataLevel.NONE else list(_allowed(metadata.entries, level, options))
    technical = {
        item.name: _value(item)
        for item in entries
        if item.name.startswith(_TECHNICAL_PREFIXES) and item.name not in _DESCRIPTIVE
    }
    described = {
        item.name: _value(item)
        for item in entries
        if item.name in _DESCRIPTIVE or (is_place(item.name) and item.name not in technical)
    }
    if options.author:
        described["dc:creator"] = [options.author]
    if options.title:
        described["dc:title"] = options.title
    if options.preset is Preset.CAPTURE and technical:
        yield Assertion(label="c2pa.metadata", data=_json_ld(technical), origin=Origin.CREATED)
    elif level is MetadataLevel.ALL:
        described = technical | described
    if described:
        yield Assertion(label="cawg.metadata", data=_json_ld(described))


def training_assertion(choice: AiTraining, constraint: str | None = None) -> Assertion:
    """State whether data mining and AI training are allowed, or under which constraint (`cawg.training-mining`)."""
    uses = {
        AiTraining.ALLOWED: "allowed",
        AiTraining.NOT_ALLOWED: "notAllowed",
        AiTraining.CONSTRAINED: "constrained",
    }
    kinds = ("data_mining", "ai_inference", "ai_training", "ai_generative_training")
    entry = {"use": uses[choice]} | ({"constraint_info": constraint} if constraint else {})
    return Assertion(label="cawg.training-mining", data={"entries": {f"cawg.{kind}": entry for kind in kinds}})


def disclosure_assertion(model: str) -> Assertion:
    """Name the model that generated the content (`c2pa.ai-disclosure`)."""
    return Assertion(
        label="c2pa.ai-disclosure",
        data={"modelType": "c2pa.types.model", "modelName": model},
        origin=Origin.CREATED,
    )


def soft_binding_assertion(algorithm: str, value: bytes) -> Assertion:
    """State what content can be found again by (C2PA 2.4, `c2pa.soft-binding`), for all of it.

    The standard has the value as a byte string; the engine can only write text, so it stands in base64, as it does in
    queries to resolvers.
    """
    block = {"scope": {}, "value": b64encode(value).decode("ascii")}
    data = {"alg": algorithm, "blocks": [block]}
    return Assertion(label="c2pa.soft-binding", data=data, origin=Origin.CREATED)


def _allowed(
    entries: Iterable[MetadataEntry], level: MetadataLevel, options: SigningOptions
) -> Iterator[MetadataEntry]:
    for item in entries:
        if item.name.split(":")[0] not in _NAMESPACES:
            continue
        safe = level is MetadataLevel.SAFE
        if is_place(item.name) and (safe or options.drop_location):
            continue
        if safe and any(mark in item.name for mark in _PRIVATE_MARKS):
            continue
        yield item


def is_place(name: str) -> bool:
    """Say whether a property tells where something was made."""
    return name.rsplit(":", 1)[-1].startswith(PLACE_MARKS)


def _value(item: MetadataEntry) -> Any:
    return list(item.value) if isinstance(item.value, tuple) else item.value


def _json_ld(properties: dict[str, Any]) -> dict[str, Any]:
    used = sorted({name.split(":")[0] for name in properties})
    return {"@context": {prefix: _NAMESPACES[prefix] for prefix in used}, **properties}
