"""`provenance fields`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.batch.filing import Form
from provenance.cli import common
from provenance.cli.batching import (
    STOPPED,
    Deadline,
    EngineName,
    Exclude,
    Flat,
    Include,
    Largest,
    Limits,
    Names,
    Workers,
    batch_of,
    stopping,
    wanted,
)
from provenance.cli.common import Online, Policy, Quiet, Trust, TrustLists
from provenance.errors import BatchError

if TYPE_CHECKING:
    from provenance.batch.crew import Batch
    from provenance.batch.filing import Filing
    from provenance.workspace import Workspace


def fields(
    files: Names,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Make the tree of the collection again in this folder.", metavar="DIR"),
    ] = None,
    beside: Annotated[bool, typer.Option("--beside", help="Write beside each file.")] = False,
    form: Annotated[Form, typer.Option("--format", help="How fields are written.")] = Form.XMP,
    copy: Annotated[
        list[str] | None,
        typer.Option(
            "--copy", help="Write a field to a usual property too: photoshop:Instructions=sentence.", metavar="TO=FIELD"
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Look at files too whose sidecar still holds.")] = False,
    trust: Trust = None,
    policy: Policy = None,
    online: Online = False,
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
    """Write verdicts as flat fields for a media archive: an XMP or JSON sidecar for each file, which stays as it is.

    Interrupted, the same command goes on; later, it looks only at what has changed. Exit code: 0 when each file has its
    sidecar, whatever the verdict, 9 when some have not.
    """
    if (output is None) is not beside:
        raise typer.BadParameter("choose one of --output and --beside")
    if output is not None and len(files) != 1:
        raise typer.BadParameter("--output takes the tree of one folder: its files must not meet those of another")
    from provenance.batch.filing import Filing
    from provenance.reports.to_xmp import Copy

    space = common.workspace(trust, lists=trust_list)
    which = wanted(flat=flat, include=include, exclude=exclude, spare=str(output) if output else None)
    limits = Limits(engine=engine, workers=workers, deadline=deadline, largest=largest)
    filing = Filing(
        folder=output,
        form=form,
        copies=tuple(map(Copy.parse, copy or ())),
        policy=space.policy(policy),
        online=online,
        again=again,
        trust_files=tuple(str(path) for path in space.trust_files),
        trust_lists=space.trust_lists,
    )
    if filing.copies and form is not Form.XMP:
        raise typer.BadParameter("--copy is for XMP")
    raise typer.Exit(_write(space, batch_of(space.settings, files, which, limits), filing, quiet=quiet))


def _write(space: Workspace, batch: Batch, filing: Filing, *, quiet: bool) -> int:
    """Write the sidecars and tell of what could not be done. Raises `BatchError`."""
    from provenance.batch.filing import Files
    from provenance.cli.progress import meter

    files = Files(space, batch, filing)
    counts: Counter[str] = Counter()
    failed = 0
    with stopping(batch.stop), meter(batch.names, batch.wanted, quiet=quiet) as shown:
        for item in files:
            shown.advance(item.outcome)
            if item.error is not None:
                failed += 1
                common.report(item.error)
            elif item.decision is not None:
                counts[item.decision] += 1
    if not quiet:
        common.show(_sum(counts, files.outstanding.kept, files.outstanding.passed_over))
    if batch.stop.is_set():
        common.warn("stopped: run the same command again to go on")
        return STOPPED
    if failed:
        raise BatchError(f"{failed} of {failed + counts.total() + files.outstanding.kept} files have no new sidecar")
    return 0


def _sum(counts: Counter[str], kept: int, passed_over: int) -> str:
    from provenance.cli.rows import passed

    parts = ", ".join(f"{count:,} {decision}" for decision, count in sorted(counts.items()))
    written = f"{counts.total():,} written" + (f" ({parts})" if parts else "")
    return f"{written}, {kept:,} hold still{passed(passed_over)}"
