"""How wide text is, nearly: whoever opens the picture has fonts that nobody knows here."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_NARROW = frozenset("fijlrtI.,:;'|!()[]{}`/\\ -")
_BROAD = frozenset("mwMW@%—…⟨⟩")
_BOLDER = 1.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a kind of line is set; lengths are pixels."""

    size: float
    leading: float
    most: int
    """Lines that it may be folded into."""
    indent: float = 0
    bold: bool = False

    @property
    def em(self) -> float:
        """Width of the broadest letters."""
        return self.size * (_BOLDER if self.bold else 1)


def width(text: str, style: Style) -> float:
    """Return about how wide a text is; rather too much than too little."""
    return style.em * sum(_share(char) for char in text)


def _share(char: str) -> float:
    if char in _NARROW:
        return 0.36
    if char in _BROAD:
        return 0.95
    if unicodedata.combining(char):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.05
    return 0.72 if char.isupper() or not char.isascii() else 0.62


def fold(text: str, style: Style, room: float) -> list[str]:
    """Break a text into lines that fit, between words where there are some; what is too much ends with dots."""
    lines: list[str] = []
    rest = text.strip()
    while rest and len(lines) < style.most:
        line = _first_line(rest, style, room)
        rest = rest[len(line) :].strip()
        lines.append(line.strip())
    if rest:
        lines[-1] = f"{_fitting(lines[-1], style, room - width('…', style))}…"
    return lines


def _first_line(text: str, style: Style, room: float) -> str:
    whole = _fitting(text, style, room)
    if len(whole) == len(text) or text[len(whole)] == " ":
        return whole
    space = whole.rfind(" ")
    return whole[:space] if space > 0 else whole


def _fitting(text: str, style: Style, room: float) -> str:
    """Return as much of the beginning as fits, at least one character."""
    used = 0.0
    for number, char in enumerate(text):
        used += style.em * _share(char)
        if used > room and number:
            return text[:number]
    return text
