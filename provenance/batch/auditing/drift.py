"""What has changed between two states of a file, and why: in plain words, from before to after.

Nothing here reads or writes anything. What was not looked at is never the same as what has not changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from provenance.batch.auditing.causes import Cause, Reason, reasons_for
from provenance.batch.auditing.states import SIGNER, STAMP
from provenance.model.facets import Ancestry, Content, Credential, Publisher, Revocation, Signer, Signing, Time
from provenance.model.verdict import Decision

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from provenance.batch.auditing.states import Context, ListState, State

_GOOD: Mapping[str, frozenset[str]] = {
    "credential": frozenset({Credential.PRESENT}),
    "content": frozenset({Content.INTACT}),
    "signature": frozenset({Signing.VALID}),
    "signer": frozenset({Signer.TRUSTED}),
    "time": frozenset({Time.TRUSTED}),
    "revocation": frozenset({Revocation.GOOD}),
    "ancestry": frozenset({Ancestry.INTACT, Ancestry.NONE}),
    "publisher": frozenset({Publisher.TRUSTED, Publisher.NONE}),
}
"""States of facets that nobody need look at."""
_FROM_MILD = (Decision.ACCEPTED, Decision.REVIEW, None, Decision.REJECTED)
_ASKED = {Revocation.GOOD.value, Revocation.NOT_CHECKED.value}
UNVERIFIED = "cannot be verified"
"""In the place of a decision."""


class Kind(StrEnum):
    """What a change is about: a file, or all files of a run."""

    CHANGED = "changed"
    NEW = "new"
    GONE = "gone"
    BACK = "back"
    NOT_LOOKED_AT = "not looked at"
    POLICY = "policy"
    PROGRAM = "program"
    TRUST = "trust list"
    ONLINE = "online"


class Weight(IntEnum):
    """How much a change matters."""

    NOTHING = 0
    """Nothing is worse than before."""
    REVIEW = 1
    """Somebody should look at it."""
    WORSE = 2
    """Altered, gone, or rejected now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is different."""

    what: str
    """`sha256`, `size`, `decision`, the name of a facet …"""
    before: str
    after: str
    why: str = ""
    """Of a facet: the reason that is given now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What has happened to one file, or to the circumstances of all."""

    kind: Kind
    name: str = ""
    """Of the file; empty for what holds for the whole run."""
    weight: Weight = Weight.NOTHING
    reasons: tuple[Reason, ...] = ()
    differences: tuple[Difference, ...] = ()
    before: State | None = None
    after: State | None = None
    below: int = 0
    """Of a folder that could not be looked at: how many files are known below it."""


def change(before: State | None, after: State) -> Change | None:
    """Say what has happened to a file that is there; `None` when nothing has.

    `before` is `None` for one that was never looked at.
    """
    if before is None or before.digest is None:
        return Change(kind=Kind.NEW, name=after.name, weight=_of_new(after), after=after)
    differences = compare(before, after)
    if not differences and not before.gone:
        return None
    return Change(
        kind=Kind.BACK if before.gone else Kind.CHANGED,
        name=after.name,
        weight=_weight(before, after, differences),
        reasons=reasons_for(before, after, changed=frozenset(item.what for item in differences)),
        differences=differences,
        before=before,
        after=after,
    )


def gone(before: State, why: str) -> Change:
    """Say that a file is not there any more."""
    reason = Reason(cause=Cause.GONE, says=why)
    return Change(kind=Kind.GONE, name=before.name, weight=Weight.WORSE, reasons=(reason,), before=before)


def not_looked_at(name: str, why: str, *, before: State | None = None, below: int = 0) -> Change:
    """Say that a file or a folder could not be looked at."""
    reason = Reason(cause=Cause.NOT_LOOKED_AT, says=why)
    return Change(
        kind=Kind.NOT_LOOKED_AT, name=name, weight=Weight.REVIEW, reasons=(reason,), before=before, below=below
    )


def compare(before: State, after: State) -> tuple[Difference, ...]:
    """Return every difference between two states of a file, its bytes first and the decision last."""
    return tuple(_differences(before, after))


def circumstances(before: Context, after: Context) -> tuple[Change, ...]:
    """Say what is different for all files: policy, program, trust lists, whether anybody was asked."""
    found = [
        (Kind.POLICY, _policy(before), _policy(after)),
        (Kind.PROGRAM, before.program, after.program),
        (Kind.ONLINE, _online(before), _online(after)),
    ]
    old, new = _lists(before), _lists(after)
    found += [
        (Kind.TRUST, _list(old.get(key)), _list(new.get(key)))
        for key in sorted(old.keys() | new.keys())
        if key not in old or key not in new or old[key].digest != new[key].digest
    ]
    return tuple(
        Change(kind=kind, differences=(Difference(what=kind.value, before=earlier, after=now),))
        for kind, earlier, now in found
        if earlier != now
    )


def _differences(before: State, after: State) -> Iterator[Difference]:
    if before.digest != after.digest:
        yield Difference(what="sha256", before=before.digest or "", after=after.digest or "")
        if before.size != after.size:
            yield Difference(what="size", before=str(before.size), after=str(after.size))
    old, new = before.facts, after.facts
    for what in ("signer", "manifest"):
        one, other = getattr(old, what), getattr(new, what)
        if one != other and one and other:
            yield Difference(what="signed by" if what == "signer" else what, before=one, after=other)
    for name in dict.fromkeys((*old.facets, *new.facets)):
        if _moved(name, before, after):
            yield Difference(
                what=name, before=_said(name, before), after=_said(name, after), why=after.reasons.get(name, "")
            )
    if old.decision is not new.decision:
        yield Difference(what="decision", before=_decision(before), after=_decision(after), why=new.why)
    elif old.decision is None and old.why != new.why:
        yield Difference(what="problem", before=old.why, after=new.why)


def _moved(name: str, before: State, after: State) -> bool:
    """Say whether a facet is another one; that a list has another version is none while it vouches as before."""
    one, other = before.facts.facets.get(name), after.facts.facets.get(name)
    if before.facts.decision is None or after.facts.decision is None:
        # What cannot be verified has no facets.
        return False
    if one != other:
        unasked = name == "revocation" and before.context.online != after.context.online
        return not (unasked and {one, other} == _ASKED)
    return before.facts.through.get(name) != after.facts.through.get(name)


def _said(name: str, state: State) -> str:
    """Say a facet in words, with the list that vouches."""
    found = state.facts.facets.get(name, "")
    through = state.facts.through.get(name)
    if through is None or name not in {SIGNER, STAMP} or found != "trusted":
        return found
    dated = next((item.dated for item in state.context.lists if item.name == through), "")
    return f"{found} (list {through!r}{f', {dated}' if dated else ''})"


def _decision(state: State) -> str:
    return UNVERIFIED if state.facts.decision is None else state.facts.decision.value


def _of_new(after: State) -> Weight:
    if after.facts.decision is Decision.REJECTED:
        return Weight.WORSE
    return Weight.NOTHING if after.facts.decision is Decision.ACCEPTED else Weight.REVIEW


def _weight(before: State, after: State, differences: tuple[Difference, ...]) -> Weight:
    names = {item.what for item in differences}
    earlier, now = before.facts.decision, after.facts.decision
    stripped = "credential" in names and after.facts.facets.get("credential") == Credential.ABSENT
    if stripped or names & {"sha256", "manifest", "signed by"} or (now is Decision.REJECTED and earlier is not now):
        return Weight.WORSE
    worse = any(
        before.facts.facets.get(name) in good and after.facts.facets.get(name) not in good
        for name, good in _GOOD.items()
        if name in names
    )
    if worse or _FROM_MILD.index(now) > _FROM_MILD.index(earlier):
        return Weight.REVIEW
    return Weight.NOTHING


def _policy(found: Context) -> str:
    return f"{found.policy} {found.policy_version} ({found.policy_digest[:12]})"


def _online(found: Context) -> str:
    return "authorities are asked" if found.online else "nobody is asked"


def _lists(found: Context) -> Mapping[tuple[str, str], ListState]:
    return {(item.purpose.value, item.name): item for item in found.lists}


def _list(found: ListState | None) -> str:
    if found is None:
        return "none"
    return f"{found.name!r} ({found.purpose}{f', {found.dated}' if found.dated else ''}, {found.digest[:12]})"
