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

import hashlib
from typing import TYPE_CHECKING, Any, TypeAlias

from provenance.errors import SettingsError
from provenance.model.policy import Policy, RuleUse, Severity
from provenance.policy.evaluate import CUSTOM
from provenance.policy.faults import faults
from provenance.policy.reading import NotToml, read
from provenance.policy.registry import find

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.policy.faults import Wrong

Mistake: TypeAlias = tuple[int, str]
"""Line (from 1) and what is wrong there."""

_TOLD = 20
"""Mistakes that an error lists: `provenance policy check` lists them all."""


def parse(text: str, *, source: str, wrong: Wrong | None = None) -> Policy:
    """Read a policy; `source` names its file in errors, `wrong` judges its conditions.

    Raises `SettingsError` with every mistake and its line, for one that asks nothing too: it would accept anything.
    """
    data, found = _read(text, wrong)
    if found:
        listed = "; ".join(f"line {line}: {what}" for line, what in found[:_TOLD])
        more = f"; and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
        raise SettingsError(
            f"is not a policy: {listed}{more}", path=source, hint="see `provenance policy show standard`"
        )
    rules = [_use(item) for item in data.get("rules", ())] + [_custom(item) for item in data.get("custom", ())]
    return Policy(
        name=data["name"],
        version=data["version"],
        purpose=" ".join(data["purpose"].split()),
        rules=tuple(rules),
        digest=hashlib.sha256(text.encode()).hexdigest(),
        text=text,
    )


def mistakes(text: str, *, wrong: Wrong | None = None) -> tuple[Mistake, ...]:
    """Find everything that is wrong with a policy file, in the order of its lines."""
    return _read(text, wrong)[1]


def _read(text: str, wrong: Wrong | None) -> tuple[dict[str, Any], tuple[Mistake, ...]]:
    try:
        data = read(text)
    except NotToml as error:
        return {}, ((error.line, error.what),)
    found = tuple(faults(data, wrong))
    if not found:
        return data, ()
    from provenance.policy.lines import Lines  # noqa: PLC0415 -- only where something is wrong

    lines = Lines(text)
    return data, tuple(sorted((lines.of(*path), what) for path, what in found))


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
        message=" ".join(item["message"].split()),
    )
