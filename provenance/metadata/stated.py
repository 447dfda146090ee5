"""What manifests state in the words of metadata, in the form in which a file's own metadata is read.

`c2pa.metadata` and `cawg.metadata` (JSON-LD with XMP names), and what was used before them: `stds.exif`, `stds.iptc`
(the same names) and `stds.schema-org.CreativeWork`.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from provenance.metadata import derive
from provenance.metadata.names import PREFIXES
from provenance.metadata.text import MAX_CHARACTERS, tidy
from provenance.metadata.times import exif_time
from provenance.model.media import Metadata, MetadataEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from provenance.model.manifest import Manifest

MAX_ENTRIES = 1000
_MAX_ITEMS = 500
_LABELS = ("c2pa.metadata", "cawg.metadata", "stds.exif", "stds.iptc", "stds.iptc.photo-metadata")
_CREATIVE_WORK = "stds.schema-org.CreativeWork"
_OF_SCHEMA = {
    "author": "dc:creator",
    "creator": "dc:creator",
    "description": "dc:description",
    "copyrightNotice": "dc:rights",
    "creditText": "photoshop:Credit",
    "dateCreated": "photoshop:DateCreated",
}
"""Properties of schema.org under the XMP names that the IPTC gives them."""


def read_stated(manifests: Iterable[Manifest]) -> Metadata:
    """Return what manifests state, the nearest first: each property as the first of them that has it.

    `source` of each entry is the label of the assertion. What has a form that nobody expects is passed over.
    """
    entries: dict[str, MetadataEntry] = {}
    for manifest in manifests:
        for assertion in manifest.assertions:
            for name, value in _properties(assertion.label.split("__")[0], assertion.data):
                if name not in entries and value and len(entries) < MAX_ENTRIES:
                    entries[name] = MetadataEntry(name=name, value=value, source=assertion.label)
    return Metadata(
        entries=tuple(entries.values()),
        captured_at=derive.captured_at(entries),
        place=derive.place(entries),
        creators=derive.creators(entries),
        caption=derive.text(entries, "dc:description", "tiff:ImageDescription"),
        credit=derive.text(entries, "photoshop:Credit"),
        rights=derive.text(entries, "dc:rights", "tiff:Copyright"),
    )


def _properties(label: str, data: Mapping[str, Any]) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    if label == _CREATIVE_WORK:
        for key, name in _OF_SCHEMA.items():
            yield name, _value(data.get(key))
    elif label in _LABELS:
        prefixes = _prefixes(data.get("@context"))
        for key, value in data.items():
            prefix, _, local = str(key).rpartition(":")
            if local and prefix:
                name = f"{prefixes.get(prefix, prefix.lower() if prefix.isupper() else prefix)}:{local}"
                yield name, _dated(_value(value)) if local.startswith("Date") else _value(value)


def _dated(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    """Write dates in the form in which those of files are read; some state them as the EXIF does."""
    return (exif_time(value) or value) if isinstance(value, str) else value


def _prefixes(context: Any) -> dict[str, str]:
    """Read which namespaces prefixes stand for: one that is used for another namespace must not pass for the usual."""
    listed = context if isinstance(context, list) else [context]
    return {
        str(prefix): PREFIXES.get(space, f"other {prefix}")
        for part in listed
        if isinstance(part, dict)
        for prefix, space in part.items()
        if isinstance(space, str) and not str(prefix).startswith("@")
    }


def _value(value: Any) -> str | tuple[str, ...]:
    """Read a text, a number, a name, a language alternative, or a list of these."""
    if isinstance(value, list):
        return _listed(value)
    if isinstance(value, dict):
        chosen = next((value[key] for key in ("@value", "x-default", "name", "@list") if key in value), None)
        alternatives = [item for key, item in value.items() if not str(key).startswith("@")]
        found = chosen if chosen is not None else next(iter(alternatives), None)
        return _listed(found) if isinstance(found, list) else _text(found)
    return _text(value)


def _listed(items: list[Any]) -> str | tuple[str, ...]:
    alternatives = [item for item in items if isinstance(item, dict) and "@language" in item]
    if alternatives:
        default = (item for item in alternatives if item["@language"] == "x-default")
        return _text(next(default, alternatives[0]).get("@value"))
    texts = (_text(item.get("@value", item.get("name")) if isinstance(item, dict) else item) for item in items)
    return tuple(islice(dict.fromkeys(text for text in texts if text), _MAX_ITEMS))


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return tidy(str(value))[:MAX_CHARACTERS]
