"""Read what EXIF, IPTC and XMP say of a media file."""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING

from provenance.metadata import derive
from provenance.metadata.blocks import find_blocks
from provenance.metadata.exif import read_exif
from provenance.metadata.iptc import read_iptc
from provenance.metadata.text import MAX_CHARACTERS
from provenance.metadata.tiff import walk
from provenance.metadata.xmp import read_xmp
from provenance.model.media import Metadata, MetadataEntry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provenance.metadata.block import Block

WITHIN = 64 * 1024 * 1024
"""Bytes from the beginning of a file in which metadata is looked for."""
MAX_ENTRIES = 1000

_NAMES = {"exif": "EXIF", "iptc": "IPTC", "xmp": "XMP"}

Properties = dict[str, str | tuple[str, ...]]


def read(data: bytes, media_type: str) -> Metadata:
    """Return what the metadata of a file says, each property once; no picture is decoded.

    EXIF, IPTC-IIM and XMP are read in JPEG, PNG, WebP, TIFF, DNG, HEIF, AVIF, JPEG XL, JPEG 2000, GIF and
    PSD, and XMP that is plainly there in all other formats. Where they disagree the guidance of the Metadata
    Working Group (2.0) decides: EXIF before XMP before IPTC, but IPTC before XMP when the file says through
    its digest that the IPTC was changed later; Windows' own EXIF fields come last. Nothing is raised for
    broken metadata: every block that cannot be read becomes one sentence in `problems`.
    """
    layers, problems = _layers(data, find_blocks(data, media_type, inside=False))
    entries: dict[str, MetadataEntry] = {}
    for source, properties in layers:
        for name, value in properties.items():
            if name not in entries and len(entries) < MAX_ENTRIES:
                kept = _cut(value)
                if kept != value:
                    problems.append(f"{name} is longer than {MAX_CHARACTERS} characters and was cut.")
                entries[name] = MetadataEntry(name=name, value=kept, source=source)
    return Metadata(
        entries=tuple(entries.values()),
        captured_at=derive.captured_at(entries),
        device=derive.device(entries),
        place=derive.place(entries),
        creators=derive.creators(entries),
        title=derive.text(entries, "dc:title", "exifEX:ImageTitle"),
        caption=derive.exif_first(entries, "tiff:ImageDescription", "dc:description"),
        credit=derive.text(entries, "photoshop:Credit"),
        rights=derive.exif_first(entries, "tiff:Copyright", "dc:rights"),
        problems=tuple(problems),
    )


def _layers(data: bytes, blocks: Iterable[Block]) -> tuple[list[tuple[str, Properties]], list[str]]:
    """Return the properties of each source, the one that is believed first at the head."""
    found: dict[str, Properties] = {"exif": {}, "iptc": {}, "xmp": {}, "windows": {}}
    problems: list[str] = []
    iptc = digest = b""
    for block in blocks:
        if not block.primary or block.kind == "place":
            continue
        try:
            raw = block.bytes_of(data)
            if block.kind == "iptc-digest":
                digest = raw
            elif block.kind == "exif":
                problems += _add_exif(found, raw)
            else:
                iptc = raw if block.kind == "iptc" else iptc
                _add(found[block.kind], read_iptc(raw) if block.kind == "iptc" else read_xmp(raw))
        except (ValueError, struct.error) as error:
            problems.append(f"The {_NAMES.get(block.kind, 'IPTC')} block could not be read: {error}.")
    edited = bool(digest) and digest != hashlib.md5(iptc, usedforsecurity=False).digest()
    texts = ["iptc", "xmp"] if edited else ["xmp", "iptc"]
    order = [("exif", found["exif"]), *((name, found[name]) for name in texts), ("exif", found["windows"])]
    return order, problems


def _add_exif(found: dict[str, Properties], raw: bytes) -> list[str]:
    tiff = walk(raw)
    properties, windows = read_exif(tiff)
    _add(found["exif"], properties)
    _add(found["windows"], windows)
    broken = tiff.cut or not all(directory.whole for directory in tiff.directories)
    return ["The EXIF block is damaged: some of its entries could not be read."] if broken else []


def _add(properties: Properties, more: Properties) -> None:
    for name, value in more.items():
        properties.setdefault(name, value)


def _cut(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return value[:MAX_CHARACTERS]
    return tuple(item[:MAX_CHARACTERS] for item in value)
