"""Make text from files safe to show: nothing in it may move the cursor, turn the writing around or hide."""

from __future__ import annotations

import unicodedata

LIMIT = 300
"""Characters of one value that are shown."""
_HIDING = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Control, format (bidi, tags, zero width), surrogate, private, unassigned, line and paragraph separators."""
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters that are drawn as nothing."""


def visible(text: object, *, limit: int = LIMIT) -> str:
    """Return one line in which every hidden character is written out, cut after `limit` characters."""
    plain = str(text)
    shown = "".join(_shown(char) for char in plain[:limit])
    return f"{shown}… ({len(plain)} characters)" if len(plain) > limit else shown


def _shown(char: str) -> str:
    if char in _INVISIBLE or unicodedata.category(char) in _HIDING:
        return f"⟨U+{ord(char):04X}⟩"
    return char
