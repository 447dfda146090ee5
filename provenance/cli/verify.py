"""`provenance verify`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
    alone,
    batch_of,
    stopping,
    wanted,
)
from provenance.cli.common import AsJson, Force, Online, Policy, Quiet, Trust, TrustLists
from provenance.cli.reporting import Lines, Silence, report
from provenance.errors import MediaError, UnreadableMedia
from provenance.manifests.formats import is_media
from provenance.model.verdict import Decision
from provenance.reports import wording
from provenance.reports.escape import visible
from provenance.reports.faces import FACES, Format
from provenance.reports.result import Results
from provenance.reports.summary import Tally, gist
from provenance.workspace.looking import Asked, generator, look, questions

if TYPE_CHECKING:
    from provenance.batch.crew import Batch
    from provenance.cli.reporting import Report
    from provenance.reports.summary import Summary
    from provenance.workspace import Workspace

_EXIT = {Decision.ACCEPTED: 0, Decision.REVIEW: 3, None: MediaError.exit_code, Decision.REJECTED: 1}


def verify(
    files: Names,
    trust: Trust = None,
    policy: Policy = None,
    online: Online = False,
    form: Annotated[Format | None, typer.Option("--format", help="How the report is written.  [default: text]")] = None,
    as_json: AsJson = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the report to a file.", metavar="FILE")
    ] = None,
    force: Force = False,
    quiet: Quiet = False,
    digest: Annotated[bool, typer.Option("--digest", help="Compute the SHA-256 of each file too.")] = False,
    trust_list: TrustLists = None,
    at: Annotated[
        str | None,
        typer.Option("--at", help="The verdict as of another day: 2025-06-01T12:00Z.", metavar="TIME"),
    ] = None,
    recover: Annotated[
        bool, typer.Option("--recover", help="Look in the catalogue for credentials that were taken off.")
    ] = False,
    record: Annotated[bool, typer.Option("--record", help="Enter the verdict into the catalogue.")] = False,
    flat: Flat = False,
    include: Include = None,
    exclude: Exclude = None,
    workers: Workers = None,
    engine: EngineName = None,
    deadline: Deadline = None,
    largest: Largest = None,
) -> None:
    """Verify files: one facet for each question, a decision, an exit code (0 accepted, 3 review, 1 rejected).

    For many files the worst decides, and a summary says why, worst first.
    """
    chosen = _format(form, as_json=as_json)
    _spare(files, output)
    as_of = common.moment(at)
    space = common.workspace(trust, lists=trust_list)
    if record or recover:
        _require_catalogue(space)
    judge = space.policy(policy)
    face = FACES[chosen]
    asked = Asked(
        policy=judge,
        online=online,
        digest=digest or record or face.digest,
        as_of=as_of,
        interchange=face.interchange,
        pictures=face.pictures,
        recover=recover,
        record=record,
    )
    about = Results(
        items=(),
        generator=generator(space),
        at=space.now(),
        policy=judge,
        questions=questions(judge) if face.questions else (),
    )
    batch = None
    if not alone(files):
        limits = Limits(engine=engine, workers=workers, deadline=deadline, largest=largest)
        batch = batch_of(space.settings, files, wanted(flat=flat, include=include, exclude=exclude), limits)
    tally = Tally()
    with report(chosen, output, about=about, force=force, quiet=quiet) as written:
        if batch is None:
            _one(space, Path(files[0]), asked, written, tally)
        else:
            _many(space, batch, asked, written, tally, quiet=quiet)
        summary = tally.summary()
        written.end(summary)
    if output and not quiet:
        common.show(f"{visible(output)}: {wording.counted(summary)}")
    raise typer.Exit(_exit_code(summary, stopped=batch is not None and batch.stop.is_set()))


def _one(space: Workspace, path: Path, asked: Asked, written: Report, tally: Tally) -> None:
    result = look(space, path, asked)
    if asked.record and result.verdict is not None:
        from provenance.workspace import cataloguing
        from provenance.workspace.recordings import check_of

        _tell(cataloguing.enter_checks(space, [check_of(space, result.verdict)]))
    tally.add(gist(result))
    written.add(result)


def _many(space: Workspace, batch: Batch, asked: Asked, written: Report, tally: Tally, *, quiet: bool) -> None:
    """Look at many files at once, and tell of each in the order of names."""
    from provenance.batch.recipe import Verifying
    from provenance.batch.verdicts import Verdicts
    from provenance.cli.progress import meter

    files = tuple(str(path) for path in space.trust_files)
    lines = isinstance(written, Lines | Silence)
    verdicts = Verdicts(space, batch, Verifying(asked=asked, trust_files=files, names=space.trust_lists, lines=lines))
    with stopping(batch.stop), meter(batch.names, batch.wanted, quiet=quiet) as shown:
        for outcome in verdicts:
            shown.advance(outcome)
            if outcome.line is not None:
                tally.add(outcome.line.gist)
                if isinstance(written, Lines):
                    written.put(outcome.line.text)
            elif outcome.result is not None:
                tally.add(gist(outcome.result))
                written.add(outcome.result)
    _tell(verdicts.note)
    if verdicts.finder.passed_over and not quiet:
        common.remark(f"{verdicts.finder.passed_over:,} other files in these folders passed over")


def _require_catalogue(space: Workspace) -> None:
    from provenance.workspace import cataloguing

    cataloguing.require_kept(space)
    cataloguing.require_usable(space)


def _tell(note: str | None) -> None:
    if note is not None:
        common.warn(note)


def _format(form: Format | None, *, as_json: bool) -> Format:
    if not as_json:
        return form or Format.TEXT
    if form not in {None, Format.JSON}:
        raise typer.BadParameter(f"choose one of --json and --format {form}")
    return Format.JSON


def _spare(files: list[str], output: Path | None) -> None:
    """Refuse to put the report in the place of a file that it is about."""
    if output is None or not output.exists():
        return
    named = [path for path in map(Path, files) if os.path.exists(path)]  # noqa: PTH110 -- patterns may be no paths
    if any(path.samefile(output) for path in named) or (
        any(path.is_dir() and output.resolve().is_relative_to(path.resolve()) for path in named)
        and is_media(output.name)
    ):
        raise typer.BadParameter(f"the report would take the place of {output}, which it is about")


def _exit_code(summary: Summary, *, stopped: bool) -> int:
    """Let the worst file decide: one that could not be looked at is worse than one to review.

    Raises `UnreadableMedia` when there was none: nothing is no reason to accept anything.
    """
    if stopped:
        common.warn("stopped: not all files were looked at")
        return STOPPED
    if not summary.files:
        raise UnreadableMedia("there is nothing to verify", hint="check the folders and the filters")
    return next(_EXIT[fate] for fate, count in summary.counts.items() if count)
