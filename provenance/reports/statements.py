"""What the signer of a file states about it, in short words; stated by the generator and passed on are kept apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.claim import Assertion, Origin
    from provenance.model.manifest import Manifest

_NAMED = {
    "dc:creator": "author",
    "tiff:Artist": "author",
    "dc:title": "title",
    "dc:description": "caption",
    "photoshop:Credit": "credit",
    "dc:rights": "rights",
    "tiff:Copyright": "rights",
    "exif:DateTimeOriginal": "captured",
    "tiff:Make": "device",
    "tiff:Model": "device",
    "photoshop:City": "place",
    "photoshop:Country": "place",
    "exif:GPSLatitude": "place",
    "exif:GPSLongitude": "place",
}

_ZONE = re.compile(r"(Z|[+-]\d\d:?\d\d)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing that is stated."""

    about: str
    text: str
    origin: Origin


def statements(manifest: Manifest) -> tuple[Statement, ...]:
    """Collect what a manifest states besides its history, one line for each subject."""
    lines: dict[tuple[str, Origin], list[str]] = {}
    for assertion in manifest.assertions:
        for about, text in _said(assertion):
            found = lines.setdefault((about, assertion.origin), [])
            if text not in found:
                found.append(text)
    return tuple(
        Statement(about=about, text=", ".join(texts), origin=origin) for (about, origin), texts in lines.items()
    )


def _said(assertion: Assertion) -> Iterator[tuple[str, str]]:
    kind = assertion.label.split("__")[0]
    if kind in {"c2pa.metadata", "cawg.metadata"}:
        for name, about in _NAMED.items():
            if name in assertion.data:
                text = _text(assertion.data[name])
                zoneless = about == "captured" and not _ZONE.search(text)
                yield about, f"{text}, no time zone stated" if zoneless else text
    elif kind in {"cawg.training-mining", "c2pa.training-mining"}:
        entries = assertion.data.get("entries")
        uses = {_use(item) for item in entries.values()} if isinstance(entries, dict) else set()
        yield "AI training", " / ".join(sorted(uses)) or "nothing that can be read"
    elif kind == "c2pa.ai-disclosure":
        yield "AI model", _text(assertion.data.get("modelName") or assertion.data.get("modelType"))
    elif kind == "stds.schema-org.CreativeWork":
        authors = assertion.data.get("author")
        for author in authors if isinstance(authors, list) else [authors]:
            if isinstance(author, dict) and author.get("name"):
                yield "author", _text(author["name"])


def _use(entry: Any) -> str:
    use = str(entry.get("use") if isinstance(entry, dict) else entry)
    constraint = entry.get("constraint_info") if isinstance(entry, dict) else None
    return "not allowed" if use == "notAllowed" else f"{use}: {constraint}" if constraint else use


def _text(value: Any) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
