"""Text as metadata holds it: many encodings, stray NULs, hostile control characters."""

from __future__ import annotations

MAX_CHARACTERS = 2000
"""The longest value that is kept; longer ones are cut and reported."""

_CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r"}


def tidy(text: str) -> str:
    """Return the text without control characters, without white space around it, and not cut."""
    return text.translate(_CONTROLS).replace("\r\n", "\n").replace("\r", "\n").strip()


def decode(raw: bytes) -> str:
    """Decode bytes of unstated encoding: UTF-8 when they are valid UTF-8, else Latin-1."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
