"""What all commands that write signed files share: where outputs go, one file after the other, and what is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from provenance.cli import common
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

    def require_folder(self, files: list[Path]) -> None:
        """Refuse one output for several files. Raises `typer.BadParameter`."""
        if self.in_place and self.output:
            raise typer.BadParameter("choose one of --in-place and --output")
        if len(files) > 1 and self.output and not self.output.endswith("/") and not Path(self.output).is_dir():
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
            _tell(space, signed, address)
            if told is not None:
                common.show(told(signed))
    if wishes.as_json:
        from provenance.reports import to_json

        common.write_json([to_json.of_signed(str(path), signed) for path, signed in done])
    if failed:
        raise BatchError(f"{len(failed)} of {len(files)} files were not signed")


def _tell(space: Workspace, signed: Signed, address: str | None) -> None:
    from provenance.reports.escape import visible

    where = signed.path or signed.sidecar
    trusted = space.trust.named(signed.store.trust_list)
    standing = "not trusted by any list here" if trusted is None else f"list {trusted.name!r}"
    if trusted is not None and trusted.local:
        standing = "trusted on this machine only"
    stamp = signed.store.active_manifest.signature
    time = f", stamped {stamp.time:%Y-%m-%d %H:%M:%S %Z}" if stamp and stamp.time else ""
    common.show(f"{visible(where)}: signed by {visible(signed.signer)} ({standing}){time}")
    if signed.sidecar and signed.path:
        common.show(f"{visible(signed.sidecar)}: its manifest" + (f"; put it at {visible(address)}" if address else ""))
