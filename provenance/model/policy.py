"""Policies: which questions are asked of a file, and how much each answer weighs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Severity(StrEnum):
    """What a file gets that does not pass a rule."""

    FAIL = "fail"
    REVIEW = "review"
    INFO = "info"
    """Said, and nothing else."""


class Outcome(StrEnum):
    """What a rule finds."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"
    """A fact that the question needs is missing: never the same as passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a rule says of one file."""

    outcome: Outcome
    message: str
    """One clause, without a full stop."""
    subject: str | None = None
    """Label of the manifest, or name of the thing, that it is about, when that is not the file itself."""
    evidence: tuple[str, ...] = ()
    """Status codes and the like that it rests on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleUse:
    """One rule of a policy, with its options and its weight."""

    rule: str
    """Id such as `signer.trusted`; `custom.NAME` for a condition of the policy's own."""
    severity: Severity
    on_missing: Severity = Severity.REVIEW
    """What counts when the question cannot be decided."""
    options: Mapping[str, Any] = field(default_factory=dict)
    when: str | None = None
    """Condition (CEL over the JSON report) under which the rule is asked at all; undecided, it counts as missing."""
    require: str | None = None
    """The condition that a custom rule asks for (CEL)."""
    message: str | None = None
    """What a custom rule says when its condition does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A named and versioned set of rules; never an empty one."""

    name: str
    version: str
    purpose: str
    """What it is for, and what it does not prove."""
    rules: tuple[RuleUse, ...]
    digest: str
    """SHA-256 of the file that it was read from; lower-case hexadecimal."""
    text: str = field(repr=False)
    """That file, as it was."""

    @property
    def conditions(self) -> tuple[str, ...]:
        """Every expression in it, each once; a policy without any needs nobody to decide them."""
        found = (item for use in self.rules for item in (use.when, use.require) if item is not None)
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Whether a condition holds; `None` when that cannot be said."""

    value: bool | None
    why: str = ""
    """Why it cannot be said."""
    evidence: tuple[str, ...] = ()
    """The facts that it names, as they are: `facets.time.state = "absent"`."""
