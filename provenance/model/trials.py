"""What is said of a policy itself: why it decides as it does, and whether it decides as expected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from provenance.errors import ProvenanceError
    from provenance.model.policy import RuleUse
    from provenance.model.verdict import Decision, Finding, Verdict

NOT_ASKED = "not asked"
"""What is said of a rule whose condition does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One rule of a policy, asked of one file."""

    use: RuleUse
    question: str
    finding: Finding | None
    """`None` where its condition does not hold, so that it was not asked."""
    facts: tuple[str, ...]
    """What it looked at, and how that is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file whose decision is known."""

    name: str
    """Its path, from the folder of the cases."""
    path: Path
    decision: Decision | None
    """`None` where only outcomes of single rules are expected."""
    rules: Mapping[str, str] = field(default_factory=dict)
    """Outcomes by the ids of rules: those of `Outcome`, or `NOT_ASKED`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a policy made of a case."""

    case: Case
    verdict: Verdict | None = None
    error: ProvenanceError | None = None
    """Set when the file could not be looked at."""
    differences: tuple[str, ...] = ()
    """What was expected otherwise; nothing when all is as it should be."""
