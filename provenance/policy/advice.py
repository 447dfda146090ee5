"""What is allowed in a policy, and hardly meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model.policy import Severity
from provenance.policy.faults import near
from provenance.policy.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from provenance.model.policy import Policy, RuleUse
    from provenance.policy.lines import Path
    from provenance.policy.parse import Mistake

ASKED_BY_ALL = {
    "integrity.content-intact": "it accepts files that were changed after signing",
    "integrity.signature-valid": "it accepts files whose signature does not hold",
    "integrity.engine-agrees": "it accepts what the engine calls invalid for a reason that no other rule knows",
}
"""Rules that hardly any policy can do without, and what it does then."""
CHECKED = {*ASKED_BY_ALL, "integrity.credentials-readable", "integrity.ancestors-intact"}
"""Rules whose facts are only missing where nothing could be checked."""
NAMES = ("signer.trusted", "signer.organization", "signer.common-name")
"""Rules of which one is needed, or anybody's signature will do."""
OPPOSED = {
    "content.actions-required": ("content.actions-forbidden", "actions"),
    "content.assertions-required": ("content.assertions-forbidden", "labels"),
    "content.source-type-in": ("content.source-type-not-in", "types"),
    "history.generator-allowed": ("history.generator-forbidden", "names"),
}
"""Rules that ask for what others forbid, and the option that names it."""


def advice(policy: Policy, *, lists: Collection[str] | None = None) -> tuple[Mistake, ...]:
    """Find what a policy hardly means, with lines; `lists` names the trust lists that there are."""
    lines = Lines(policy.text)
    places = _places(policy)
    found: list[tuple[Path, str]] = [((), what) for what in _not_asked(policy)]
    for index, (use, place) in enumerate(zip(policy.rules, places, strict=True)):
        found += [((*place, key), what) for key, what in _of_use(use, lists)]
        found += [(place, what) for what in _again(use, policy.rules[:index])]
        found += [((*place, key), what) for key, what in _opposed(use, policy.rules)]
    return tuple(sorted((lines.of(*path), what) for path, what in found))


def _places(policy: Policy) -> list[Path]:
    counted = {"rules": 0, "custom": 0}
    found: list[Path] = []
    for use in policy.rules:
        key = "rules" if use.require is None else "custom"
        found.append((key, counted[key]))
        counted[key] += 1
    return found


def _not_asked(policy: Policy) -> Iterator[str]:
    always = {use.rule for use in policy.rules if use.when is None and use.severity is not Severity.INFO}
    for rule, then in ASKED_BY_ALL.items():
        if rule not in always:
            yield f"{then}: it does not ask {rule} of every file, or only for information"
    if not always & set(NAMES):
        yield f"it accepts signatures of anybody: it asks none of {', '.join(NAMES)} of every file"


def _of_use(use: RuleUse, lists: Collection[str] | None) -> Iterator[tuple[str, str]]:
    if use.on_missing is Severity.INFO and use.rule in CHECKED:
        yield "on_missing", f"{use.rule}: what cannot be checked is accepted (on_missing = 'info')"
    if use.severity is Severity.INFO and use.on_missing is not Severity.INFO:
        yield "severity", f"{use.rule} weighs more when it cannot be decided than when it fails"
    for name in use.options.get("lists", ()):
        if lists is not None and name not in lists:
            yield "lists", f"there is no trust list {name!r} here{near(name, lists) if lists else ''}"


def _again(use: RuleUse, before: tuple[RuleUse, ...]) -> Iterator[str]:
    for other in before:
        if (other.rule, other.options, other.when) == (use.rule, use.options, use.when):
            more = "" if other.severity is use.severity else ": the more severe one counts"
            yield f"{use.rule} is asked twice in the same way{more}"
            return


def _opposed(use: RuleUse, rules: tuple[RuleUse, ...]) -> Iterator[tuple[str, str]]:
    other, option = OPPOSED.get(use.rule, ("", ""))
    forbidden = {name for item in rules if item.rule == other for name in item.options.get(option, ())}
    for name in use.options.get(option, ()):
        if name in forbidden:
            yield option, f"{use.rule} asks for {name!r}, which {other} forbids"
