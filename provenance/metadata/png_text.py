"""Text chunks of PNG that are neither XMP nor a profile: read, and erased in place.

Source: PNG third edition, 11.3.3 (tEXt, zTXt, iTXt).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.metadata.png import SIGNATURE, XMP_KEYWORD, inflate, is_profile, sign_chunk
from provenance.metadata.tags import KEYWORDS
from provenance.metadata.text import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_CHUNKS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text chunk, which begins at `chunk`; `body` and `end` give what is in it."""

    chunk: int
    body: int
    end: int
    keyword: bytes
    text: str | None
    """`None` when it cannot be unpacked."""

    @property
    def name(self) -> str:
        """The XMP name of what it says, or its own keyword."""
        plain = decode(self.keyword)
        return KEYWORDS.get(plain.lower(), plain)


def find_texts(data: bytes) -> Iterator[Text]:
    """Yield the text chunks of a PNG, and nothing for other files."""
    at = len(SIGNATURE)
    for _ in range(_MAX_CHUNKS if data.startswith(SIGNATURE) else 0):
        if at + 12 > len(data):
            return
        size, kind = struct.unpack_from(">I4s", data, at)
        body, end = at + 8, at + 8 + size
        if end + 4 > len(data):
            return
        keyword, found, rest = data[body:end].partition(b"\0") if kind in {b"tEXt", b"zTXt", b"iTXt"} else (b"",) * 3
        if found and keyword != XMP_KEYWORD and not is_profile(keyword):
            yield Text(chunk=at, body=body, end=end, keyword=keyword, text=_text(kind, rest))
        at = end + 4


def erase_text(buffer: bytearray, item: Text) -> None:
    """Turn a text chunk into a plain one that says nothing, and sign it."""
    said = len(item.keyword) + 1
    buffer[item.chunk + 4 : item.chunk + 8] = b"tEXt"
    buffer[item.body + said : item.end] = b" " * (item.end - item.body - said)
    sign_chunk(buffer, item.chunk)


def _text(kind: bytes, rest: bytes) -> str | None:
    if kind == b"tEXt":
        return decode(rest)
    if kind == b"zTXt":
        plain = inflate(rest[1:])
        return None if plain is None else decode(plain)
    # compression flag, compression method, language tag, translated keyword, text
    parts = rest[2:].split(b"\0", 2)
    if len(parts) < 3:
        return None
    content = inflate(parts[2]) if rest[:1] == b"\1" else parts[2]
    return None if content is None else "\n".join(decode(part) for part in (parts[1], content) if part)
