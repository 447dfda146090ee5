"""The value of a soft binding by `io.iscc.v0`: units of ISO 24138 one after the other (ISCC-SEQ, IEP-0020)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.fingerprints.iscc import BITS

if TYPE_CHECKING:
    from collections.abc import Iterator

_IMAGE_CODE = (2, 1, 0)
"""Main type content, subtype image, version 0."""
_MAIN_TYPES = range(5)
"""Meta, semantic, content, data, instance."""
_LENGTHS = range(8)
_WORD = 4
"""Bytes of a body are counted in words."""
_OFFSETS = (0, 8, 72, 584)
"""The lowest number that one, two, three and four nibbles stand for."""


def encoded(code: bytes) -> bytes:
    """Return what `blocks[].value` holds for one Image-Code, as a byte string; queries carry it in base64."""
    main, sub, version = _IMAGE_CODE
    return bytes((main << 4 | sub, version << 4 | len(code) // _WORD - 1)) + code


def image_codes(value: bytes) -> tuple[bytes, ...]:
    """Return the Image-Codes of 256 bits in a value; other units are passed over.

    Raises ValueError for what is no ISCC-SEQ, as IEP-0020 (Decoding) says.
    """
    if not value:
        raise ValueError("a soft binding without any unit")
    return tuple(body for kind, body in _units(value) if kind == _IMAGE_CODE and 8 * len(body) == BITS)


def _units(value: bytes) -> Iterator[tuple[tuple[int, int, int], bytes]]:
    nibbles = [it for byte in value for it in (byte >> 4, byte & 15)]
    start = 0
    while start < len(value):
        at = 2 * start
        fields = []
        for _ in range(4):
            number, at = _number(nibbles, at)
            fields.append(number)
        if at % 2:
            if nibbles[at : at + 1] != [0]:
                raise ValueError("the header of a unit is not filled up with zero")
            at += 1
        main, sub, version, length = fields
        if main not in _MAIN_TYPES or length not in _LENGTHS:
            raise ValueError("a unit that has no place in a soft binding")
        begin, start = at // 2, at // 2 + _WORD * (length + 1)
        if start > len(value):
            raise ValueError("the body of a unit is cut off")
        yield (main, sub, version), value[begin:start]


def _number(nibbles: list[int], at: int) -> tuple[int, int]:
    """Read a number of one to four nibbles; ones at its beginning say how many follow (ISO 24138, header)."""
    if at >= len(nibbles):
        raise ValueError("the header of a unit is cut off")
    more = next((it for it in range(4) if not nibbles[at] >> (3 - it) & 1), None)
    if more is None or at + more >= len(nibbles):
        raise ValueError("the header of a unit cannot be read")
    number = nibbles[at] & (7 >> more)
    for nibble in nibbles[at + 1 : at + 1 + more]:
        number = number << 4 | nibble
    return number + _OFFSETS[more], at + 1 + more
