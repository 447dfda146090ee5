"""What every report is made of: verdicts, and files that could not be looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.model.flags import red_flags
from provenance.model.verdict import SEVERITY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from provenance.errors import ProvenanceError
    from provenance.model.history import History, RedFlag
    from provenance.model.media import Thumbnail
    from provenance.model.policy import Policy
    from provenance.model.recovery import Recovery
    from provenance.model.verdict import Decision, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One file: its verdict, or why there is none."""

    name: str
    """The path as it was given."""
    verdict: Verdict | None = None
    error: ProvenanceError | None = None
    """Set when there is no verdict."""
    history: History | None = None
    """`None` when there are no manifests that can be read."""
    recovery: Recovery | None = None
    """What a catalogue knows of it, where it has no credentials and that was asked."""
    picture: Thumbnail | None = field(default=None, repr=False)
    """The file itself made small, as it is now; only for reports that show pictures."""
    thumbnails: Mapping[str, Thumbnail] = field(default_factory=dict, repr=False)
    """The thumbnails of its manifests, made again from their pixels, by their JUMBF URIs."""

    @property
    def decision(self) -> Decision | None:
        """The verdict's decision; `None` when the file could not be looked at."""
        return self.verdict.decision if self.verdict else None

    @property
    def flags(self) -> tuple[RedFlag, ...]:
        """What is odd about its history."""
        return red_flags(self.history) if self.history else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a rule asks, in words."""

    rule: str
    question: str
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Everything that one run has looked at, in the order in which it was named."""

    items: tuple[Result, ...]
    generator: str
    """Name and version of this program."""
    at: datetime | None = None
    """When the run began."""
    policy: Policy | None = None
    """What judged all of them."""
    questions: tuple[Question, ...] = ()
    """What the rules of that policy ask, apart from its own conditions; only for reports that explain them."""

    @property
    def decision(self) -> Decision | None:
        """The worst decision; `None` when no file could be judged."""
        found = [item.decision for item in self.items if item.decision is not None]
        return max(found, key=SEVERITY.index) if found else None
