"""Compare a verdict with the recorded one: the decision, every facet's state, every finding.

Reasons and messages are not compared: they name dates, and their wording belongs to a version of the program.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from provenance.evidence.form import FacetRecord, FindingRecord, StatusRecord, VerdictRecord
from provenance.evidence.outcome import Difference
from provenance.model.policy import Outcome
from provenance.model.verdict import SEVERITY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from provenance.model.manifest import Status
    from provenance.model.verdict import Decision, Verdict

_NOTHING = "nothing"
_DECISION = ("decision", 0)


def record(verdict: Verdict) -> VerdictRecord:
    """Write a verdict down, with the engine's words that it rests on."""
    facets, store = verdict.facets, verdict.inspection.store
    return VerdictRecord(
        decision=verdict.decision,
        facets={
            name: FacetRecord(state=getattr(facets, name).state.value, reason=getattr(facets, name).reason)
            for name in type(facets).__dataclass_fields__
        },
        findings=tuple(
            FindingRecord(
                rule=item.rule,
                outcome=item.outcome,
                severity=item.severity,
                decision=item.decision,
                message=item.message,
                subject=item.subject,
            )
            for item in verdict.findings
        ),
        reported_state=store.reported_state if store else None,
        statuses=tuple(_statuses(store.statuses)) if store else (),
        deltas=tuple(_statuses(store.deltas)) if store else (),
    )


def differences(then: VerdictRecord, verdict: Verdict, *, supposing: Verdict | None = None) -> tuple[Difference, ...]:
    """List everything that a verdict says otherwise than the recorded one.

    Without the media file, `supposing` is the verdict for the case that its content is what it was then: what differs
    only without that supposition, or could not be decided, is marked as not checked.
    """
    found = _compared(then, record(verdict))
    if supposing is None:
        return tuple(found.values())
    certain = {
        key: item
        for key, item in _compared(then, record(supposing)).items()
        if not item.now.startswith(Outcome.UNDECIDED)
    }
    if set(certain) == {_DECISION} and any(item.now.startswith(Outcome.UNDECIDED) for item in found.values()):
        certain = {}
    marked = {key: replace(item, unchecked=key not in certain) for key, item in found.items()}
    return tuple((certain | marked).values())


def stricter(one: Decision, other: Decision) -> Decision:
    """Return the more severe of two decisions."""
    return max(one, other, key=SEVERITY.index)


def _compared(then: VerdictRecord, now: VerdictRecord) -> dict[tuple[str, int], Difference]:
    """Compare everything by its name; a policy may use one rule several times, so that they are counted."""
    old, new = dict(_answers(then)), dict(_answers(now))
    return {
        key: Difference(about=key[0], then=old.get(key, _NOTHING), now=new.get(key, _NOTHING))
        for key in dict.fromkeys((*old, *new))
        if old.get(key) != new.get(key)
    }


def _answers(judged: VerdictRecord) -> Iterator[tuple[tuple[str, int], str]]:
    yield _DECISION, judged.decision
    for name, facet in judged.facets.items():
        yield (name, 0), facet.state
    seen: Counter[str] = Counter()
    for item in judged.findings:
        weight = "" if item.outcome is Outcome.PASSED else f" ({item.decision})"
        subject = f" about {item.subject}" if item.subject else ""
        yield (item.rule, seen[item.rule]), f"{item.outcome}{weight}{subject}"
        seen[item.rule] += 1


def _statuses(found: Iterable[Status]) -> Iterator[StatusRecord]:
    for item in found:
        yield StatusRecord(code=item.code, kind=item.kind, uri=item.uri, explanation=item.explanation)
