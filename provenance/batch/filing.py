"""File the verdict on each file of a collection beside it or in another folder, and go on where it was left.

What stands in a sidecar already, and still rests on the same file, policy, trust lists and program, is not looked at
again. Only sidecars that were written here are replaced.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from provenance import codec
from provenance.batch.finding import Finder
from provenance.batch.recipe import Verifying
from provenance.batch.verdicts import Verdicts
from provenance.errors import OutputError, OutputExists, ProvenanceError
from provenance.manifests.locate import sidecars
from provenance.reports import to_fields, to_xmp
from provenance.reports.form import FileReport
from provenance.storage import objects, stat_file
from provenance.storage.outputs import publish
from provenance.workspace.looking import Asked, generator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from provenance.batch.crew import Batch
    from provenance.batch.finding import Found, Wanted
    from provenance.batch.work import Outcome
    from provenance.model.policy import Policy
    from provenance.reports.to_xmp import Copy
    from provenance.storage import Entry
    from provenance.workspace import Workspace


class Form(StrEnum):
    """How a sidecar is written."""

    XMP = "xmp"
    JSON = "json"


_ENDS: Final = {Form.XMP: ".xmp", Form.JSON: ".provenance.json"}
_LARGEST: Final = 1 << 20
"""Bytes of a sidecar; a larger one was not written here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What is written, where, and by which rules."""

    folder: Path | None
    """In which the tree of the collection is made again; `None`: beside each file."""
    form: Form = Form.XMP
    copies: tuple[Copy, ...] = ()
    policy: Policy
    online: bool = False
    again: bool = False
    """Files whose sidecar still holds are looked at too."""
    trust_files: tuple[str, ...] = ()
    trust_lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """What became of one file."""

    outcome: Outcome
    decision: str | None = None
    sidecar: Path | None = None
    error: ProvenanceError | None = None
    """Why there is no sidecar."""


class Outstanding(Finder):
    """What was named, less what is filed already."""

    def __init__(self, names: Iterator[str], wanted: Wanted, is_filed: Callable[[Entry], bool]) -> None:
        super().__init__(names, wanted)
        self._is_filed = is_filed
        self.kept = 0
        """Files whose sidecar still holds."""
        self.places: dict[str, str] = {}
        """Where each file that is given lies below what was named, until it was looked at."""

    def __iter__(self) -> Iterator[Found]:
        """Give what is to be looked at, and errors in the place of what cannot be had."""
        for entry in super().__iter__():
            if isinstance(entry, ProvenanceError):
                yield entry
            elif self._is_filed(entry):
                self.kept += 1
            else:
                self.places[entry.name] = entry.relative
                yield entry


class Files:
    """Writes sidecars; iterate over it for what became of each file, in the order of names."""

    def __init__(self, space: Workspace, batch: Batch, filing: Filing) -> None:
        self._filing = filing
        self._generator = generator(space)
        self._circumstances = (
            filing.policy.digest,
            self._generator,
            str(filing.online),
            ",".join(sorted(item.target + item.field for item in filing.copies)),
            *sorted(f"{item.name} {item.purpose} {item.digest}" for item in space.trust.lists),
        )
        self.outstanding = Outstanding(iter(batch.names), batch.wanted, self._is_filed)
        asked = Asked(policy=filing.policy, online=filing.online, digest=True)
        task = Verifying(asked=asked, names=filing.trust_lists, trust_files=filing.trust_files, lines=True)
        self._verdicts = Verdicts(space, batch, task, listed=self.outstanding)

    def __iter__(self) -> Iterator[Filed]:
        """Work. Raises what concerns all files, such as trust lists that cannot be read."""
        for outcome in self._verdicts:
            try:
                yield self._filed(outcome)
            except OutputError as error:
                yield Filed(outcome=outcome, error=error)

    def _filed(self, outcome: Outcome) -> Filed:
        relative = self.outstanding.places.pop(outcome.job.source, None)
        if outcome.error is not None or outcome.line is None or relative is None:
            return Filed(outcome=outcome, error=outcome.error)
        report = codec.from_json(outcome.line.text, FileReport)
        basis = self._basis(outcome.job.source, outcome.job.version)
        found = to_fields.fields(report, generator=self._generator, basis=basis)
        target = self._target(outcome.job.source, relative)
        written = (
            to_xmp.document(found, self._filing.copies) if self._filing.form is Form.XMP else to_fields.text(found)
        )
        self._write(target, written.encode("utf-8", "backslashreplace"))
        return Filed(outcome=outcome, decision=found.decision, sidecar=target)

    def _write(self, target: Path, data: bytes) -> None:
        if target.exists() and not self._is_own(target):
            raise OutputExists(
                "this sidecar was written by another program, or since", path=target, hint="name another folder with -o"
            )
        if self._filing.folder is not None:
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise OutputError(f"cannot be made: {error.strerror}", path=target.parent) from error
        publish(data, target, overwrite=True)

    def _target(self, source: str, relative: str) -> Path:
        folder = self._filing.folder
        if folder is None and objects.is_object(source):
            raise OutputError("nothing can be written beside it", path=source, hint="name a folder with -o")
        place = Path(source) if folder is None else folder / relative
        return place.with_name(f"{place.name}{_ENDS[self._filing.form]}")

    def _is_filed(self, entry: Entry) -> bool:
        if self._filing.again or (self._filing.folder is None and objects.is_object(entry.name)):
            return False
        data = _read(self._target(entry.name, entry.relative))
        if data is None or not self._is_ours(data):
            return False
        found = to_xmp.basis(data) if self._filing.form is Form.XMP else json.loads(data).get("basis")
        return bool(found == self._basis(entry.name, entry.version))

    def _is_own(self, target: Path) -> bool:
        data = _read(target)
        return data is not None and self._is_ours(data)

    def _is_ours(self, data: bytes) -> bool:
        if self._filing.form is Form.XMP:
            return to_xmp.is_own(data)
        try:
            codec.from_json(data, to_fields.Fields)
        except codec.DecodingError:
            return False
        return True

    def _basis(self, source: str, version: str) -> str:
        """Say in one value what a verdict rests on: the file, its manifest beside it, and what is the same for all."""
        beside = () if objects.is_object(source) else map(stat_file, sidecars(Path(source)))
        parts = (version, *(item.version if item else "" for item in beside), *self._circumstances)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _read(path: Path) -> bytes | None:
    """Return what is there, if it may be a sidecar of ours."""
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
    except OSError:
        return None
    return data if len(data) <= _LARGEST else None
