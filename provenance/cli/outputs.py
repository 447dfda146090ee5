"""What all commands that write signed files share: where outputs go, one file after the other, and what is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from provenance.cli import common
from provenance.cli.rows import tell
from provenance.errors import AuthorityError, BatchError, MediaError, OutputError, ProvenanceError, SigningError

if TYPE_CHECKING:
    from collections.abc import Callable

    from provenance.model.manifest import Signed
    from provenance.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """Where outputs go and how the run is told."""

    output: str | None
    in_place: bool
    force: bool
    as_json: bool
    quiet: bool

    def folder(self) -> str | None:
        """Return where the results of several files go. Raises `typer.BadParameter` when that is no folder."""
        if self.in_place and self.output:
            raise typer.BadParameter("choose one of --in-place and --output")
        if self.output is None or self.output.endswith("/"):
            return self.output
        if "://" in self.output or not Path(self.output).is_dir():
            raise typer.BadParameter("for several files, --output is a folder: end it with /")
        return f"{self.output}/"

    def is_file(self) -> bool:
        """Say whether a single result is named."""
        return self.output is not None and not (self.output.endswith("/") or Path(self.output).is_dir())

    def require_folder(self, files: list[Path]) -> None:
        """Refuse one output for several files. Raises `typer.BadParameter`."""
        if self.in_place and self.output:
            raise typer.BadParameter("choose one of --in-place and --output")
        if len(files) > 1 and self.is_file():
            raise typer.BadParameter("for several files, --output is a folder: end it with /")


def each(
    space: Workspace,
    files: list[Path],
    work: Callable[[Path], Signed],
    *,
    wishes: Wishes,
    address: str | None = None,
    told: Callable[[Signed], str] | None = None,
) -> None:
    """Sign one file after the other; what is wrong with one does not stop the others.

    `address` is where the manifests will be found, when that is elsewhere; `told` says in a line what people should
    know besides.
    """
    done: list[tuple[Path, Signed]] = []
    failed: list[ProvenanceError] = []
    for path in files:
        try:
            signed = work(path)
        except (MediaError, SigningError, OutputError, AuthorityError) as error:
            if len(files) == 1:
                raise
            common.report(error)
            failed.append(error)
            continue
        done.append((path, signed))
        for note in signed.notes:
            common.warn(f"{path}: {note}")
        if not (wishes.quiet or wishes.as_json):
            tell(space, signed, address)
            if told is not None:
                common.show(told(signed))
    if wishes.as_json:
        from provenance.reports import to_json

        common.write_json([to_json.of_signed(str(path), signed) for path, signed in done])
    if failed:
        raise BatchError(f"{len(failed)} of {len(files)} files were not signed")
