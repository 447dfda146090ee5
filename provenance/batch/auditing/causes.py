"""Why the state of a file is another one, as far as what is known of both tells."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from provenance.batch.auditing.states import SIGNER, STAMP
from provenance.model.facets import Credential, Revocation
from provenance.model.trust import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.batch.auditing.states import ListState, State


class Cause(StrEnum):
    """Why something has changed."""

    ALTERED = "altered"
    GONE = "gone"
    NOT_LOOKED_AT = "not looked at"
    CREDENTIALS_GONE = "credentials gone"
    CREDENTIALS_APPEARED = "credentials appeared"
    CREDENTIALS_REPLACED = "credentials replaced"
    LIST_GONE = "trust list gone"
    LIST_NEW = "trust list new"
    LIST_CHANGED = "trust list changed"
    EXPIRED = "certificate expired"
    REVOKED = "revoked"
    ONLINE = "online"
    POLICY = "policy changed"
    PROGRAM = "program changed"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One cause, in words."""

    cause: Cause
    says: str
    """One clause, without a full stop."""


_PURPOSES = {SIGNER: Purpose.SIGNER, STAMP: Purpose.TIMESTAMP, "publisher": Purpose.IDENTITY}
"""Facets that rest on trust lists."""
_ASKED = {"credential", "revocation"}
"""Facets that may rest on what others say over the network."""


def reasons_for(before: State, after: State, *, changed: frozenset[str]) -> tuple[Reason, ...]:
    """Say why two states differ; `changed` names what does (`drift.Difference.what`)."""
    found = [*_of_file(before, after), *_of_lists(before, after, changed), *_of_certificate(before, after, changed)]
    if "decision" in changed and before.context.policy_digest != after.context.policy_digest:
        found.append(Reason(cause=Cause.POLICY, says="another policy judges"))
    if before.context.online != after.context.online and (_ASKED & changed or (changed and not found)):
        asked = "authorities were asked this time" if after.context.online else "nobody was asked this time"
        found.append(Reason(cause=Cause.ONLINE, says=asked))
    if changed and not found and before.context.program != after.context.program:
        found.append(Reason(cause=Cause.PROGRAM, says="another version of this program looks at it"))
    if changed and not found:
        found.append(Reason(cause=Cause.OTHER, says=_otherwise(after, changed)))
    return tuple(dict.fromkeys(found))


def _altered(before: State, after: State) -> bool:
    return before.digest != after.digest


def _of_file(before: State, after: State) -> Iterator[Reason]:
    if _altered(before, after):
        yield Reason(cause=Cause.ALTERED, says="its bytes are others")
    one, other = before.facts, after.facts
    if one.decision is None or other.decision is None:
        return
    had, has = (item.facets.get("credential") != Credential.ABSENT for item in (one, other))
    if had and not has:
        yield Reason(cause=Cause.CREDENTIALS_GONE, says="its credentials are gone")
    elif has and not had:
        yield Reason(cause=Cause.CREDENTIALS_APPEARED, says="it has credentials now")
    elif (one.manifest, one.signer) != (other.manifest, other.signer) and one.manifest and other.manifest:
        yield Reason(cause=Cause.CREDENTIALS_REPLACED, says="it has other credentials than before")


def _of_lists(before: State, after: State, changed: frozenset[str]) -> Iterator[Reason]:
    """Compare the lists that have vouched or vouch now, or, where nobody says which, all that could."""
    for facet, purpose in _PURPOSES.items():
        if facet not in changed or _altered(before, after):
            continue
        old, new = before.context.serving(purpose), after.context.serving(purpose)
        named = [item.facts.through[facet] for item in (before, after) if facet in item.facts.through]
        for name in dict.fromkeys(named or sorted({*old, *new})):
            yield from _of_list(name, old.get(name), new.get(name))


def _of_list(name: str, before: ListState | None, after: ListState | None) -> Iterator[Reason]:
    if before is not None and after is None:
        yield Reason(cause=Cause.LIST_GONE, says=f"the list {name!r} that vouched does not count any more")
    elif after is not None and before is None:
        yield Reason(cause=Cause.LIST_NEW, says=f"the list {name!r} counts now")
    elif before is not None and after is not None and before.digest != after.digest:
        dates = f"{before.dated or 'undated'} → {after.dated or 'undated'}"
        digests = f"{before.digest[:12]} → {after.digest[:12]}"
        yield Reason(cause=Cause.LIST_CHANGED, says=f"the list {name!r} is another version ({dates}, {digests})")


def _of_certificate(before: State, after: State, changed: frozenset[str]) -> Iterator[Reason]:
    if _altered(before, after):
        return
    if SIGNER in changed and after.facts.expired and not before.facts.expired:
        said = "its certificate has expired, and no trusted time says that it was used before"
        yield Reason(cause=Cause.EXPIRED, says=said)
    if "revocation" in changed and after.facts.facets.get("revocation") == Revocation.REVOKED:
        yield Reason(cause=Cause.REVOKED, says="its certificate has been revoked")


def _otherwise(after: State, changed: frozenset[str]) -> str:
    """Give the reason of what has changed, where no cause is known."""
    told = (after.reasons[name] for name in after.reasons if name in changed)
    return next(told, "") or after.facts.why or "nothing that is known explains it"
