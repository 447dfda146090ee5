"""Many files at a glance: how many of each decision, and why, the worst first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.model.verdict import Decision
from provenance.reports import wording
from provenance.reports.reasons import deciding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provenance.reports.result import Result, Results

WORST_FIRST = (Decision.REJECTED, None, Decision.REVIEW, Decision.ACCEPTED)
"""`None`: it could not be looked at, which is worse than a review."""
_EXAMPLES = 3
_KINDS = 500
"""Different reasons that are counted apart: what files say must not fill the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why some files were not accepted; every file counts once, by the first rule that decides."""

    decision: Decision | None
    """`None`: they could not be looked at."""
    rule: str | None
    message: str | None
    """`None` for the rest, when there are too many different ones."""
    files: int
    examples: tuple[str, ...]
    """The first few of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagCount:
    """In how many files a kind of red flag was found."""

    kind: str
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What became of all files of one run."""

    accepted: int
    review: int
    rejected: int
    not_looked_at: int
    reasons: tuple[Reason, ...]
    """The worst first, then the most frequent."""
    flags: tuple[FlagCount, ...]
    """The most frequent first."""

    @property
    def counts(self) -> dict[Decision | None, int]:
        """How many of each fate, the worst first; `None`: they could not be looked at."""
        return dict(zip(WORST_FIRST, (self.rejected, self.not_looked_at, self.review, self.accepted), strict=True))

    @property
    def files(self) -> int:
        """How many there were."""
        return sum(self.counts.values())

    @property
    def decision(self) -> Decision | None:
        """The worst decision; `None` when no file could be judged."""
        return next((decision for decision, count in self.counts.items() if decision and count), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gist:
    """What a file adds to a summary; it is small, so that it travels well."""

    name: str
    decision: Decision | None
    rule: str | None
    """The first rule that decides."""
    message: str
    flags: frozenset[str]
    """Kinds of red flags."""


def gist(result: Result) -> Gist:
    """Take from a result what a summary needs."""
    rule, message = why(result)
    flags = frozenset(item.kind.value for item in result.flags)
    return Gist(name=result.name, decision=result.decision, rule=rule, message=message, flags=flags)


Key = tuple[Decision | None, str | None, str | None]


class Tally:
    """Count results one by one, without keeping them."""

    def __init__(self) -> None:
        self._decisions: Counter[Decision | None] = Counter()
        self._reasons: Counter[Key] = Counter()
        self._examples: dict[Key, list[str]] = {}
        self._flags: Counter[str] = Counter()

    def add(self, file: Gist) -> None:
        """Count one file."""
        self._decisions[file.decision] += 1
        self._flags.update(file.flags)
        if file.decision is Decision.ACCEPTED:
            return
        key: Key = (file.decision, file.rule, file.message)
        if key not in self._reasons and len(self._reasons) >= _KINDS:
            key = (file.decision, None, None)
        self._reasons[key] += 1
        named = self._examples.setdefault(key, [])
        if len(named) < _EXAMPLES:
            named.append(file.name)

    def summary(self) -> Summary:
        """Sum up what was counted so far."""
        ordered = sorted(self._reasons.items(), key=lambda item: (WORST_FIRST.index(item[0][0]), -item[1]))
        return Summary(
            accepted=self._decisions[Decision.ACCEPTED],
            review=self._decisions[Decision.REVIEW],
            rejected=self._decisions[Decision.REJECTED],
            not_looked_at=self._decisions[None],
            reasons=tuple(
                Reason(decision=key[0], rule=key[1], message=key[2], files=count, examples=tuple(self._examples[key]))
                for key, count in ordered
            ),
            flags=tuple(
                FlagCount(kind=kind, files=count)
                for kind, count in sorted(self._flags.items(), key=lambda item: (-item[1], item[0]))
            ),
        )


def summarise(results: Results) -> Summary:
    """Sum up a whole run."""
    tally = Tally()
    for item in results.items:
        tally.add(gist(item))
    return tally.summary()


def worst_first(items: Iterable[Result]) -> tuple[Result, ...]:
    """Sort results: rejected, not looked at, to review, accepted; those that are alike keep their order."""
    return tuple(sorted(items, key=lambda item: WORST_FIRST.index(item.decision)))


def why(result: Result) -> tuple[str | None, str]:
    """Return the first rule that decides about a file, and what it says; the error of one that was not looked at.

    For an accepted file there is nothing to say.
    """
    if result.verdict is None:
        return None, result.error.message if result.error else wording.NOT_LOOKED_AT
    found = deciding(result.verdict)
    if found:
        return found[0].rule, found[0].message
    return None, "" if result.decision is Decision.ACCEPTED else wording.NO_RULE
