"""`provenance audit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from provenance.batch.auditing.drift import Weight
from provenance.batch.auditing.rounds import Mode
from provenance.cli import common
from provenance.cli.audit_shown import Form, Told
from provenance.cli.batching import (
    STOPPED,
    Deadline,
    EngineName,
    Exclude,
    Flat,
    Include,
    Largest,
    Limits,
    Workers,
    batch_of,
    stopping,
    wanted,
)
from provenance.cli.common import Online, Policy, Quiet, Trust, TrustLists

if TYPE_CHECKING:
    from provenance.batch.audit import Audit
    from provenance.workspace import Workspace

_EXIT = {Weight.NOTHING: 0, Weight.REVIEW: 3, Weight.WORSE: 1}


def audit(
    dirs: Annotated[
        list[str] | None,
        typer.Argument(
            help="Folders, files, patterns, s3://… gs://… az://… addresses, @LIST, - for standard input; or the word "
            "catalogue: all that is in it.",
            show_default=False,
            metavar="[DIR…]",
        ),
    ] = None,
    signed: Annotated[bool, typer.Option("--signed", help="All that batches of this workspace have signed.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Tell, and remember nothing: it is told again.")] = False,
    baseline: Annotated[bool, typer.Option("--baseline", help="Remember all as it is, and tell no change.")] = False,
    trust: Trust = None,
    policy: Policy = None,
    online: Online = False,
    form: Annotated[Form, typer.Option("--format", help="How changes are written.")] = Form.TEXT,
    quiet: Quiet = False,
    trust_list: TrustLists = None,
    flat: Flat = False,
    include: Include = None,
    exclude: Exclude = None,
    workers: Workers = None,
    engine: EngineName = None,
    deadline: Deadline = None,
    largest: Largest = None,
) -> None:
    """Verify an archive again, and tell only what has changed since the last time, and why.

    The first time, the state of each file is remembered. Exit code: 0 nothing is worse than it was, 1 something is
    altered, gone or rejected now, 3 something else should be looked at.
    """
    if bool(dirs) == signed:
        raise typer.BadParameter("name folders, or take --signed")
    if keep and baseline:
        raise typer.BadParameter("choose one of --keep and --baseline")
    from provenance.batch.audit import CATALOGUE, Audit, Auditing, catalogued
    from provenance.batch.audit import signed as all_signed
    from provenance.cli.progress import meter

    space = common.workspace(trust, lists=trust_list)
    limits = Limits(engine=engine, workers=workers, deadline=deadline, largest=largest)
    which = wanted(flat=flat, include=include, exclude=exclude)
    batch = batch_of(space.settings, dirs or [], which, limits)
    judge = space.policy(policy)
    mode = _mode(keep=keep, baseline=baseline, quiet=quiet)
    with stopping(batch.stop), meter(batch.names, batch.wanted, quiet=quiet) as shown:
        task = Auditing(policy=judge, online=online, mode=mode, watch=shown.advance)
        listed = all_signed(space) if signed else catalogued(space) if dirs == [CATALOGUE] else None
        found = Audit(space, batch, task, listed=listed)
        _tell(found, None if quiet else Told(form, generator=_generator(space)))
    if found.verdicts.finder.passed_over and not quiet:
        common.remark(f"{found.verdicts.finder.passed_over:,} other files in these folders passed over")
    if signed and not (found.summary.files or found.summary.changed or quiet):
        common.remark("no batch of this workspace has signed anything yet")
    raise typer.Exit(STOPPED if found.summary.stopped else _EXIT[found.summary.weight])


def _tell(audit: Audit, told: Told | None) -> None:
    if told is not None:
        told.begin()
    for change in audit:
        if told is not None:
            told.add(change)
    if told is not None:
        told.end(audit.summary)


def _mode(*, keep: bool, baseline: bool, quiet: bool) -> Mode:
    if baseline:
        return Mode.BASELINE
    if keep:
        return Mode.KEEP
    # What nobody was shown has not been told.
    return Mode.SILENT if quiet else Mode.USUAL


def _generator(space: Workspace) -> str:
    from provenance.workspace.looking import generator

    return generator(space)
