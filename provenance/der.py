"""DER, read strictly (ITU-T X.690), and written: as much of it as `cryptography` does not do for us.

It reads certificates whole, but neither requests for time-stamps nor what CMS signs, and it is too heavy where one
field of a certificate decides. Everything that reads here raises `ValueError` for what is not DER.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BITS: Final = 0x03
OCTETS: Final = 0x04
OID: Final = 0x06
UTF8: Final = 0x0C
UTC_TIME: Final = 0x17
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31

LONGEST_NUMBER: Final = 64
"""Bytes of an integer or an object identifier; serial numbers have up to 20."""

_TIME = re.compile(rb"([0-9]{14})(?:\.([0-9]{1,6})[0-9]*)?Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One value with its tag; `whole` has the tag and the length before the body."""

    tag: int
    body: bytes = field(repr=False)
    whole: bytes = field(repr=False)


class Fields:
    """The elements of a sequence, taken in their order."""

    def __init__(self, element: Element) -> None:
        self._left = deque(split(element.body))

    def maybe(self, *tags: int) -> Element | None:
        """Take the next element if it bears one of these tags."""
        return self._left.popleft() if self._left and self._left[0].tag in tags else None

    def take(self, *tags: int) -> Element:
        """Take the next element, which must bear one of these tags."""
        found = self.maybe(*tags)
        if found is None:
            raise ValueError("a field is missing or out of place")
        return found

    def end(self) -> None:
        """Make sure that nothing is left."""
        if self._left:
            raise ValueError("there is a field too many")


def read(data: bytes) -> Element:
    """Read one element and nothing after it."""
    found = _element(data, 0)
    if len(found.whole) != len(data):
        raise ValueError("something follows its end")
    return found


def split(data: bytes) -> list[Element]:
    """Read the elements that follow each other."""
    found, at = [], 0
    while at < len(data):
        found.append(_element(data, at))
        at += len(found[-1].whole)
    return found


def _element(data: bytes, at: int) -> Element:
    head = data[at : at + 2]
    if len(head) < 2 or head[0] & 0x1F == 0x1F:
        raise ValueError("it is not DER")
    length, start = head[1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
        if not 1 <= size <= 4 or length < 0x80 or length < 1 << 8 * (size - 1):
            raise ValueError("it is not DER")
    if start + length > len(data):
        raise ValueError("it is cut off")
    return Element(tag=head[0], body=data[start : start + length], whole=data[at : start + length])


def integer(element: Element) -> int:
    """Return a number."""
    if not 1 <= len(element.body) <= LONGEST_NUMBER:
        raise ValueError("a number is empty or too long")
    return int.from_bytes(element.body, "big", signed=True)


def oid(element: Element) -> str:
    """Return an object identifier with dots."""
    if not 1 <= len(element.body) <= LONGEST_NUMBER or element.body[-1] & 0x80:
        raise ValueError("an object identifier is empty, too long or cut off")
    numbers, value = [], 0
    for byte in element.body:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(str(number) for number in (first, numbers[0] - 40 * first, *numbers[1:]))


def algorithm(element: Element) -> str:
    """Return the object identifier of an AlgorithmIdentifier."""
    return oid(Fields(element).take(OID))


def moment(element: Element) -> datetime:
    """Return the time of a UTCTime or a GeneralizedTime that ends in Z; to the microsecond."""
    # Two digits for the year mean 1950 to 2049 (RFC 5280, 4.1.2.5.1).
    century = b"" if element.tag == GENERALIZED_TIME else b"20" if element.body[:2] < b"50" else b"19"
    match = _TIME.fullmatch(century + element.body)
    if match is None:
        raise ValueError("a time is not written as it must be")
    whole = datetime.strptime(f"{match[1].decode('ascii')}+0000", "%Y%m%d%H%M%S%z")
    return whole + timedelta(microseconds=int((match[2] or b"0").ljust(6, b"0")))


def sequence(*parts: bytes) -> bytes:
    """Write a SEQUENCE of what is written already."""
    return _written(SEQUENCE, b"".join(parts))


def bits(data: bytes) -> bytes:
    """Write whole bytes as a BIT STRING."""
    return _written(BITS, b"\x00" + data)


def _written(tag: int, body: bytes) -> bytes:
    size = len(body)
    if size < 0x80:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body
