"""`provenance verify` and `provenance show`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli import common
from provenance.cli.common import AsJson, Files, Online, Quiet, Trust, TrustLists
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
    trust_list: TrustLists = None,
    at: Annotated[
        str | None,
        typer.Option("--at", help="The verdict as of another day: 2025-06-01T12:00Z.", metavar="TIME"),
    ] = None,
) -> None:
    """Verify files: one facet for each question, a decision, an exit code (0 accepted, 3 review, 1 rejected).

    For many files the worst decides.
    """
    asked = Asked(online=online, digest=digest, as_of=_moment(at))
    space = common.workspace(trust, lists=trust_list)
    results = [_look(space, path, asked) for path in files]
    if as_json:
        _print_json(space, results)
    elif not quiet:
        _print(results, with_history=False)
    raise typer.Exit(_exit_code(results))


def show(
    files: Files,
    trust: Trust = None,
    online: Online = False,
    as_json: AsJson = False,
    trust_list: TrustLists = None,
) -> None:
    """Show who signed, when, how it began, and every step of the history as a tree.

    Always exits 0 for what can be shown: `verify` judges.
    """
    space = common.workspace(trust, lists=trust_list)
    results = [_look(space, path, Asked(online=online)) for path in files]
    if as_json:
        _print_json(space, results)
    else:
        _print(results, with_history=True)
    failed = [item for _, item in results if isinstance(item, MediaError)]
    if failed:
        raise typer.Exit(failed[0].exit_code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked beyond what stands in the files."""

    online: bool = False
    digest: bool = False
    as_of: datetime | None = None


def _moment(text: str | None) -> datetime | None:
    """Read a time; a day alone means its beginning, and without a zone it is UTC."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"--at takes a time such as 2025-06-01T12:00Z, not {text!r}") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _look(space: Workspace, path: Path, asked: Asked) -> tuple[Path, Verdict | MediaError]:
    """Verify one file; what is wrong with one does not stop the others."""
    try:
        return path, space.verify(path, online=asked.online, digest=asked.digest, as_of=asked.as_of)
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
