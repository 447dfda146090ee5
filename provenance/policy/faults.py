"""What is wrong with a policy that could be read as TOML: the place of each mistake, and what it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from provenance.model.policy import Severity
from provenance.policy.registry import GROUPS, every, find

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.policy.lines import Path
    from provenance.policy.registry import Option, Rule

Wrong: TypeAlias = Callable[[str], Iterable[str]]
"""Says what is wrong with a condition; nothing for a good one."""
Fault: TypeAlias = tuple["Path", str]
_At: TypeAlias = Iterator[tuple[str, str]]
"""A key of a table, and what is wrong there."""

TOP = {"name": 100, "version": 40, "purpose": 2000, "rules": 0, "custom": 0}
"""What may stand in a policy; texts with the characters that they may have."""
USE = ("rule", "severity", "on_missing", "when")
CUSTOM = ("id", "require", "severity", "on_missing", "when", "message")
ORDERED = ("smallest", "largest")
"""Options of which the second may not be below the first."""
MOST = 10**12
"""No number in an option may be larger: nothing that is counted here comes near it."""
LONGEST = 10**6
"""The same for days and minutes: beyond it calendars end."""
TIMES = ("days", "minutes")
"""What the names of options that count time end with."""
CONDITION = 2000
"""Characters of a condition."""
_ID = r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}"
_WEIGHTS = tuple(item.value for item in Severity)


def faults(data: Mapping[str, Any], wrong: Wrong | None) -> Iterator[Fault]:
    """Find every mistake; `wrong` judges conditions, which are only looked at from outside without it."""
    for key in data:
        if key not in TOP:
            yield (key,), f"there is no {_said(key)} in a policy{near(key, TOP)}"
    for key, most in TOP.items():
        problem = _text(data.get(key), key, most=most, folded=key == "purpose") if most else None
        if problem:
            yield (key,), problem
    if not data.get("rules") and not data.get("custom"):
        yield (), "it has no rules, so it would accept anything"
    for key, fault in (("rules", _use), ("custom", _custom)):
        tables = _tables(data, key)
        if tables is None:
            yield (key,), f"{key!r} is not a list of tables: begin each with [[{key}]]"
        for index, item in enumerate(tables or ()):
            yield from (((key, index, place), what) for place, what in fault(item, wrong))
    yield from _together(_tables(data, "rules") or [], _tables(data, "custom") or [])


def _together(rules: list[dict[str, Any]], customs: list[dict[str, Any]]) -> Iterator[Fault]:
    """Find what no single rule can be blamed for."""
    names = [item.get("id") for item in customs]
    for index, name in enumerate(names):
        if name is not None and name in names[:index]:
            yield ("custom", index, "id"), f"there are two conditions {_said(name)}"
    if (rules or customs) and all("when" in item for item in (*rules, *customs)):
        # Else adding a rule could make a verdict milder: nothing asked is a case for review.
        place = ("rules" if rules else "custom", 0, "when")
        yield place, "every rule has a condition: at least one must be asked of every file"


def _tables(data: Mapping[str, Any], key: str) -> list[dict[str, Any]] | None:
    found = data.get(key, [])
    good = isinstance(found, list) and all(isinstance(item, dict) for item in found)
    return found if good else None


def _use(item: Mapping[str, Any], wrong: Wrong | None) -> _At:
    name = item.get("rule")
    known = find(name) if isinstance(name, str) else None
    if known is None:
        shown = f"there is no rule {_said(name)}" if name else "a rule needs its name: rule = …"
        yield "rule", shown + near(str(name), [rule.id for rule in every()])
        return
    yield from _weights(item)
    yield from _options(item, known)
    yield from _condition(item, "when", wrong)


def _options(item: Mapping[str, Any], known: Rule) -> _At:
    for key, value in item.items():
        option = known.options.get(key)
        if option is not None:
            problem = _value(value, option) or _too_much(key, value)
            if problem:
                yield key, f"{key!r} of {known.id} {problem}"
        elif key not in USE:
            yield key, f"{known.id} has no option {_said(key)}{near(key, [*known.options, *USE])}"
    for key, option in known.options.items():
        if option.required and key not in item:
            yield "rule", f"{known.id} needs its option {key!r}"
    least, most = (item.get(key) for key in ORDERED)
    if type(least) is type(most) is int and least > most:
        yield ORDERED[0], f"{ORDERED[0]!r} is more than {ORDERED[1]!r}: no file can pass"


def _custom(item: Mapping[str, Any], wrong: Wrong | None) -> _At:
    for key in item:
        if key not in CUSTOM:
            yield key, f"a condition has no {_said(key)}{near(key, CUSTOM)}"
    name = item.get("id")
    if not isinstance(name, str) or not re.fullmatch(_ID, name):
        yield "id", "a condition needs 'id': at most 60 letters, digits, dots and dashes"
    problem = _text(item.get("message"), "message", most=300)
    if problem:
        yield "message", f"a condition says what is the matter when it does not hold: {problem}"
    if "require" not in item:
        yield "require", "a condition needs 'require': what must hold"
    yield from _weights(item)
    yield from _condition(item, "require", wrong)
    yield from _condition(item, "when", wrong)


def _weights(item: Mapping[str, Any]) -> _At:
    for key in ("severity", "on_missing"):
        value = item.get(key)
        if value is None and key == "severity":
            yield "severity", f"how much it weighs is missing: severity = {' | '.join(_WEIGHTS)}"
        elif value is not None and value not in _WEIGHTS:
            yield key, f"{key!r} is one of {', '.join(_WEIGHTS)}, not {_said(value)}{near(str(value), _WEIGHTS)}"


def _condition(item: Mapping[str, Any], key: str, wrong: Wrong | None) -> _At:
    if key not in item:
        return
    problem = _text(item[key], key, most=CONDITION, folded=True)
    if problem:
        yield key, problem
    elif wrong is not None:
        yield from ((key, f"{key!r}: {what}") for what in wrong(item[key]))


def _text(value: Any, key: str, *, most: int, folded: bool = False) -> str | None:
    """Say what keeps a value from being a text; one that is `folded` may have several lines."""
    if not isinstance(value, str) or not value.strip():
        return f'{key!r} is missing or is not a text: {key} = "…"'
    if len(value) > most:
        return f"{key!r} is longer than {most:,} characters"
    return f"{key!r} is a single line" if not folded and len(value.splitlines()) > 1 else None


def _value(value: Any, option: Option) -> str | None:
    """Say what keeps a value from being one of an option."""
    problem = _KINDS[option.kind](value)
    if problem or option.check is None:
        return problem
    # Words that nobody knows would make a rule that can never fail, or never pass.
    told = (option.check(part) for part in (value if isinstance(value, list) else [value]))
    return next((f"does not fit: {item}" for item in told if item), None)


def _texts(value: Any) -> str | None:
    good = isinstance(value, list) and value and all(isinstance(part, str) and part for part in value)
    return None if good else "is a list of texts, with at least one"


def _number(value: Any, *, whole: bool) -> str | None:
    good = type(value) is int or (type(value) is float and not whole)
    # What is no number at all (nan) is not at least nothing either.
    if not good or not value >= 0:
        return f"is a {'whole ' if whole else ''}number, not a negative one"
    return None


def _too_much(key: str, value: Any) -> str | None:
    most = LONGEST if key.endswith(TIMES) else MOST
    return f"is larger than {most:,}" if isinstance(value, int | float) and value > most else None


_KINDS: dict[str, Callable[[Any], str | None]] = {
    "tuple[str, ...]": _texts,
    "bool": lambda value: None if isinstance(value, bool) else "is true or false",
    "str": lambda value: None if isinstance(value, str) and value else "is a text",
    "int": partial(_number, whole=True),
    "float": partial(_number, whole=False),
}


def _said(value: Any) -> str:
    """Quote something from a policy, cut short."""
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:80]}…"


def near(word: str, known: Iterable[str]) -> str:
    """Say what was meant, or what there is."""
    import difflib  # noqa: PLC0415 -- only where something is wrong

    listed, word = sorted(known), word[:80]
    # A rule is often known by the second half of its name.
    halves = [item for item in listed if item.partition(".")[2] == word.partition(".")[2] != ""]
    close = halves or difflib.get_close_matches(word, listed, n=2, cutoff=0.6)
    if close:
        return "; did you mean " + " or ".join(repr(item) for item in close[:2]) + "?"
    groups = GROUPS if any("." in item for item in listed) else listed
    return f"; there are {', '.join(groups)}"
