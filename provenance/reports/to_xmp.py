"""Flat fields as an XMP sidecar (ISO 16684-1), in which media archives read metadata beside a file.

The verdict stands in a namespace of its own; of the properties of others only those are written that mean the same:
`Iptc4xmpExt:DigitalSourceType` (IPTC Photo Metadata Standard), and whatever a `Copy` asks for. It is never written into
a signed file, whose signature would no longer hold.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from provenance.errors import SettingsError
from provenance.reports.escape import visible
from provenance.reports.to_fields import Fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lxml.etree import _Element

NAMESPACE: Final = "urn:uuid:0b7c1a52-6f2e-4b0e-9d43-5b8f1d0c7a11#"
"""Of the fields of a verdict: unique without anybody who owns it. Its properties are called as those of `Fields`."""
PREFIX: Final = "provenance"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_META: Final = "adobe:ns:meta/"
_NAMESPACES: Final = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
}
PROPERTIES: Final[Mapping[str, bool]] = {
    "dc:subject": True,
    "photoshop:Credit": False,
    "photoshop:Instructions": False,
    "photoshop:Source": False,
    "photoshop:SupplementalCategories": True,
    "xmp:Label": False,
}
"""What a field may be copied to, and whether it holds several texts; each is a text in its own standard."""
_SOURCE_TYPE: Final = "Iptc4xmpExt:DigitalSourceType"
_LIMIT: Final = 2000
"""Characters of one value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A field that is written to a property of others as well, for archives that know no namespace but those."""

    target: str
    """One of `PROPERTIES`."""
    field: str
    """Name of one of `Fields`."""

    @classmethod
    def parse(cls, words: str) -> Copy:
        """Read `photoshop:Instructions=sentence`. Raises `SettingsError`."""
        target, _, name = words.partition("=")
        if target not in PROPERTIES:
            raise SettingsError(f"no field is copied to {target!r}", hint=f"there are {', '.join(PROPERTIES)}")
        names = [item.name for item in dataclasses.fields(Fields)]
        if name not in names:
            raise SettingsError(f"there is no field {name!r}", hint=f"there are {', '.join(names)}")
        return cls(target=target, field=name)


def document(found: Fields, copies: Sequence[Copy] = ()) -> str:
    """Return the text of a sidecar."""
    from lxml import etree  # noqa: PLC0415 -- only who writes it needs it

    known = {"rdf": _RDF, PREFIX: NAMESPACE, **_NAMESPACES}
    root = etree.Element(f"{{{_META}}}xmpmeta", nsmap={"x": _META})
    root.set(f"{{{_META}}}xmptk", found.generator)
    holder = etree.SubElement(root, f"{{{_RDF}}}RDF", nsmap={"rdf": _RDF})
    about = etree.SubElement(holder, f"{{{_RDF}}}Description", nsmap=known)
    about.set(f"{{{_RDF}}}about", "")
    for name, value in _values(found).items():
        _put(about, f"{{{NAMESPACE}}}{name}", value)
    if found.source_type:
        _put(about, _expanded(_SOURCE_TYPE), found.source_type)
    for target, texts in _copied(found, copies).items():
        _put(about, _expanded(target), texts if PROPERTIES[target] else "; ".join(texts))
    etree.cleanup_namespaces(root)
    written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return written.decode()


def is_own(text: bytes) -> bool:
    """Say whether a sidecar was written here, and by nobody since: every program that writes XMP names itself."""
    root = _parsed(text)
    return root is not None and (root.get(f"{{{_META}}}xmptk") or "").startswith("provenance ")


def basis(text: bytes) -> str | None:
    """Return what the verdict in a sidecar rests on (`Fields.basis`), where it was written here."""
    root = _parsed(text)
    return None if root is None else root.findtext(f".//{{{NAMESPACE}}}basis")


def _parsed(text: bytes) -> _Element | None:
    from lxml import etree  # noqa: PLC0415 -- only who reads it needs it

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _values(found: Fields) -> dict[str, Any]:
    pairs = ((item.name, getattr(found, item.name)) for item in dataclasses.fields(found))
    return {name: value for name, value in pairs if value not in {None, ()}}


def _copied(found: Fields, copies: Sequence[Copy]) -> dict[str, tuple[str, ...]]:
    """Gather what goes to each property, in the order in which it was asked for."""
    gathered: dict[str, tuple[str, ...]] = {}
    for item in copies:
        value = getattr(found, item.field)
        texts = value if isinstance(value, tuple) else (() if value is None else (str(value),))
        if texts:
            gathered[item.target] = (*gathered.get(item.target, ()), *texts)
    return gathered


def _expanded(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"


def _put(about: _Element, tag: str, value: object) -> None:
    """Write a text, or an unordered array of texts (ISO 16684-1, 7.7)."""
    from lxml import etree  # noqa: PLC0415 -- loaded already

    place = etree.SubElement(about, tag)
    if isinstance(value, tuple):
        bag = etree.SubElement(place, f"{{{_RDF}}}Bag")
        for item in value:
            etree.SubElement(bag, f"{{{_RDF}}}li").text = visible(item, limit=_LIMIT)
    else:
        place.text = visible(value, limit=_LIMIT)
