"""What is done with one file, by whoever works: in this process, in another, or on another machine."""

from __future__ import annotations

import threading
import time
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from provenance.batch import recipe as recipes
from provenance.batch.recipe import Signing, Verifying
from provenance.batch.signing import sign
from provenance.batch.staging import names, staged
from provenance.batch.work import Fate, Line, Outcome
from provenance.errors import ProvenanceError, TooLarge
from provenance.model.trust import Trust
from provenance.reports import to_json
from provenance.reports.result import Result
from provenance.reports.summary import gist
from provenance.workspace import Workspace
from provenance.workspace.looking import look
from provenance.workspace.recordings import check_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from provenance.batch.recipe import Recipe
    from provenance.batch.work import Job
    from provenance.model.ports import Signer
    from provenance.model.record import Recording

ANY: Final = "*"
"""Stands for whatever is asked for, among secrets."""
_secrets: dict[str, str] = {}
"""What opens keys, by what is asked for; given to processes of our own by the one that started them."""
_opening = threading.Lock()
_collected: ContextVar[list[Recording]] = ContextVar("recordings")
"""Of the job at hand, for a catalogue that is kept elsewhere."""


def remember(secrets: Mapping[str, str]) -> None:
    """Take secrets that were asked for already, so that nobody is asked twice."""
    _secrets.update(secrets)


def secret(what: str) -> str | None:
    """Return what opens a key, where it was given."""
    return _secrets.get(what) or _secrets.get(ANY)


def perform(parcel: bytes, job: Job) -> Outcome:
    """Do what a recipe says with one file; whatever is wrong with it is an outcome.

    Raises what concerns all files: `SettingsError`, or a key that cannot be opened.
    """
    begun = time.perf_counter()
    collected: list[Recording] = []
    _collected.set(collected)
    with _opening:
        opened = _opened(parcel)
    try:
        outcome = _done(opened, job)
    except ProvenanceError as error:
        outcome = failure(job, error, opened.recipe)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it must not stop the other files
        hint = "work on it alone with --debug, and report it"
        kept = ProvenanceError(f"internal error: {type(error).__name__}: {error}", path=job.source, hint=hint)
        outcome = failure(job, kept, opened.recipe)
    recordings = tuple(_placed(item, job) for item in collected)
    return replace(outcome, recordings=recordings, seconds=time.perf_counter() - begun)


def _collect(recordings: Sequence[Recording]) -> None:
    """Take what belongs into the catalogue of whoever asked: it travels with the outcome."""
    _collected.get().extend(recordings)


def _placed(recording: Recording, job: Job) -> Recording:
    """Say where a result went: an object is signed as a file in a private folder."""
    return replace(recording, record=replace(recording.record, written_to=names(job)[1]))


def _done(opened: _Opened, job: Job) -> Outcome:
    recipe = opened.recipe
    _refuse_large(job, recipe.largest)
    if opened.signer is not None and isinstance(recipe.task, Signing):
        return sign(opened.space, job, recipe.task, signer=opened.signer, largest=recipe.largest)
    if isinstance(recipe.task, Verifying):
        return _verify(opened.space, job, recipe, recipe.task)
    raise AssertionError(recipe.task)


def failure(job: Job, error: ProvenanceError, recipe: Recipe) -> Outcome:
    """Say that a job failed; a file that could not be looked at is a result of verification."""
    error.path = error.path or job.source
    outcome = Outcome(job=job, fate=Fate.FAILED, error=error)
    if isinstance(recipe.task, Verifying):
        return _reported(outcome, Result(name=job.source, error=error), recipe.task)
    return outcome


def _verify(space: Workspace, job: Job, recipe: Recipe, task: Verifying) -> Outcome:
    with staged(job.source, largest=recipe.largest) as source:
        result = look(space, source, task.asked)
        # Of what cannot be verified, whoever compares with another day has nothing else.
        digest = source.sha256() if task.asked.digest and result.error is not None else None
    if result.error is not None:
        return replace(failure(job, result.error, recipe), digest=digest)
    check = check_of(space, result.verdict) if task.asked.record and result.verdict else None
    outcome = _reported(Outcome(job=job, fate=Fate.DONE, check=check), result, task)
    return outcome if recipe.settings is None else _without_trust(outcome)


def _reported(outcome: Outcome, result: Result, task: Verifying) -> Outcome:
    if not task.lines:
        return replace(outcome, result=result)
    return replace(outcome, line=Line(text=to_json.line(result), gist=gist(result)))


def _without_trust(outcome: Outcome) -> Outcome:
    """Leave out the lists: whoever asked has the same settings, so the same lists, and they are large."""
    result = outcome.result
    if result is None or result.verdict is None:
        return outcome
    inspection = replace(result.verdict.inspection, trust=Trust())
    return replace(outcome, result=replace(result, verdict=replace(result.verdict, inspection=inspection)))


def _refuse_large(job: Job, largest: int) -> None:
    if largest and job.size > largest:
        raise TooLarge(
            f"has {job.size / 1e6:,.0f} MB, more than the limit of {largest / 1e6:,.0f} MB",
            path=job.source,
            hint="raise it with --largest, or work on it alone",
        )


@dataclass(frozen=True, slots=True)
class _Opened:
    """A recipe, and what it needs to be at hand."""

    recipe: Recipe
    space: Workspace
    signer: Signer | None


@lru_cache(maxsize=4)
def _opened(parcel: bytes) -> _Opened:
    """Open a workspace and a key once for all jobs of a recipe."""
    recipe = recipes.unpack(parcel)
    task = recipe.task
    if isinstance(task, Verifying):
        return _Opened(recipe, Workspace(recipe.settings, trust_files=task.trust_files, trust_lists=task.names), None)
    space = Workspace(recipe.settings, secret=secret, recorder=_collect if recipe.catalogued else None)
    return _Opened(recipe, space, task.who.open(space))
