"""`provenance verify` and `provenance show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli import common
from provenance.cli.common import AsJson, Files, Online, Quiet, Trust
from provenance.errors import MediaError
from provenance.model.verdict import Decision

if TYPE_CHECKING:
    from provenance.model.verdict import Verdict
    from provenance.workspace import Workspace

_EXIT = {Decision.ACCEPTED: 0, Decision.REVIEW: 3, Decision.REJECTED: 1}
_SEVERITY = (0, 3, MediaError.exit_code, 1)
"""From mild to severe: a file that could not be looked at is worse than one to review, a rejected one is worst."""


def verify(
    files: Files,
    trust: Trust = None,
    online: Online = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    digest: Annotated[bool, typer.Option("--digest", help="Compute the SHA-256 of each file too.")] = False,
) -> None:
    """Verify files: six facets, a decision, an exit code (0 accepted, 3 review, 1 rejected).

    For many files the worst decides.
    """
    space = common.workspace(trust)
    results = [_look(space, path, online=online, digest=digest) for path in files]
    if as_json:
        _print_json(space, results)
    elif not quiet:
        _print(results, with_history=False)
    raise typer.Exit(_exit_code(results))


def show(files: Files, trust: Trust = None, online: Online = False, as_json: AsJson = False) -> None:
    """Show who signed, when, how it began, and every step of the history as a tree.

    Always exits 0 for what can be shown: `verify` judges.
    """
    space = common.workspace(trust)
    results = [_look(space, path, online=online, digest=False) for path in files]
    if as_json:
        _print_json(space, results)
    else:
        _print(results, with_history=True)
    failed = [item for _, item in results if isinstance(item, MediaError)]
    if failed:
        raise typer.Exit(failed[0].exit_code)


def _look(space: Workspace, path: Path, *, online: bool, digest: bool) -> tuple[Path, Verdict | MediaError]:
    """Verify one file; what is wrong with one does not stop the others."""
    try:
        return path, space.verify(path, online=online, digest=digest)
    except MediaError as error:
        return path, error


def _exit_code(results: list[tuple[Path, Verdict | MediaError]]) -> int:
    codes = [item.exit_code if isinstance(item, MediaError) else _EXIT[item.decision] for _, item in results]
    return max(codes, key=_SEVERITY.index)


def _print(results: list[tuple[Path, Verdict | MediaError]], *, with_history: bool) -> None:
    from provenance.history import trace
    from provenance.reports import to_terminal

    for number, (_, item) in enumerate(results):
        if number:
            common.show("")
        if isinstance(item, MediaError):
            common.report(item)
        elif with_history and item.inspection.store is not None:
            common.show(to_terminal.history(item, trace(item.inspection.store)))
        else:
            common.show(to_terminal.verdict(item))


def _print_json(space: Workspace, results: list[tuple[Path, Verdict | MediaError]]) -> None:
    from provenance.history import trace
    from provenance.reports import to_json

    reports = []
    for path, item in results:
        if isinstance(item, MediaError):
            reports.append(to_json.of_error(str(path), item))
        else:
            store = item.inspection.store
            reports.append(to_json.of_verdict(item, trace(store) if store else None))
    generator = f"{space.generator.name} {space.generator.version}"
    common.write_json(to_json.document(reports, generator=generator))
