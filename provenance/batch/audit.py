"""Verify an archive again, and tell only what has changed since that was last told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from provenance.batch.auditing.audits import AUDITS, Audits
from provenance.batch.auditing.rounds import Mode, Round, Summary
from provenance.batch.auditing.states import context_of
from provenance.batch.finding import Listed
from provenance.batch.journal import Journal
from provenance.batch.preparing import JOURNAL
from provenance.batch.recipe import Verifying
from provenance.batch.verdicts import Verdicts
from provenance.model.record import Query
from provenance.workspace.cataloguing import require_kept
from provenance.workspace.looking import Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from provenance.batch.auditing.drift import Change
    from provenance.batch.crew import Batch
    from provenance.batch.work import Outcome
    from provenance.model.policy import Policy
    from provenance.workspace import Workspace

SIGNED: Final = "signed"
"""What the journal's outputs are called."""
CATALOGUE: Final = "catalogue"
"""What the files of the catalogue are called."""


def _unwatched(_outcome: Outcome) -> None:
    """Watch nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Auditing:
    """How an archive is looked at."""

    policy: Policy | None = None
    """Without one, that of the settings judges."""
    online: bool = False
    mode: Mode = Mode.USUAL
    watch: Callable[[Outcome], None] = _unwatched
    """Is told of every file that was looked at, changed or not."""


class Audit:
    """An audit; iterate over it once for what has changed, in the order in which files are found.

    A change counts as told when the next one is asked for, and is remembered then. So whoever passes it on, does so
    before: what was told and not yet remembered in a crash is told again.
    """

    def __init__(self, space: Workspace, batch: Batch, task: Auditing, *, listed: Listed | None = None) -> None:
        """Take whose trust counts, which files, and how; `listed` (files that are known to exist) instead of names.

        Raises `SettingsError` for a policy or a trust list that cannot be used.
        """
        policy = task.policy or space.policy()
        files = tuple(str(path) for path in space.trust_files)
        asked = Asked(policy=policy, online=task.online, digest=True)
        verifying = Verifying(asked=asked, trust_files=files, names=space.trust_lists)
        self.verdicts = Verdicts(space, batch, verifying, listed=listed)
        self.summary = Summary(mode=task.mode)
        self._space, self._batch, self._task = space, batch, task
        self._label = None if listed is None else f":{listed.label}"
        self._context = context_of(space, policy, online=task.online)

    def __iter__(self) -> Iterator[Change]:
        """Work.

        Raises `SettingsError` and `OutputError` for what is remembered, and what concerns all files.
        """
        store = Audits(Path(self._space.settings.home) / AUDITS)
        try:
            this = Round(store, self._context, self.summary, wanted=self._batch.wanted, label=self._label)
            try:
                yield from self._changes(this)
            finally:
                this.write()
        finally:
            store.close()

    def _changes(self, this: Round) -> Iterator[Change]:
        for outcome in self.verdicts:
            this.enter(self.verdicts.finder.roots)
            yield from this.look(outcome, at=self._space.now())
            self._task.watch(outcome)
        this.enter(self.verdicts.finder.roots)
        self.summary.stopped = self._batch.stop.is_set()
        if not self.summary.stopped:
            yield from this.end(at=self._space.now())


def catalogued(space: Workspace) -> Listed:
    """List what the catalogue knows, where it was written. Raises `CatalogueError`."""
    require_kept(space)
    return Listed(_written(space), label=CATALOGUE)


def _written(space: Workspace) -> Iterator[str]:
    """Give each place once; a file that was signed again stands there twice."""
    names = (record.written_to for record in space.catalogue.find(Query()))
    yield from dict.fromkeys(name for name in names if name is not None)


def signed(space: Workspace) -> Listed:
    """List what the batches of this workspace have signed, by its journal."""
    return Listed(_outputs(space), label=SIGNED)


def _outputs(space: Workspace) -> Iterator[str]:
    path = Path(space.settings.home) / JOURNAL
    if not path.exists():
        return
    journal = Journal(path)
    try:
        last = None
        for row in journal.outputs():
            if row.target != last:
                yield row.target
            last = row.target
    finally:
        journal.close()
