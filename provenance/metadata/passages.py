"""Everything that the metadata of a file says, block by block: for those who look for what must not be there.

`read` gives each property once and believes one source before another; here nothing is preferred, and further pictures
inside of the file, previews and structures of XMP count too.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from provenance.metadata.blocks import find_blocks
from provenance.metadata.exif import read_exif
from provenance.metadata.iptc import datasets, read_iptc
from provenance.metadata.location import states_place
from provenance.metadata.names import PREFIXES, RDF, XML, is_location
from provenance.metadata.png_text import find_texts
from provenance.metadata.tags import DATASETS, JPEG_START, MAKER_NOTE, PREVIEW, TAGS, WINDOWS
from provenance.metadata.text import decode, tidy
from provenance.metadata.tiff import walk
from provenance.metadata.xmp import parse_xmp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import _Element

    from provenance.metadata.block import Block
    from provenance.metadata.tiff import Field, Tiff

Source = Literal["exif", "xmp", "iptc", "text", "place"]
Said = tuple[tuple[str, ...], str]
"""The names that a value stands under, from the outside, and the value."""

_TEXTS = {2, 7, 129}
_UNREADABLE = "coordinates, as far as can be told"
_LONGEST = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One block, and what it says."""

    source: Source
    said: tuple[Said, ...]
    raw: bytes
    """Its bytes, unpacked; empty when the file itself is the block, as in TIFF."""
    spans: tuple[tuple[int, int], ...]
    """Where they lie in the file; none when they were unpacked."""


def passages(data: bytes, media_type: str) -> tuple[Passage, ...]:
    """Return everything that EXIF, IPTC, XMP and the text chunks of a PNG say, in the order in which it lies there.

    What cannot be read says nothing, except for coordinates, which are assumed where they cannot be ruled out
    (`has_location`). Nothing is raised for broken metadata.
    """
    return (*_of_blocks(data, media_type), *_of_chunks(data))


def has_maker_notes(found: tuple[Passage, ...]) -> bool:
    """Tell whether there are maker notes, which are read by nobody here."""
    return any(path[-1:] == (MAKER_NOTE,) for item in found for path, _ in item.said)


def _of_blocks(data: bytes, media_type: str) -> Iterator[Passage]:
    for block in find_blocks(data, media_type):
        try:
            raw = block.bytes_of(data)
        except ValueError:
            raw = b""
        if block.kind == "iptc-digest":
            continue
        said = dict.fromkeys(_said(block, raw))
        if states_place(data, block) and not any(is_location(_local(path[-1])) for path, _ in said):
            said[("exif:GPSInfo",), _UNREADABLE] = None
        spans: tuple[tuple[int, int], ...] = ((block.start, block.end),)
        if block.content is not None:
            spans = ()
        elif block.end - block.start >= len(data):
            raw, spans = b"", tuple(_values(data))
        yield Passage(source=block.kind, said=tuple(said), raw=raw, spans=spans)


def _of_chunks(data: bytes) -> Iterator[Passage]:
    for item in find_texts(data):
        said: tuple[Said, ...] = ()
        if item.text is None or item.text.strip():
            said = (((item.name,), "a text that cannot be unpacked" if item.text is None else item.text),)
        yield Passage(source="text", said=said, raw=(item.text or "").encode(), spans=((item.body, item.end),))


def _values(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the texts of a file that is all TIFF lie: what surrounds them is the picture."""
    try:
        tiff = walk(data)
    except ValueError:
        return
    for directory in tiff.directories:
        for item in directory.fields:
            if item.readable and (
                directory.name == "gps" or TAGS.get(item.tag, MAKER_NOTE) not in {MAKER_NOTE, PREVIEW}
            ):
                yield item.start, item.start + item.size


def _said(block: Block, raw: bytes) -> Iterator[Said]:
    try:
        if block.kind == "exif":
            yield from _exif(raw)
        elif block.kind == "iptc":
            yield from _iptc(raw)
        elif block.kind == "xmp":
            yield from _xmp(parse_xmp(raw))
    except (ValueError, struct.error):
        return


def _exif(raw: bytes) -> Iterator[Said]:
    tiff = walk(raw)
    for properties in read_exif(tiff) if tiff.named("main") else ():
        for name, value in properties.items():
            yield from (((name,), text) for text in ((value,) if isinstance(value, str) else value))
    for directory in tiff.directories:
        for item in directory.fields if directory.name != "gps" else ():
            text = _text(tiff, item)
            if text:
                yield (TAGS[item.tag],), text


def _text(tiff: Tiff, item: Field) -> str:
    name = TAGS.get(item.tag)
    if name == MAKER_NOTE:
        return "maker notes, which cannot be read here"
    if name is None or name == PREVIEW:
        return "a small picture" if item.tag == JPEG_START else ""
    raw = tiff.raw(item, _LONGEST)
    if item.tag in WINDOWS:
        return tidy(raw.decode("utf-16-le", errors="replace").split("\0", 1)[0])
    return tidy(decode(raw).replace("\0", " ")) if item.kind in _TEXTS else ""


def _iptc(raw: bytes) -> Iterator[Said]:
    for name, value in read_iptc(raw).items():
        yield from (((name,), text) for text in ((value,) if isinstance(value, str) else value))
    for item in datasets(raw):
        text = tidy(decode(item.value[:_LONGEST]))
        if item.record == 2 and text:
            yield (DATASETS.get(item.number, f"iptc:{item.number}"),), text


def _xmp(root: _Element) -> Iterator[Said]:
    """Yield every text and attribute under the properties that it stands in, structures included."""
    waiting: list[tuple[_Element, tuple[str, ...]]] = [(root, ())]
    while waiting:
        one, path = waiting.pop()
        spaces = {uri: prefix for prefix, uri in one.nsmap.items()}
        name = _name(str(one.tag), spaces)
        inside = (*path, name) if name else path
        for key, value in one.attrib.items():
            named = _name(str(key), spaces)
            path_of = (*inside, named) if named else inside
            if value.strip() and path_of and not str(key).startswith(f"{{{XML}}}"):
                yield path_of, tidy(str(value))
        for text in (one.text, one.tail):
            if text and text.strip() and inside:
                yield inside, tidy(text)
        waiting += [(child, inside) for child in reversed(one)]


def _name(qualified: str, spaces: Mapping[str, str | None]) -> str | None:
    """Return the XMP name of a property; in namespaces that are not known here, with the prefix of the packet."""
    space, _, local = qualified.rpartition("}")
    if space[1:] in {RDF, XML, "adobe:ns:meta/"}:
        return None
    return f"{PREFIXES.get(space[1:]) or spaces.get(space[1:]) or space[1:]}:{local}"


def _local(name: str) -> str:
    return name.rpartition(":")[2]
