"""What all commands share: consoles, the workspace, passphrases, questions."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console, RenderableType

    from provenance.errors import ProvenanceError
    from provenance.workspace import Workspace

Files = Annotated[list[Path], typer.Argument(help="The media files.", show_default=False)]
OneFile = Annotated[Path, typer.Argument(help="The media file.", show_default=False)]
Trust = Annotated[
    list[Path] | None,
    typer.Option("--trust", help="Trust the signers under these root certificates too (PEM).", metavar="FILE"),
]
TrustLists = Annotated[
    list[str] | None,
    typer.Option("--trust-list", help="Count only this list for what it serves (see `trust list`).", metavar="NAME"),
]
Online = Annotated[
    bool,
    typer.Option("--online", help="Allow fetching remote manifests and asking whether certificates are revoked."),
]
Policy = Annotated[
    str | None,
    typer.Option("--policy", help="Judge by this policy (see `provenance policy list`).", metavar="NAME|FILE"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print a JSON document (see `provenance schema`).")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Print nothing; the exit code tells.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite an existing output.")]


def console(*, stderr: bool = False) -> Console:
    """Make a console: colours only on a terminal, whole lines in a pipe."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else 160
    return Console(stderr=stderr, highlight=False, emoji=False, markup=False, width=width)


def show(*parts: RenderableType) -> None:
    """Print for people; sentences are not folded, and no line ends with blanks."""
    from rich.text import Text

    target = console()
    with target.capture() as captured:
        for part in parts:
            target.print(part, soft_wrap=isinstance(part, str | Text))
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def write(text: str) -> None:
    """Print for programs: the same bytes (UTF-8) wherever it goes."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def write_json(value: Any) -> None:
    """Print a value for programs."""
    from provenance import codec
    from provenance.reports.escape import as_json

    write(as_json(codec.to_json(value)) + "\n")


def report(error: ProvenanceError) -> None:
    """Print an error: what, which file, what to do."""
    from provenance.reports import to_terminal

    # Not folded: a path that is broken over two lines cannot be copied.
    console(stderr=True).print(to_terminal.error(str(error)), soft_wrap=True)


def warn(text: str) -> None:
    """Print what must not be overlooked although the work was done."""
    from provenance.reports import to_terminal

    console(stderr=True).print(to_terminal.warning(text), soft_wrap=True)


def remark(text: str) -> None:
    """Print beside the output what one may want to know."""
    console(stderr=True).print(text, soft_wrap=True)


def moment(text: str | None) -> datetime | None:
    """Read a time; a day alone means its beginning, and without a zone it is UTC. Raises `typer.BadParameter`."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"a time looks like 2025-06-01T12:00Z, not {text!r}") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def workspace(trust: Iterable[Path] | None = None, *, lists: Iterable[str] | None = None) -> Workspace:
    """Open the user's workspace."""
    from provenance.workspace import Workspace
    from provenance.workspace.process import keep_buffers, spare_loopback

    keep_buffers()
    spare_loopback()
    return Workspace(trust_files=tuple(trust or ()), trust_lists=tuple(lists or ()), secret=ask_secret)


def ask_secret(what: str) -> str | None:
    """Get a passphrase, PIN or token: from the environment, a file, the keyring, or the person at the terminal."""
    from provenance.keys.secrets import first_of, from_environment, from_file, from_keyring

    named = os.environ.get("PROVENANCE_PASSPHRASE_FILE")
    sources = [from_environment()]
    if named:
        sources.append(from_file(Path(named)))
    found = first_of(*sources, from_keyring())(what)
    if found is not None or not sys.stdin.isatty():
        return found
    answer: str = typer.prompt(what[:1].upper() + what[1:], hide_input=True, default="", show_default=False)
    return answer or None


def agreed(question: str, *, yes: bool) -> bool:
    """Ask before something is lost; without a person to ask, the answer is no."""
    if yes:
        return True
    return sys.stdin.isatty() and typer.confirm(question)
