"""Read IPTC-IIM, under the XMP names that the IPTC Core gives its datasets.

Source: IPTC-NAA Information Interchange Model 4.2, and IPTC Photo Metadata Standard, "IIM mapping".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.metadata.text import decode, tidy
from provenance.metadata.times import iptc_time

if TYPE_CHECKING:
    from collections.abc import Iterator

_UTF8 = b"\x1b%G"
_MAX_DATASETS = 5000

NAMES = {
    5: "dc:title",
    25: "dc:subject",
    40: "photoshop:Instructions",
    65: "xmp:CreatorTool",
    80: "dc:creator",
    85: "photoshop:AuthorsPosition",
    90: "photoshop:City",
    92: "Iptc4xmpCore:Location",
    95: "photoshop:State",
    100: "Iptc4xmpCore:CountryCode",
    101: "photoshop:Country",
    103: "photoshop:TransmissionReference",
    105: "photoshop:Headline",
    110: "photoshop:Credit",
    115: "photoshop:Source",
    116: "dc:rights",
    120: "dc:description",
    122: "photoshop:CaptionWriter",
}
"""Datasets of record 2; dates are put together of several (`_TIMES`)."""
_LISTS = {25, 80}
_TIMES = {"photoshop:DateCreated": (55, 60), "xmp:CreateDate": (62, 63)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One dataset: its bytes are `start` to `end` of the block."""

    start: int
    record: int
    number: int
    value: bytes
    end: int


def read_iptc(block: bytes) -> dict[str, str | tuple[str, ...]]:
    """Return the properties of an IIM block under their XMP names.

    Texts are UTF-8 when dataset 1:90 says so and when they are valid UTF-8, else Latin-1. Raises `ValueError`
    with the rest of a sentence that begins "The IPTC block could not be read:".
    """
    charset, sets = _datasets(block)
    texts = {number: [_text(raw, charset) for raw in raws] for number, raws in sets.items()}
    properties: dict[str, str | tuple[str, ...]] = {}
    for number, name in NAMES.items():
        kept = tuple(text for text in texts.get(number, ()) if text)
        if kept:
            properties[name] = kept if number in _LISTS else kept[0]
    for name, (date, time) in _TIMES.items():
        text = iptc_time(texts.get(date, [""])[0], texts.get(time, [""])[0])
        if text:
            properties[name] = text
    return properties


def datasets(block: bytes) -> Iterator[Dataset]:
    """Yield the datasets of an IIM block.

    Raises `ValueError` with the rest of a sentence when one is longer than the block.
    """
    at = 0
    for _ in range(_MAX_DATASETS):
        if at + 5 > len(block) or block[at] != 0x1C:
            break
        start, record, number = at, block[at + 1], block[at + 2]
        size = int.from_bytes(block[at + 3 : at + 5], "big")
        at += 5
        if size & 0x8000:  # an extended dataset: the length of the length
            width = size & 0x7FFF
            size = int.from_bytes(block[at : at + width], "big") if width <= 4 else len(block)
            at += width
        if at + size > len(block):
            raise ValueError("a dataset is longer than the block")
        yield Dataset(start=start, record=record, number=number, value=block[at : at + size], end=at + size)
        at += size


def _datasets(block: bytes) -> tuple[bytes, dict[int, list[bytes]]]:
    charset = b""
    sets: dict[int, list[bytes]] = {}
    found = list(datasets(block))
    for item in found:
        if (item.record, item.number) == (1, 90):
            charset = item.value
        elif item.record == 2:
            sets.setdefault(item.number, []).append(item.value)
    if not found and block.strip(b"\0"):
        raise ValueError("it does not begin with a dataset")
    return charset, sets


def _text(raw: bytes, charset: bytes) -> str:
    return tidy(raw.decode("utf-8", errors="replace") if charset == _UTF8 else decode(raw))
