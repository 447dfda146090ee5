"""Make text from files safe to show: nothing in it may move the cursor, turn the writing around or hide.

Some places obey more than that, and have a way of their own: `as_cell`, `as_markdown`, `as_message`, `as_json`.
"""

from __future__ import annotations

import re
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
    shown = "".join(f"⟨U+{ord(char):04X}⟩" if _hides(char) else char for char in plain[:limit])
    return f"{shown}… ({len(plain)} characters)" if len(plain) > limit else shown


def _hides(char: str) -> bool:
    return char in _INVISIBLE or unicodedata.category(char) in _HIDING


# ---- spreadsheets

_CELL_LIMIT = 2000
_BEGINS = re.compile(r"(?:^|[;,|\"'])(?=\s*(.))")
"""What stands first in a cell, also in that of a program that separates cells by something else."""


def as_cell(text: object) -> str:
    """Return text for a cell of a spreadsheet: what would be read as a formula gets an apostrophe before it.

    That is what begins with `=`, `+`, `-` or `@` in any width, after blanks too (OWASP, CSV injection).
    """
    shown = visible(text, limit=_CELL_LIMIT)
    places = [found.start(1) for found in _BEGINS.finditer(shown) if _calculates(found[1])]
    for place in reversed(places):
        shown = f"{shown[:place]}'{shown[place:]}"
    return shown


def _calculates(char: str) -> bool:
    return unicodedata.normalize("NFKC", char) in {"=", "+", "-", "@", "\N{MINUS SIGN}"}


# ---- Markdown

_LEADING, _TRAILING = "(\"'“„‘‚", ")\"'”“’‘.,;:!?…"
_WORD = re.compile(r"(?![0-9a-fA-F]{7})[^\W_]+(?:['’-][^\W\d_]+)*|[–—/]")
"""What no dialect of Markdown obeys, not even as a reference to a person, a commit or an issue."""


def as_markdown(text: object, *, limit: int = LIMIT) -> str:
    """Return text of which no dialect of Markdown obeys anything: all but plain words becomes code.

    A backslash would not be enough: addresses, @names and #numbers are looked for when it has gone.
    """
    parts: list[str] = []
    code: list[str] = []
    for token in visible(text, limit=limit).split(" "):
        core = token.lstrip(_LEADING).rstrip(_TRAILING)
        before, _, after = token.partition(core) if core else (token, "", "")
        if code and (before or not core or _WORD.fullmatch(core)):
            parts.append(_code(" ".join(code)))
            code = []
        if not core or _WORD.fullmatch(core):
            parts.append(token)
        elif after:
            parts.append(f"{before}{_code(' '.join((*code, core)))}{after}")
            code = []
        elif before:
            parts.append(f"{before}{_code(core)}")
        else:
            code.append(core)
    return " ".join((*parts, _code(" ".join(code))) if code else parts)


def _code(text: str) -> str:
    """Write code spans; a vertical bar would end a cell of a table even there."""
    return "&#124;".join(_span(part) if part else "" for part in text.split("|"))


def _span(text: str) -> str:
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    inner = f" {text} " if text[0] in "` " or text[-1] in "` " else text
    return f"{fence}{inner}{fence}"


# ---- messages of SARIF


def as_message(text: object, *, limit: int = _CELL_LIMIT) -> str:
    """Return text for a message of SARIF, in which it neither links to anything nor stands for anything (3.11)."""
    return visible(text, limit=limit).replace("](", "] (").replace("{", "{{").replace("}", "}}")


# ---- JSON


def as_json(document: str) -> str:
    """Return the same JSON document with every hidden character written as its escape sequence.

    Whoever parses it gets what stood in the file; whoever looks at it sees that something is there.
    """
    if document.isascii() and "\x7f" not in document:
        return document
    return "".join(_escaped(char) if char != "\n" and _hides(char) else char for char in document)


def _escaped(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
