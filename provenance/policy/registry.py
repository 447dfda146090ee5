"""The rules that policies choose from: each a question, asked by one function.

A rule is a function of `Facts` whose keyword-only parameters are its options:

    @rule("signer.trusted", "Can the identity of the signer be verified?")
    def trusted(facts: Facts, *, lists: tuple[str, ...] = ()) -> Answer: ...

An option without a default must be given. The rules of a group `signer` live in `policy.rules.signer`, which is loaded
when one of them is looked up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag, auto
from importlib import import_module
from inspect import signature
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from provenance.model.policy import Answer, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

    from provenance.model.facets import Facet

GROUPS = ("integrity", "signer", "time", "revocation", "content", "history", "metadata", "file")
KINDS = {"str", "int", "float", "bool", "tuple[str, ...]"}
"""Types that options may have."""


class Need(Flag):
    """Facts that are only collected for rules that ask for them."""

    NOTHING = 0
    CERTIFICATE = auto()
    """`Further.certificate`."""
    METADATA = auto()
    """`Inspection.metadata` and `Further.stated`."""
    INTERCHANGE = auto()
    """`ManifestStore.interchange`."""


Ask: TypeAlias = Callable[..., Answer]
"""A rule's function, of `Facts` and options."""
Check: TypeAlias = Callable[[str], str | None]
"""Says what is wrong with one value of an option: a word that nobody knows would make a rule that cannot fail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of a rule."""

    kind: str
    """One of `KINDS`."""
    default: Any = None
    required: bool = False
    check: Check | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A question that can be asked of a file."""

    id: str
    question: str
    ask: Ask
    options: Mapping[str, Option]
    needs: Need
    needs_for: Mapping[str, Need]
    """What it needs besides where an option is given."""
    explanation: str
    """What the function's docstring says about it."""


_RULES: dict[str, Rule] = {}


def rule(
    id: str,  # noqa: A002 -- it is one
    question: str,
    *,
    needs: Need = Need.NOTHING,
    needs_for: Mapping[str, Need] = MappingProxyType({}),
    checks: Mapping[str, Check] = MappingProxyType({}),
) -> Callable[[Ask], Ask]:
    """Register a function as a rule; `checks` looks at values of options when a policy is read."""

    def register(ask: Ask) -> Ask:
        options = {
            item.name: Option(
                kind=item.annotation,
                default=None if item.default is item.empty else item.default,
                required=item.default is item.empty,
                check=checks.get(item.name),
            )
            for item in signature(ask).parameters.values()
            if item.kind is item.KEYWORD_ONLY
        }
        _RULES[id] = Rule(
            id=id,
            question=question,
            ask=ask,
            options=options,
            needs=needs,
            needs_for=needs_for,
            explanation=ask.__doc__ or "",
        )
        return ask

    return register


def find(id: str) -> Rule | None:  # noqa: A002 -- it is one
    """Return the rule of this id, if there is one."""
    group = id.partition(".")[0]
    if id not in _RULES and group in GROUPS:
        import_module(f"provenance.policy.rules.{group}")
    return _RULES.get(id)


def every() -> tuple[Rule, ...]:
    """Return all rules, group by group."""
    for group in GROUPS:
        import_module(f"provenance.policy.rules.{group}")
    return tuple(sorted(_RULES.values(), key=lambda item: (GROUPS.index(item.id.partition(".")[0]), item.id)))


def passed(message: str, *, subject: str | None = None, evidence: tuple[str, ...] = ()) -> Answer:
    """Answer that all is as it should be."""
    return Answer(outcome=Outcome.PASSED, message=message, subject=subject, evidence=evidence)


def failed(message: str, *, subject: str | None = None, evidence: tuple[str, ...] = ()) -> Answer:
    """Answer that it is not."""
    return Answer(outcome=Outcome.FAILED, message=message, subject=subject, evidence=evidence)


def undecided(message: str, *, subject: str | None = None, evidence: tuple[str, ...] = ()) -> Answer:
    """Answer that a fact is missing."""
    return Answer(outcome=Outcome.UNDECIDED, message=message, subject=subject, evidence=evidence)


def by_state(facet: Facet[Any], *, good: tuple[StrEnum, ...], bad: tuple[StrEnum, ...] = ()) -> Answer:
    """Answer by the state of a facet; what is neither good nor bad is undecided."""
    if facet.state in good:
        return passed(facet.reason)
    return failed(facet.reason) if facet.state in bad else undecided(facet.reason)
