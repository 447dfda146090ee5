"""What a batch is made of: jobs, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provenance.errors import ProvenanceError
    from provenance.model.manifest import Signed
    from provenance.model.record import Check, Recording
    from provenance.reports.result import Result
    from provenance.reports.summary import Gist


class Fate(StrEnum):
    """What became of a job."""

    DONE = "done"
    PLANNED = "planned"
    """It would be done, says a dry run."""
    SKIPPED = "skipped"
    """It was done before, and that is still true."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One file to work on; it travels to whoever does."""

    number: int
    """Its place in the batch, from 0."""
    source: str
    """A path or an address."""
    size: int
    """Bytes."""
    version: str
    """Of the source as it was found (`storage.Entry`)."""
    target: str | None = None
    """Where the result goes, a path or an address; `None` where there is none, or where the source stays in place."""
    label: str | None = None
    """Of the manifest to be made: by it an output is known again."""
    again: bool = False
    """It was begun before, and nobody knows how that ended: the result may be there."""
    replaces: str | None = None
    """Version of a target that is ours and may be replaced, since its manifest is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A verification as it is reported: written where the work was done, it need not travel as a whole."""

    text: str
    """A line of JSON."""
    gist: Gist


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a job."""

    job: Job
    fate: Fate
    error: ProvenanceError | None = None
    """Why it failed."""
    reason: str | None = None
    """Why it was skipped, or what a dry run has to say."""
    signed: Signed | None = None
    """Of a signature; without the bytes of the manifest store."""
    result: Result | None = None
    """Of a verification; a file that could not be looked at is a result too, with its error."""
    line: Line | None = None
    """Instead of a result, where lines were asked for."""
    digest: str | None = None
    """SHA-256 of the source, where it was read for signing, or could not be verified although it could be read."""
    written: str | None = None
    """Version of the target as it was written."""
    beside: str | None = None
    """Version of the sidecar as it was written."""
    recordings: tuple[Recording, ...] = ()
    """For the catalogue, where one is kept."""
    check: Check | None = None
    """Of a verification that is to be entered into the catalogue."""
    found: bool = False
    """The result was there already: an earlier attempt has made it."""
    seconds: float = 0.0
    """Spent on it by whoever worked."""

    @property
    def failed(self) -> bool:
        """Whether the work could not be done."""
        return self.fate is Fate.FAILED
