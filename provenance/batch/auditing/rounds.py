"""One round through an archive: each file is compared with what was last told of it."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from provenance.batch.auditing import drift, scopes
from provenance.batch.auditing.drift import Kind, Weight
from provenance.batch.auditing.scopes import Standing
from provenance.batch.auditing.states import state_of
from provenance.storage import objects

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from provenance.batch.auditing.audits import Audits
    from provenance.batch.auditing.drift import Change
    from provenance.batch.auditing.scopes import Scope
    from provenance.batch.auditing.states import Context, State
    from provenance.batch.finding import Wanted
    from provenance.batch.work import Outcome
    from provenance.model.verdict import Decision

_GROUP = 64
"""States that are written together."""
_SECONDS = 5.0
"""After which they are written although they are fewer."""
_OF_FILES = (Kind.CHANGED, Kind.NEW, Kind.GONE, Kind.BACK, Kind.NOT_LOOKED_AT)


class Mode(StrEnum):
    """What is told, and what is remembered."""

    USUAL = "usual"
    """Changes are told, and remembered once they were."""
    KEEP = "keep"
    """Changes are told, and nothing is remembered: they will be told again."""
    BASELINE = "baseline"
    """Everything is remembered, and no change is told."""
    SILENT = "silent"
    """Nobody reads what is told: only what was never looked at before is remembered."""


@dataclass(slots=True, kw_only=True)
class Summary:
    """What an audit has come to; it is complete when the audit is."""

    mode: Mode = Mode.USUAL
    files: int = 0
    """That were looked at."""
    unchanged: int = 0
    remembered: int = 0
    """Looked at for the first time, in a place that was never audited before: there is nothing to compare with."""
    kinds: Counter[Kind] = field(default_factory=Counter)
    """Changes that were told, by kind."""
    decisions: Counter[Decision | None] = field(default_factory=Counter)
    """Of the files that were looked at; `None`: they cannot be verified."""
    weight: Weight = Weight.NOTHING
    """The worst change."""
    since: datetime | None = None
    """When these places were last audited."""
    stopped: bool = False
    """Not all files were looked at, and none of those is called gone."""

    @property
    def changed(self) -> int:
        """How many files have changed, or could not be looked at."""
        return sum(self.kinds[kind] for kind in _OF_FILES)


_NOTHING_TOLD = frozenset({Mode.KEEP, Mode.SILENT})


class Round:
    """Goes through the files once, and writes down what was told."""

    def __init__(self, store: Audits, context: Context, summary: Summary, *, wanted: Wanted, label: str | None) -> None:
        """`label` names the source of names, where these are files that are known to exist."""
        self._store, self._context, self._summary, self._wanted, self._label = store, context, summary, wanted, label
        self._scopes: dict[str, Scope] = {}
        self._entered = 0
        self._unread: set[str] = set()
        self._blind = False
        """Something could not be looked at, and nobody knows what."""
        self._circumstances: set[tuple[Kind, str, str]] = set()
        self._oldest: datetime | None = None
        self._noted: list[State] = []
        self._written = time.monotonic()
        self._audited = lru_cache(maxsize=64)(self._audited_above)

    def look(self, outcome: Outcome, *, at: datetime) -> Iterator[Change]:
        """Compare what became of one file; a change counts as told when the next one is asked for."""
        if not outcome.job.source:
            self._blind = True
            yield from self._tell(drift.not_looked_at("", _why(outcome)))
            return
        name = scopes.full(outcome.job.source)
        if not self._store.meet(name):
            return
        state = state_of(outcome, name=name, context=self._context, at=at)
        before = self._store.known(name)
        if state.digest is None:
            yield from self._lost(outcome, before, state)
        else:
            self._summary.files += 1
            self._summary.decisions[state.facts.decision] += 1
            yield from self._compared(before, state)

    def enter(self, roots: Sequence[str]) -> None:
        """Take the folders, prefixes and patterns that are gone through; there may be more each time."""
        for root in roots[self._entered :]:
            self._enter(root)
        self._entered = len(roots)

    def end(self, *, at: datetime) -> Iterator[Change]:
        """Tell what is gone; only for a round that has come to its end."""
        self._summary.since = self._since()
        for scope in () if self._blind else self._scopes.values():
            for within in scope.ranges():
                for before in self._store.missing(within):
                    if scope.covers(before.name):
                        yield from self._missing(before, scope, at=at)
        self.write()
        if self._summary.mode is not Mode.KEEP:
            places = [(scope.name, scope.wanted.recursive) for scope in self._scopes.values()]
            self._store.finish([*places, *([(self._label, True)] if self._label else ())], at=at)

    def write(self) -> None:
        """Write down what was told so far."""
        noted, self._noted, self._written = self._noted, [], time.monotonic()
        if noted:
            self._store.write(noted)

    def _compared(self, before: State | None, state: State) -> Iterator[Change]:
        if self._summary.mode is Mode.BASELINE or (before is None and not self._is_expected(state.name)):
            self._summary.remembered += 1
            self._note(state, unless={Mode.KEEP})
            return
        if before is not None:
            self._oldest = min(self._oldest or before.at, before.at)
            yield from self._around(before.context)
        found = drift.change(before, state)
        if found is not None:
            yield from self._tell(found, state)
            return
        self._summary.unchanged += 1
        if before is not None and (before.context, before.version) != (state.context, state.version):
            self._note(state)

    def _around(self, before: Context) -> Iterator[Change]:
        """Tell once for all files what is different around them."""
        if before == self._context:
            return
        for found in drift.circumstances(before, self._context):
            (difference,) = found.differences
            key = (found.kind, difference.before, difference.after)
            if key not in self._circumstances:
                self._circumstances.add(key)
                yield from self._tell(found)

    def _lost(self, outcome: Outcome, before: State | None, state: State) -> Iterator[Change]:
        """Tell of what could not be read: it is gone, or it was not looked at."""
        unfound = not outcome.job.version
        standing, words = scopes.look(state.name, outcome.error if unfound else None)
        if standing is Standing.NOTHING and (before is not None or self._label):
            if before is None or not before.gone:
                lost = replace(before or state, gone=True, at=state.at)
                yield from self._tell(drift.gone(before or state, words), lost)
            return
        if standing is Standing.NOTHING and unfound:
            scope = self._enter(outcome.job.source)
            if any(self._store.count(within) for within in scope.ranges()):
                # Each of these is told in the end.
                return
        below = 0
        if unfound:
            self._unread |= {state.name, _bucket(state.name)}
            below = self._store.count(scopes.below(state.name))
        yield from self._tell(drift.not_looked_at(state.name, _why(outcome), before=before, below=below))

    def _missing(self, before: State, scope: Scope, *, at: datetime) -> Iterator[Change]:
        """Tell of a file that this round should have come across, and has not."""
        if not self._unread.isdisjoint(scopes.above(before.name)):
            # That it was not looked at was told of the folder.
            return
        standing, words = scopes.look(before.name)
        if standing is Standing.FILE and scopes.behind_link(before.name, scope.name):
            return
        self._store.meet(before.name)
        if standing in {Standing.NOTHING, Standing.OTHER}:
            yield from self._tell(drift.gone(before, words), replace(before, gone=True, at=at))
        else:
            yield from self._tell(drift.not_looked_at(before.name, words, before=before))

    def _tell(self, found: Change, state: State | None = None) -> Iterator[Change]:
        """Give a change, and note the state that it leads to once it was told."""
        if self._summary.mode is not Mode.BASELINE or found.kind is Kind.NOT_LOOKED_AT:
            self._summary.kinds[found.kind] += 1
            self._summary.weight = max(self._summary.weight, found.weight)
            yield found
        if state is not None:
            self._note(state)

    def _note(self, state: State, *, unless: AbstractSet[Mode] = _NOTHING_TOLD) -> None:
        if self._summary.mode not in unless:
            self._noted.append(state)
            if len(self._noted) >= _GROUP or time.monotonic() - self._written > _SECONDS:
                self.write()

    def _enter(self, root: str) -> Scope:
        scope = scopes.scope_of(root, self._wanted)
        return self._scopes.setdefault(scope.name, scope)

    def _is_expected(self, name: str) -> bool:
        """Say whether a file that nobody knows is news: it is in a place that was audited before."""
        if self._audited(next(scopes.above(name), name)):
            return True
        if self._label and self._store.audited([(self._label, False)]):
            return True
        patterns = (item for item in self._scopes.values() if item.pattern)
        return any(item.covers(name) and self._store.audited([(item.name, False)]) for item in patterns)

    def _audited_above(self, folder: str) -> datetime | None:
        """Say when this folder, or one above with all that is below, was audited."""
        return self._store.audited([(folder, False), *((item, True) for item in scopes.above(folder))])

    def _since(self) -> datetime | None:
        """Say since when nothing has changed where nothing is told."""
        places = [self._audited_above(item) for item in self._scopes]
        if self._label:
            places.append(self._store.audited([(self._label, False)]))
        return min((item for item in places if item), default=self._oldest)


def _why(outcome: Outcome) -> str:
    return outcome.error.message if outcome.error else "it could not be looked at"


def _bucket(name: str) -> str:
    """Name what cannot be told apart from what could not be listed: of objects, everything in their bucket."""
    return "/".join(name.split("/")[:3]) if objects.is_object(name) else name
