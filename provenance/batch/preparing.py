"""What stands ready before the first file is signed: the key, the journal, a plan, how many work."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from provenance.batch.executors import cores
from provenance.batch.journal import Journal
from provenance.batch.plan import Plan
from provenance.batch.recipe import Recipe, Signing, fingerprint
from provenance.batch.signing import bears
from provenance.model.claim import Carrier
from provenance.workspace import cataloguing
from provenance.workspace.sealing import seal_of, wants_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from provenance.batch.executors import Engine
    from provenance.batch.naming import Naming
    from provenance.batch.work import Outcome
    from provenance.model.ports import Signer
    from provenance.workspace import Workspace

JOURNAL: Final = "journal.db"
"""In the home of a workspace."""
_TRIAL: Final = b"provenance: does this key sign?"
_WAITING = 6
"""Workers for each core where each waits for a time-stamp authority most of the time."""
_MOST_WAITING = 64


def open_signer(space: Workspace, task: Signing, engine: Engine) -> Signer | None:
    """Open the key, and whoever stands behind it; a cluster has its own.

    Raises as `Workspace.signer` does.
    """
    if engine.on_cluster:
        return None
    # So is whoever stands behind it, and whoever says when.
    seal = seal_of(space, task.options, task.who.open(space))
    if not task.rehearse:
        # Tokens want their PIN only now, and it must be asked for here: processes have nobody to ask.
        for item in (seal.signer, seal.publisher.signer if seal.publisher else None):
            if item is not None:
                item.sign(_TRIAL)
    return seal.signer


def recipe_of(space: Workspace, task: Signing, engine: Engine, *, largest: int) -> Recipe:
    """Write down what is done with each file, for whoever works; `largest` is in bytes, 0 for no limit."""
    settings = None if engine.on_cluster else space.settings
    return Recipe(task=task, settings=settings, largest=largest, catalogued=space.keeps_catalogue)


def plan_of(space: Workspace, task: Signing, naming: Naming, *, signer: Signer | None, journal: Journal | None) -> Plan:
    """Plan a run of its own."""
    return Plan(
        naming=naming,
        recipe=fingerprint(task, identity=_who(signer, task)),
        journal=journal,
        clock=space.now,
        run=uuid.uuid4().hex,
        dry=task.rehearse,
        sidecars=task.options.carrier is not Carrier.EMBEDDED,
        overwrite=task.overwrite,
        bears=partial(bears, space),
        enter=partial(_enter, space) if space.keeps_catalogue and not task.rehearse else None,
    )


def _enter(space: Workspace, outcomes: Sequence[Outcome]) -> str | None:
    """Enter what was signed; of what an earlier attempt has made, only what it has not entered itself."""
    given = [recording for item in outcomes if not item.found for recording in item.recordings]
    found = [recording for item in outcomes if item.found for recording in item.recordings]
    return cataloguing.enter(space, given, unless_known=found)


def workers(space: Workspace, task: Signing, engine: Engine) -> int:
    """Say how many should work at once; 0: one for each core."""
    if engine.workers or not wants_time(space, task.options):
        return engine.workers
    return min(_WAITING * cores(), max(_MOST_WAITING, cores()))


@contextmanager
def open_journal(space: Workspace, *, dry: bool = False) -> Iterator[Journal | None]:
    """Open the journal of a workspace; a dry run makes none.

    Raises `SettingsError` and `OutputError` as `Journal` does.
    """
    path = Path(space.settings.home) / JOURNAL
    if dry and not path.exists():
        yield None
        return
    journal = Journal(path, untouched=dry)
    try:
        yield journal
    finally:
        journal.close()


def _who(signer: Signer | None, task: Signing) -> str:
    """Say who signs: an identity by its name, which outlives its certificates, and keys from elsewhere by those."""
    if signer is None:
        return task.who.identity or ""
    return signer.chain_pem if task.who.key else signer.name
