"""Read XMP packets.

Source: XMP specification part 1 (ISO 16684-1), the RDF forms of clause 7. Simple values, language
alternatives and arrays of texts are read; structures are left out. A packet with a document type is refused:
XMP has none, and entities are only good for bombs.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from provenance.metadata.names import PREFIXES, RDF, XML, is_location
from provenance.metadata.text import tidy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

MAX_PACKET = 4 << 20
MAX_ITEMS = 500

_LI = f"{{{RDF}}}li"
_ARRAYS = (f"{{{RDF}}}Alt", f"{{{RDF}}}Seq", f"{{{RDF}}}Bag")
_LANG = f"{{{XML}}}lang"


def read_xmp(packet: bytes) -> dict[str, str | tuple[str, ...]]:
    """Return the properties of a packet under their XMP names.

    Raises `ValueError` with the rest of a sentence that begins "The XMP block could not be read:".
    """
    properties: dict[str, str | tuple[str, ...]] = {}
    holder = next(parse_xmp(packet).iter(f"{{{RDF}}}RDF"), None)
    for description in () if holder is None else holder:
        for name, value in _properties(description):
            properties.setdefault(name, value)
    return properties


def parse_xmp(packet: bytes) -> _Element:
    """Parse a packet without entities, network or large trees.

    Raises `ValueError` when it is too large, has a document type or is not well-formed.
    """
    from lxml import etree  # noqa: PLC0415 - heavy

    if len(packet) > MAX_PACKET:
        raise ValueError(f"it is larger than {MAX_PACKET >> 20} MiB")
    if b"\0" not in packet[:4]:  # not UTF-16 or UTF-32
        packet = packet.strip(b"\0 \t\r\n")
    if b"<!DOCTYPE" in packet.replace(b"\0", b""):
        raise ValueError("it declares a document type, which XMP does not have")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(packet, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ValueError("it is not well-formed XML") from error


def states_location(packet: bytes) -> bool:
    """Tell whether a packet states coordinates; a broken one does if it so much as names them."""
    lowered = packet.replace(b"\0", b"").lower()
    if not any(word in lowered for word in (b"gps", b"itude", b"wgs84")):
        return False
    try:
        root = parse_xmp(packet)
    except ValueError:
        # long enough words not to turn up by chance in encoded pictures
        return any(word in lowered for word in (b"latitude", b"longitude", b"longtitude", b"altitude"))
    return any(is_location(name) for name in _local_names(root))


def _local_names(root: _Element) -> Iterator[str]:
    for holder in root.iter(f"{{{RDF}}}RDF"):
        for element in holder.iter():
            for name in (element.tag, *element.attrib):
                space, _, local = str(name).rpartition("}")
                if space[1:] not in {RDF, XML}:
                    yield local


def _properties(description: _Element) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    for key, text in description.attrib.items():
        name = _name(str(key))
        if name and tidy(str(text)):
            yield name, tidy(str(text))
    for child in description:
        name = _name(str(child.tag))
        value = _value(child) if name else ""
        if name and value:
            yield name, value


def _name(qualified: str) -> str | None:
    space, _, local = qualified.rpartition("}")
    prefix = PREFIXES.get(space[1:])
    return f"{prefix}:{local}" if prefix else None


def _value(element: _Element) -> str | tuple[str, ...]:
    resource = element.get(f"{{{RDF}}}resource")
    if resource:
        return tidy(resource)
    if len(element) == 0:
        return tidy(element.text or "")
    array = element[0]
    if array.tag not in _ARRAYS:
        return ""
    items = [item for item in islice(array, MAX_ITEMS) if item.tag == _LI]
    texts = [(item.get(_LANG), _item(item)) for item in items]
    kept = [(language, text) for language, text in texts if text]
    if array.tag == _ARRAYS[0] and kept:
        return next((text for language, text in kept if language == "x-default"), kept[0][1])
    return tuple(text for _, text in kept)


def _item(item: _Element) -> str:
    return tidy(item.get(f"{{{RDF}}}resource") or (item.text or "" if len(item) == 0 else ""))
