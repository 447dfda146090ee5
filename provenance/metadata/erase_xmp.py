"""Erase properties from an XMP packet in place: they become spaces, and no byte before or behind them moves.

XMP is erased as text. The packet was parsed before, so that its tags can be told apart by a regular expression.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from provenance.metadata.names import PREFIXES, is_erased

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TOKEN = re.compile(
    rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>"
    rb"|<(?P<close>/)?(?P<name>[^\s/>]+)(?P<rest>(?:[^>\"']|\"[^\"]*\"|'[^']*')*?)(?P<empty>/)?>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(rb"\s(?P<name>[^\s=\"'/]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_DECLARED = re.compile(rb"\sxmlns:(?P<prefix>[^\s=]+)\s*=\s*(?:\"(?P<one>[^\"]*)\"|'(?P<two>[^']*)')")
_STRUCTURE = frozenset({b"rdf", b"xml", b"xmlns"})


def erase_xmp(packet: bytes, unwanted: Callable[[str], bool] | None = None) -> bytes:
    """Return the packet with properties overwritten with spaces, equally long.

    `unwanted` is asked with XMP names such as `dc:creator`; by default, everything that states a location goes.
    `packet` is well-formed XML in UTF-8; only what lies inside of its RDF is changed.
    """
    goes = _stating_location if unwanted is None else _Unwanted(packet, unwanted)
    buffer = bytearray(packet)
    for start, end in _spans(packet, goes):
        buffer[start:end] = b" " * (end - start)
    return bytes(buffer)


def _stating_location(qualified: bytes) -> bool:
    return is_erased(_local(qualified))


class _Unwanted:
    """Asks by the names that the XMP specification gives, whatever prefixes a packet has declared for them."""

    def __init__(self, packet: bytes, unwanted: Callable[[str], bool]) -> None:
        self._unwanted = unwanted
        self._prefixes: dict[bytes, set[str]] = {}
        for found in _DECLARED.finditer(packet):
            uri = (found["one"] or found["two"] or b"").decode("utf-8", "replace")
            known = PREFIXES.get(uri, found["prefix"].decode("utf-8", "replace"))
            self._prefixes.setdefault(found["prefix"], set()).add(known)

    def __call__(self, qualified: bytes) -> bool:
        prefix, local = qualified.partition(b":")[0], _local(qualified)
        return any(self._unwanted(f"{known}:{local}") for known in self._prefixes.get(prefix, ()))


def _spans(packet: bytes, goes: Callable[[bytes], bool]) -> Iterator[tuple[int, int]]:
    rdf = depth = start = 0
    erased = b""
    for token in _TOKEN.finditer(packet):
        name, opens = token["name"], not token["close"]
        step = int(opens) - int(bool(token["close"] or token["empty"]))
        if name is None:
            continue
        if depth:  # inside of an element that goes: only its own end tag counts
            depth += step if name == erased else 0
            if depth == 0:
                yield start, token.end()
        elif rdf and opens and _is_property(name) and goes(name):
            erased, start, depth = name, token.start(), step
            if depth == 0:
                yield token.span()
        else:
            rdf += step if _local(name) == "RDF" else 0
            if rdf and opens:
                yield from _attribute_spans(token, goes)


def _attribute_spans(token: re.Match[bytes], goes: Callable[[bytes], bool]) -> Iterator[tuple[int, int]]:
    offset = token.start("rest")
    for attribute in _ATTRIBUTE.finditer(token["rest"]):
        if _is_property(attribute["name"]) and goes(attribute["name"]):
            yield offset + attribute.start(), offset + attribute.end()


def _is_property(qualified: bytes) -> bool:
    prefix, colon, _ = qualified.partition(b":")
    return bool(colon) and prefix not in _STRUCTURE


def _local(qualified: bytes) -> str:
    return qualified.rpartition(b":")[2].decode("utf-8", errors="replace")
