"""Read what a policy is expected to decide, from `cases.toml`.

[cases]
"signed.jpg" = "accepted"                       a file, from the folder of this one, and its decision
"changed.jpg" = { decision = "rejected", rules = { "integrity.content-intact" = "failed" } }
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provenance.errors import SettingsError
from provenance.model.policy import Outcome
from provenance.model.trials import NOT_ASKED
from provenance.model.verdict import Decision
from provenance.policy.faults import near
from provenance.policy.lines import Lines
from provenance.policy.reading import NotToml, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from provenance.policy.faults import Fault

OUTCOMES = (*(item.value for item in Outcome), NOT_ASKED)
_DECISIONS = tuple(item.value for item in Decision)
_KEYS = ("decision", "rules")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is expected of one file."""

    decision: Decision | None
    rules: Mapping[str, str]


def read_cases(text: str, *, source: str) -> dict[str, Expected]:
    """Read what is expected, by file; `source` names the text in errors.

    Raises `SettingsError` with every mistake and its line.
    """
    try:
        data = read(text)
    except NotToml as error:
        raise SettingsError(f"is not a list of cases: line {error.line}: {error.what}", path=source) from error
    found = list(_faults(data))
    if found:
        lines = Lines(text)
        listed = "; ".join(
            f"line {line}: {what}" for line, what in sorted((lines.of(*path), what) for path, what in found)
        )
        raise SettingsError(f"is not a list of cases: {listed}", path=source, hint='write "photo.jpg" = "accepted"')
    return {name: _expected(item) for name, item in data["cases"].items()}


def _faults(data: Mapping[str, Any]) -> Iterator[Fault]:
    for key in data:
        if key != "cases":
            yield (key,), f"there is no {key!r} here{near(key, ['cases'])}"
    cases = data.get("cases")
    if not isinstance(cases, dict) or not cases:
        yield (), "it has no cases: begin with [cases]"
        return
    for name, item in cases.items():
        yield from ((("cases", name, *path), what) for path, what in _wrong(item))


def _wrong(item: Any) -> Iterator[Fault]:
    table = item if isinstance(item, dict) else {"decision": item}
    unknown = [key for key in table if key not in _KEYS]
    if unknown:
        yield (unknown[0],), f"a case has no {unknown[0]!r}: the name of a file stands in quotes"
    elif not table:
        yield (), "nothing is expected of it"
    if "decision" in table and table["decision"] not in _DECISIONS:
        yield ("decision",), f"a decision is one of {', '.join(_DECISIONS)}, not {table['decision']!r}"
    rules = table.get("rules", {})
    if not isinstance(rules, dict):
        yield ("rules",), 'outcomes of rules stand in a table: { "signer.trusted" = "passed" }'
        return
    for rule, outcome in rules.items():
        if isinstance(outcome, dict):
            yield ("rules", rule), "the id of a rule stands in quotes"
        elif outcome not in OUTCOMES:
            yield ("rules", rule), f"an outcome is one of {', '.join(OUTCOMES)}, not {outcome!r}"


def _expected(item: Any) -> Expected:
    table = item if isinstance(item, dict) else {"decision": item}
    decision = table.get("decision")
    return Expected(decision=Decision(decision) if decision else None, rules=table.get("rules", {}))
