"""Names that rules compare and show: patterns, digital source types, and words of strangers in short."""

from __future__ import annotations

import difflib
import re
import unicodedata
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from provenance.model.claim import short_source_type
from provenance.model.vocabulary import ACTIONS, DEPRECATED_ACTIONS, RETIRED_SOURCE_TYPES, SOURCE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provenance.model.history import Edit
    from provenance.policy.registry import Check

_LONGEST = 100
_OID = re.compile(r"[0-2](\.(0|[1-9]\d*))+", re.ASCII)


def among(name: str, patterns: Iterable[str]) -> bool:
    """Say whether a name is one of these; `*` stands for any characters, and nothing else is special."""
    found = unicodedata.normalize("NFC", name)
    plain = (unicodedata.normalize("NFC", item).replace("[", "[[]").replace("?", "[?]") for item in patterns)
    return any(fnmatchcase(found, item) for item in plain)


def listed(names: Iterable[str]) -> str:
    """Write names one after the other."""
    return ", ".join(names)


def counted(number: int, noun: str) -> str:
    """Write a number of things."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def quoted(text: object) -> str:
    """Show what a stranger wrote: in quotes, in one line, and not at any length."""
    shown = str(text)
    return repr(shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…")


def called(edit: Edit) -> str:
    """Name a step of a history by its title."""
    return quoted(edit.title) if edit.title else "a file without a name"


def kind_of(label: str) -> str:
    """Return the kind of an assertion: its label without the number that tells it from its like."""
    return label.split("__", maxsplit=1)[0]


def source_name(value: object) -> str | None:
    """Return the short name of a digital source type, given as its URI or in short; None where none is stated."""
    found = short_source_type(value.strip()) if isinstance(value, str) else ""
    return _SOURCE_NAMES.get(found.lower(), found) or None


_SOURCE_NAMES = {item.lower(): item for item in (*SOURCE_TYPES, *RETIRED_SOURCE_TYPES)}


def no_source_type(value: str) -> str | None:
    """Say what is wrong with a digital source type of a policy."""
    if source_name(value) in _SOURCE_NAMES.values():
        return None
    return f"{value!r} is no digital source type{_near(value, _SOURCE_NAMES.values())}"


def action_name(value: str) -> str:
    """Return the full name of an action: those of the standard may be given without `c2pa.`."""
    return f"c2pa.{value}" if value in ACTIONS or value in DEPRECATED_ACTIONS else value


def no_action(value: str) -> str | None:
    """Say what is wrong with an action of a policy; those that begin otherwise than with `c2pa.` are anybody's."""
    short = value.removeprefix("c2pa.")
    known = (*ACTIONS, *DEPRECATED_ACTIONS)
    if short in known or "*" in short or (short == value and "." in value):
        return None
    return f"{value!r} is no action of the standard{_near(short, known)}"


def no_oid(value: str) -> str | None:
    """Say what is wrong with an object identifier of a policy."""
    return None if _OID.fullmatch(value) else f"{value!r} is no object identifier such as 2.23.140.1.2.1"


def one_of(*known: str) -> Check:
    """Make a check for words that are known."""
    words = [str(item) for item in known]

    def check(value: str) -> str | None:
        return None if value in words else f"{value!r} is not one of {listed(words)}{_near(value, words)}"

    return check


def _near(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=2, cutoff=0.6)
    return "; did you mean " + " or ".join(repr(item) for item in near) + "?" if near else ""
