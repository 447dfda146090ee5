"""What conditions may say: the part of CEL that is offered, and mistakes that can be seen without any facts."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Names: TypeAlias = "Mapping[str, Names | None]"
"""Names and the fields below each: `None` where there are none, nothing for a list."""

MACROS = ("has", "all", "exists", "exists_one", "map", "filter")
FUNCTIONS = (
    "size", "contains", "startsWith", "endsWith", "matches", "string", "int", "uint", "double", "bytes", "type", "dyn",
    "timestamp", "duration", "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear",
    "getHours", "getMinutes", "getSeconds", "getMilliseconds",
)  # fmt: skip
"""None of them reads a file, asks the network or knows the time."""
TYPES = ("bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type")

_WORDS = {"true", "false", "null", "in"}
_SHOWN = 8
"""Facts that are named as evidence."""
_WIDTH = 80
"""Characters of one of them."""
_QUOTED = re.compile(
    r"""(?:[bB]?[rR][bB]?)(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"[^"\n]*"|'[^'\n]*')"""
    r"""|\"{3}(?:[^\\]|\\.)*?\"{3}|'{3}(?:[^\\]|\\.)*?'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|//[^\n]*""",
    re.DOTALL,
)
_BOUND = re.compile(rf"\.\s*(?:{'|'.join(MACROS[1:])})\s*\(\s*([A-Za-z_]\w*)\s*,")
_CHAIN = re.compile(r"(?<![\w.\])])[A-Za-z_]\w*+(?:\s*\.\s*[A-Za-z_]\w*+)*+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What the engine finds in an expression."""

    variables: tuple[str, ...]
    """Names of macros' own variables are among them."""
    functions: tuple[str, ...]
    """Operators are among them, under names that nobody can write."""


def mistakes(expression: str, used: Used, names: Names) -> Iterator[str]:
    """Find names that there are not; what only facts can show is undecided when it comes to it."""
    chains = paths(expression)
    own = _own(expression)
    for name in used.variables:
        if name not in own and name not in names and name not in TYPES:
            yield f"there is no {name!r}{_near(name, (*names, *own))}"
    for name in used.functions:
        if name in MACROS:
            yield f"{name}() takes the name of an item, then what is said of it: LIST.{name}(item, …)"
        elif name.isidentifier() and name not in FUNCTIONS:
            yield f"there is no function {name!r}{_near(name, (*FUNCTIONS, *MACROS))}"
    for chain in chains:
        if chain[0] in names:
            yield from _no_field(chain, names)


def _no_field(chain: tuple[str, ...], names: Names) -> Iterator[str]:
    below: Names | None = names
    for depth, name in enumerate(chain):
        whole = ".".join(chain[:depth])
        if below is not None and not below:
            yield f"{whole} is a list: say of which item, as in {whole}.exists(item, …)"
            return
        if below is None or name not in below:
            yield f"{whole} has no {name!r}{_near(name, tuple(below or ()))}"
            return
        below = below[name]


def _near(word: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word[:80], known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


@lru_cache(maxsize=512)
def paths(expression: str) -> tuple[tuple[str, ...], ...]:
    """Find the facts that an expression names, such as `("facets", "time", "state")`, each once."""
    plain = _QUOTED.sub(lambda found: " " * len(found[0]), expression)
    own = _own(expression)
    found = []
    for match in _CHAIN.finditer(plain):
        chain = tuple(part.strip() for part in match[0].split("."))
        # What is called is a function, not a field.
        called = plain[match.end() :].lstrip().startswith("(")
        chain = chain[:-1] if called else chain
        if chain and chain[0] not in own and chain[0] not in _WORDS:
            found.append(chain)
    return tuple(dict.fromkeys(found))


def _own(expression: str) -> frozenset[str]:
    """Find the names that macros give to the items of a list."""
    return frozenset(_BOUND.findall(_QUOTED.sub(" ", expression)))


def evidence(expression: str, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Write the facts that an expression names as they are; long ones are counted."""
    told = (_told(chain, facts) for chain in paths(expression) if chain[0] not in TYPES)
    return tuple(dict.fromkeys(told))[:_SHOWN]


def _told(chain: tuple[str, ...], facts: Mapping[str, Any]) -> str:
    here: Any = facts
    for name in chain:
        if not isinstance(here, dict) or name not in here:
            return f"{'.'.join(chain)} is not known"
        here = here[name]
    if isinstance(here, list):
        return f"{'.'.join(chain)}: {len(here)} item{'' if len(here) == 1 else 's'}"
    shown = json.dumps(here, ensure_ascii=False, default=str)
    return f"{'.'.join(chain)} = {shown if len(shown) <= _WIDTH else f'{shown[:_WIDTH]}…'}"
