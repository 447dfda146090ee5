"""Read a policy from its file; every mistake in it is named with its line.

name = "newsroom"            the name that verdicts bear
version = "1"
purpose = "…"                what it is for, and what it does not prove

[[rules]]
rule = "signer.trusted"      one of `provenance policy list --rules`
severity = "fail"            fail, review or info
on_missing = "review"        what counts when it cannot be decided (default: review)
when = "…"                   asked only under this condition (CEL)
lists = ["c2pa"]             options of the rule

[[custom]]
id = "no-screenshots"
require = "…"                a condition (CEL)
severity = "review"
message = "it is a screenshot"
"""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from typing import TYPE_CHECKING, Any

from provenance.errors import SettingsError
from provenance.model.policy import Policy, RuleUse, Severity
from provenance.policy.evaluate import CUSTOM
from provenance.policy.lines import Lines
from provenance.policy.registry import GROUPS, Option, every, find

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_TOP = ("name", "version", "purpose", "rules", "custom")
_USE = ("rule", "severity", "on_missing", "when")
_CUSTOM = ("id", "require", "severity", "on_missing", "when", "message")
Mistake = tuple[int, str]
"""Line (from 1) and what is wrong there."""


def parse(text: str, *, source: str) -> Policy:
    """Read a policy; `source` names its file in errors.

    Raises `SettingsError` with every mistake and its line, for one without rules too: it would accept anything.
    """
    found = mistakes(text)
    if found:
        listed = "; ".join(f"line {line}: {what}" for line, what in found)
        raise SettingsError(f"is not a policy: {listed}", path=source, hint="see `provenance policy show standard`")
    data = tomllib.loads(text)
    rules = [_use(item) for item in data.get("rules", ())] + [_custom(item) for item in data.get("custom", ())]
    return Policy(
        name=data["name"],
        version=data["version"],
        purpose=" ".join(data["purpose"].split()),
        rules=tuple(rules),
        digest=hashlib.sha256(text.encode()).hexdigest(),
        text=text,
    )


def mistakes(text: str) -> tuple[Mistake, ...]:
    """Find everything that is wrong with a policy file, in the order of its lines."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return (Lines.of_error(error, text),)
    return tuple(sorted(_mistakes(data, Lines(text))))


def _mistakes(data: Mapping[str, Any], lines: Lines) -> Iterator[Mistake]:
    for key in data:
        if key not in _TOP:
            yield lines.top(key), f"there is no {key!r} in a policy{_near(key, _TOP)}"
    for key in ("name", "version", "purpose"):
        if not isinstance(data.get(key), str) or not data[key].strip():
            yield lines.top(key), f"{key!r} is missing or is not a text"
    if not data.get("rules") and not data.get("custom"):
        yield 1, "it has no rules, so it would accept anything"
    for key, wrong in (("rules", _wrong_use), ("custom", _wrong_custom)):
        tables = _tables(data, key)
        if tables is None:
            yield lines.top(key), f"{key!r} is not a list of tables: begin each with [[{key}]]"
        for index, item in enumerate(tables or ()):
            yield from ((lines.at(key, index, place), what) for place, what in wrong(item))
    yield from _repeated(_tables(data, "custom") or [], lines)


def _repeated(customs: list[dict[str, Any]], lines: Lines) -> Iterator[Mistake]:
    names = [item.get("id") for item in customs]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield lines.at("custom", index, "id"), f"there are two conditions {name!r}"


def _tables(data: Mapping[str, Any], key: str) -> list[dict[str, Any]] | None:
    found = data.get(key, [])
    good = isinstance(found, list) and all(isinstance(item, dict) for item in found)
    return found if good else None


def _wrong_use(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with one rule: the key that it stands at, and what."""
    name = item.get("rule")
    known = find(name) if isinstance(name, str) else None
    if known is None:
        shown = f"there is no rule {name!r}" if name else "a rule needs its name: rule = …"
        yield "rule", shown + _near(str(name), [rule.id for rule in every()])
        return
    yield from _wrong_weights(item)
    for key, value in item.items():
        option = known.options.get(key)
        if option is not None:
            wrong = _wrong_value(value, option)
            if wrong:
                yield key, f"{key!r} of {known.id} {wrong}"
        elif key not in _USE:
            choice = [*known.options, *_USE]
            yield key, f"{known.id} has no option {key!r}{_near(key, choice)}"
    for key, option in known.options.items():
        if option.required and key not in item:
            yield "rule", f"{known.id} needs its option {key!r}"


def _wrong_custom(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in item:
        if key not in _CUSTOM:
            yield key, f"a condition has no {key!r}{_near(key, _CUSTOM)}"
    for key in ("id", "require", "message"):
        if not isinstance(item.get(key), str) or not item[key].strip():
            yield key, f"a condition needs {key!r}, a text"
    yield from _wrong_weights(item)


def _wrong_weights(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    weights = [member.value for member in Severity]
    for key in ("severity", "on_missing"):
        value = item.get(key)
        if value is None and key == "severity":
            yield "rule", f"how much it weighs is missing: severity = {' | '.join(weights)}"
        elif value is not None and value not in weights:
            yield key, f"{key!r} is one of {', '.join(weights)}, not {value!r}{_near(str(value), weights)}"
    if "when" in item and (not isinstance(item["when"], str) or not item["when"].strip()):
        yield "when", "'when' is a condition, a text"


def _wrong_value(value: Any, option: Option) -> str | None:
    if option.kind == "tuple[str, ...]":
        good = isinstance(value, list) and value and all(isinstance(part, str) and part for part in value)
        return None if good else "is a list of texts, with at least one"
    if option.kind == "bool":
        return None if isinstance(value, bool) else "is true or false"
    if option.kind == "str":
        return None if isinstance(value, str) and value else "is a text"
    kinds = int if option.kind == "int" else (int, float)
    good = isinstance(value, kinds) and not isinstance(value, bool) and value >= 0
    return None if good else "is a number, not a negative one"


def _near(word: str, known: Iterable[str]) -> str:
    listed = sorted(known)
    # A rule is often known by the second half of its name.
    halves = [item for item in listed if item.partition(".")[2] == word.partition(".")[2] != ""]
    near = halves or difflib.get_close_matches(word, listed, n=2, cutoff=0.6)
    if near:
        return "; did you mean " + " or ".join(repr(item) for item in near[:2]) + "?"
    groups = GROUPS if any("." in item for item in listed) else listed
    return f"; there are {', '.join(groups)}"


def _use(item: Mapping[str, Any]) -> RuleUse:
    known = find(item["rule"])
    given = {key: item[key] for key in (known.options if known else ()) if key in item}
    return RuleUse(
        rule=item["rule"],
        severity=Severity(item["severity"]),
        on_missing=Severity(item.get("on_missing", Severity.REVIEW)),
        when=item.get("when"),
        options={key: tuple(value) if isinstance(value, list) else value for key, value in given.items()},
    )


def _custom(item: Mapping[str, Any]) -> RuleUse:
    return RuleUse(
        rule=f"{CUSTOM}{item['id']}",
        severity=Severity(item["severity"]),
        on_missing=Severity(item.get("on_missing", Severity.REVIEW)),
        when=item.get("when"),
        require=item["require"],
        message=item["message"],
    )
