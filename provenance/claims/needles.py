"""What a value looks like wherever it may stand: other spellings, other notations, other encodings.

Whoever looks for leaks must rather find too much than too little; what is too short or too common to mean anything is
only recognised under the same property.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.redaction import Value

_SHORTEST = 4
"""Characters of a text that is looked for among bytes."""
_SHORTEST_NUMBER = 6
"""The same without letters, as years and sizes are everywhere."""
_SHORTEST_WORD = 3
"""Characters of a text that is looked for in other texts."""
_WHOLE_WORDS = 8
"""Texts shorter than this must stand apart from other letters."""
_COMMON = frozenset({"", "true", "false", "yes", "no", "none", "null", "unknown", "untitled", "unspecified", "default"})
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "latin-1")

_DEEPEST = 32
_MOST = 100_000

_XMP_DEGREES = re.compile(r"(\d{1,3}),(\d{1,2}(?:\.\d+)?)(?:,(\d{1,2}(?:\.\d+)?))?\s*([NSEW])?", re.IGNORECASE)
_SEXAGESIMAL = re.compile(
    r"(\d{1,3})\s*(?:°|deg|d)\s*(\d{1,2})\s*(?:['′’m]|min)\s*(\d{1,2}(?:[.,]\d+)?)?", re.IGNORECASE
)
_DECIMAL = re.compile(r"(?<![\d.,])[+-]?(\d{1,3})[.,](\d{1,12})(?![\d])")
_TIME = re.compile(r"(\d{4})\D(\d\d)\D(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?(?:[.,]\d+)?\s*(Z|[+-]\d\d:?\d\d)?")
_OFFSET = re.compile(r"Z|[+-]\d\d:?\d\d")
_EXACT, _ROUNDED = 4, 2
"""Decimals from which one coordinate alone is telling (11 m), and from which two together are (1 km)."""


@dataclass(frozen=True)
class Needle:
    """One value, ready to be looked for."""

    value: Value

    @cached_property
    def folded(self) -> str:
        """The text without case, accents and punctuation."""
        return fold(self.value.text)

    def in_property(self, name: str, text: str) -> bool:
        """Say whether a property of the same name has the same value."""
        return _local(name) == _local(self.value.name) and _same(text, self.value.text)

    def in_text(self, text: str) -> bool:
        """Say whether a text tells the value, be it among other words."""
        if any(form in text for form in self._times):
            return True
        if not any(char.isalpha() for char in self.folded):
            literal = self.value.text.strip()
            return _distinct(literal) and re.search(rf"(?<![\w.,]){re.escape(literal)}(?!\w)", text) is not None
        if self.folded in _COMMON or (len(self.folded) < _SHORTEST_WORD and self.folded.isascii()):
            return False
        folded = fold(text)
        if len(self.folded) >= _WHOLE_WORDS or not all(_cased(char) for char in (self.folded[0], self.folded[-1])):
            return self.folded in folded
        return f" {self.folded} " in f" {folded} "

    @cached_property
    def raw(self) -> tuple[bytes, ...]:
        """The value as bytes, in every encoding; none where that would be found by chance."""
        text = self.value.text.strip()
        if not _distinct(text) or self.folded in _COMMON:
            return self._encoded(self._times)
        composed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
        spelled = [form for one in composed for form in (one, one.lower(), one.upper())]
        return self._encoded((text, *spelled, *self._times))

    @cached_property
    def _times(self) -> tuple[str, ...]:
        return tuple(_notations_of_time(self.value.text))

    def _encoded(self, texts: tuple[str, ...]) -> tuple[bytes, ...]:
        encoded = (text.encode(name, "ignore") for text in texts for name in _ENCODINGS)
        return tuple(dict.fromkeys(item for item in encoded if len(item) >= _SHORTEST))


@dataclass(frozen=True)
class Point(Needle):
    """A latitude or a longitude, which every notation rounds in its own way."""

    degrees: float = 0.0
    """Without a sign: hemispheres are written in many ways."""

    def in_property(self, name: str, text: str) -> bool:
        """Say whether a property of the same name is the same coordinate."""
        return _local(name) == _local(self.value.name) and self._told(text, _ROUNDED)

    def in_text(self, text: str) -> bool:
        """Say whether a text tells this coordinate to a few metres."""
        return self._told(text, _EXACT)

    def roughly_in(self, text: str) -> bool:
        """Say whether a text tells it to about a kilometre: enough where the other coordinate stands beside it."""
        return self._told(text, _ROUNDED)

    @cached_property
    def raw(self) -> tuple[bytes, ...]:
        """Its first digits in decimal degrees, cut and rounded, and as XMP writes it."""
        cut = f"{int(self.degrees * 10**_EXACT) / 10**_EXACT:.{_EXACT}f}"
        written = self.value.text.strip().rstrip("NSEWnsew")
        return self._encoded((cut, f"{self.degrees:.{_EXACT}f}", *([written[:9]] if len(written) >= 9 else ())))

    def _told(self, text: str, decimals: int) -> bool:
        for number, places in _numbers(text):
            if places >= decimals and abs(number - self.degrees) <= 1.01 * 10**-places:
                return True
        return False


def needle(value: Value) -> Needle:
    """Make a value ready to be looked for."""
    local = _local(value.name)
    if local.endswith(("latitude", "longitude", "longtitude")) or local in {"lat", "lon", "long", "lng"}:
        found = next(iter(_numbers(value.text)), None)
        if found is not None and found[0]:
            return Point(value, degrees=found[0])
    return Needle(value)


@lru_cache(maxsize=64)
def fold(text: str) -> str:
    """Return a text without case and accents, every run of other characters turned into one space."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(re.findall(r"[^\W_]+", plain.casefold()))


def texts(value: Any, *, binary: bool = True) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (path of keys, text) for every value of a decoded statement: numbers too, and bytes unless unwished.

    Statements may refer to themselves (CBOR, shared values): what lies deeper, or is more, than in any honest one is
    passed over. Whoever looks for leaks looks at the bytes, too.
    """
    waiting: list[tuple[tuple[str, ...], Any]] = [((), value)]
    for _ in range(_MOST):
        if not waiting:
            return
        path, item = waiting.pop()
        if isinstance(item, dict):
            inner = [((*path, str(key)), part) for key, part in item.items() if str(key) != "@context"]
        elif isinstance(item, list | tuple | set | frozenset):
            inner = [(path, part) for part in item]
        elif hasattr(item, "tag") and hasattr(item, "value"):
            inner = [(path, item.value)]
        else:
            yield from ((path, text) for text in _leaf(item, binary=binary))
            continue
        if len(path) < _DEEPEST and len(waiting) < _MOST:
            waiting.extend(reversed(inner))


def _leaf(value: Any, *, binary: bool) -> Iterator[str]:
    if isinstance(value, datetime):
        yield value.isoformat()
    elif isinstance(value, bytes):
        yield from [value.decode("latin-1")] if binary else []
    elif value is not None and not isinstance(value, bool):
        yield str(value)


@lru_cache(maxsize=64)
def _numbers(text: str) -> tuple[tuple[float, int], ...]:
    return tuple(_all_numbers(text))


def _all_numbers(text: str) -> Iterator[tuple[float, int]]:
    """Yield what may be coordinates in a text, in degrees without a sign, and how many decimals they are good for."""
    for match in _XMP_DEGREES.finditer(text):
        degrees, minutes, seconds, hemisphere = match.groups()
        if hemisphere:
            fraction = len((seconds or minutes).partition(".")[2])
            yield _degrees(degrees, minutes, seconds), min(fraction + (4 if seconds else 2), 7)
    for match in _SEXAGESIMAL.finditer(text):
        degrees, minutes, seconds = match.groups()
        fraction = len((seconds or "").replace(",", ".").partition(".")[2])
        yield _degrees(degrees, minutes, (seconds or "").replace(",", ".")), 3 + min(fraction, 4) if seconds else 2
    for match in _DECIMAL.finditer(text):
        yield float(f"{match[1]}.{match[2]}"), len(match[2])


def _degrees(degrees: str, minutes: str, seconds: str | None) -> float:
    return int(degrees) + float(minutes) / 60 + float(seconds or 0) / 3600


def _notations_of_time(text: str) -> Iterator[str]:
    """Write a date and time as EXIF, XMP and IPTC do, in its own zone and in UTC."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return
    year, month, day, hour, minute, second, zone = match.groups()
    try:
        moment = datetime.fromisoformat(f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}")
        offset = datetime.fromisoformat(f"2000-01-01T00:00{zone}").utcoffset() if zone else None
    except ValueError:
        return
    moments = [moment] if offset is None else [moment, (moment.replace(tzinfo=UTC) - offset).replace(tzinfo=None)]
    for one in moments:
        for form in ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y:%m:%d %H:%M:%S", "%Y%m%dT%H%M%S", "%Y%m%d_%H%M%S"):
            yield one.strftime(form)


def _distinct(text: str) -> bool:
    if _OFFSET.fullmatch(text):
        return False
    return len(text) >= (_SHORTEST if any(char.isalpha() for char in text) else _SHORTEST_NUMBER)


def _same(one: str, other: str) -> bool:
    return one.strip() == other.strip() or (fold(one) == fold(other) != "")


def _cased(char: str) -> bool:
    """Say whether a character belongs to a script that puts spaces between words, as far as that can be told."""
    return unicodedata.category(char) in {"Ll", "Lu", "Lt", "Nd"}


def _local(name: str) -> str:
    return re.split(r"[/#:]", name.lower())[-1]
