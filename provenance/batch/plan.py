"""Plan a batch of signatures: what is to be done, less what is done and still true."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

from provenance.batch.journal import State
from provenance.batch.staging import entry_of, names, staged
from provenance.batch.work import Fate, Job, Outcome
from provenance.errors import InvalidClaim, OutputExists, ProvenanceError, UnreadableMedia

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from provenance.batch.finding import Found
    from provenance.batch.journal import Journal, Row
    from provenance.batch.naming import Naming

GROUP = 64
"""Jobs that are written down together before they begin."""
_REMEMBERED = 4096
"""Targets that are remembered here before the journal must know them."""
BEFORE = "signed before, and nothing has changed since"
OURS = "is itself what this batch has made"
_TWICE = "is named more than once"
_OLDER = "was made before its source was changed"
_FORCE = "choose another with -o, or overwrite it with --force"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a batch does with each file that is found."""

    naming: Naming
    recipe: str
    """Fingerprint of what is done (`recipe.fingerprint`)."""
    journal: Journal | None
    """`None`: nothing is remembered."""
    clock: Callable[[], datetime]
    run: str
    """Tells this run from others."""
    bears: Callable[[str, str], bool]
    """Says whether a file is intact under a valid manifest with this label."""
    resume: bool = True
    """What is done and still true is skipped."""
    dry: bool = False
    """Nothing is written down."""
    once: bool = False
    """What was made of a file stays, also when other options were given then."""
    enter: Callable[[Sequence[Outcome]], str | None] | None = None
    """Enters what was signed into the catalogue, if one is kept; returns what the user must know of it."""
    sidecars: bool = False
    """Manifests are kept beside the results."""
    overwrite: bool = False
    """Results may take the place of others."""
    _taken: dict[int, str] = field(default_factory=dict)
    """Hashes of targets of this run that the journal does not know (yet), each with its source."""

    def jobs(self, entries: Iterable[Found]) -> Iterator[Job | Outcome]:
        """Give a job for each file, or what became of it already; jobs are in the journal before they are given."""
        numbers = count()
        group: list[Job] = []
        for entry in entries:
            planned = self._planned(entry, next(numbers))
            if isinstance(planned, Job) and self.journal is not None and not self.dry:
                group.append(planned)
            else:
                yield planned
            if len(group) >= GROUP or len(self._taken) >= _REMEMBERED:
                yield from self._begun(group)
                group = []
        yield from self._begun(group)

    def finished(self, outcomes: Sequence[Outcome]) -> str | None:
        """Write down what became of jobs; returns what the user must know, such as that the catalogue is out of reach.

        The catalogue comes first: what the journal does not know is looked at again, and nothing is lost.
        """
        note = self.enter(outcomes) if self.enter is not None else None
        if self.journal is not None and not self.dry:
            named = [(item, *names(item.job)) for item in outcomes if item.fate in {Fate.DONE, Fate.FAILED}]
            self.journal.finish(named, recipe=self.recipe, at=self.clock())
        return note

    def _begun(self, group: list[Job]) -> Iterator[Job]:
        if self.journal is not None and not self.dry:
            if group:
                begun = [(job, *names(job)) for job in group]
                self.journal.begin(begun, recipe=self.recipe, run=self.run, at=self.clock())
            self._taken.clear()
        yield from group

    def _planned(self, entry: Found, number: int) -> Job | Outcome:
        job = job_of(entry, number)
        if isinstance(job, Outcome) or isinstance(entry, ProvenanceError):
            return job
        try:
            job = replace(job, target=self.naming.target(entry), label=f"urn:c2pa:{uuid.uuid4()}")
            if self._is_ours(job):
                return Outcome(job=job, fate=Fate.SKIPPED, reason=OURS)
            if self._is_taken(job):
                return Outcome(job=job, fate=Fate.SKIPPED, reason=_TWICE)
            return job if self.journal is None else self._compared(job, self.journal)
        except ProvenanceError as error:
            return Outcome(job=job, fate=Fate.FAILED, error=error)
        except OSError as error:
            lost = UnreadableMedia(f"cannot be read: {error.strerror or error}", path=job.source)
            return Outcome(job=job, fate=Fate.FAILED, error=lost)

    def _is_taken(self, job: Job) -> bool:
        """Say whether this run works on a file already, and refuse a second file that would become the same result."""
        source, target = names(job)
        rival = self._taken.get(hash(target))
        if rival is None and self.journal is not None:
            makers = self.journal.makers(target)
            rival = next((row.source for row in makers if row.run == self.run), None)
            if rival is None and self.overwrite and not self.dry:
                # It may be skipped, and is then never begun; a rival must find it all the same.
                self.journal.claim([row for row in makers if row.source == source], run=self.run)
        if rival is None:
            self._taken[hash(target)] = source
        elif rival != source:
            raise InvalidClaim(
                f"its result would take the place of that of {rival}",
                path=job.source,
                hint="keep them apart with --keep-tree or --name",
            )
        return rival is not None

    def _is_ours(self, job: Job) -> bool:
        """Say whether a source is itself a result, or will be one in this run."""
        source = names(job)[0]
        if self.overwrite and self._taken.get(hash(source), source) != source:
            return True
        rows = () if self.journal is None else self.journal.makers(source)
        return any(row.source != source and self._is_of_batch(row) and self._made(job, row) for row in rows)

    def _is_of_batch(self, row: Row) -> bool:
        """Say whether a result is one of such a batch: what was made elsewhere by another may be signed by this one."""
        return row.recipe == self.recipe or os.path.dirname(row.source) == os.path.dirname(row.target)  # noqa: PTH120

    def _made(self, job: Job, row: Row) -> bool:
        if row.written == job.version or (self.overwrite and row.run == self.run):
            return True
        # Nobody knows whether that job came to its end.
        return row.state is not State.DONE and self.bears(job.source, row.label)

    def _compared(self, job: Job, journal: Journal) -> Job | Outcome:
        """Compare a job with what is known of it."""
        source, target = names(job)
        row = journal.known(self.recipe, source, target) if self.resume else None
        if row is None and self.once:
            made = [item for item in journal.makers(target) if item.source == source]
            row = max(made, key=lambda item: item.state is State.DONE, default=None)
        if row is None:
            return job
        if row.state is State.DONE:
            return self._after(job, row, journal)
        if source != target and row.version != job.version:
            if not self.overwrite and entry_of(target) is not None and self.bears(target, row.label):
                raise OutputExists(_OLDER, path=target, hint=_FORCE)
            return job
        # Nobody knows how it ended, or it failed: it keeps its label, by which a result is known.
        return replace(job, label=row.label, again=True)

    def _after(self, job: Job, row: Row, journal: Journal) -> Job | Outcome:
        """Skip what was done and is still true; what is not must not be overwritten unasked."""
        result = job.target or job.source
        sidecar = f"{result}.c2pa" if self.sidecars else None
        there, beside = entry_of(result), entry_of(sidecar) if sidecar else None
        if there is None:
            return job
        if sidecar and beside is None:
            # What is left of the result is ours, as long as nobody has changed it.
            return replace(job, replaces=row.written) if job.target else job
        now = replace(row, version=job.version, written=there.version, beside=beside.version if beside else None)
        if now != replace(row, version=job.version) and not self.bears(result, row.label):
            alone = job.target is None and now.beside == row.beside
            return self._instead(job, sidecar or result, _OLDER if alone else "was changed after it was made")
        if row.source != row.target and row.version != job.version and not _same(job, row):
            return self._instead(job, result, _OLDER)
        if now != row and not self.dry:
            journal.touch(now)
        return Outcome(job=job, fate=Fate.SKIPPED, reason=BEFORE)

    def _instead(self, job: Job, result: str, why: str) -> Job:
        """Make a result anew where that is asked for; in place the new state of a file is simply signed too."""
        if self.overwrite:
            return job
        raise OutputExists(why, path=result, hint=_FORCE)


def _same(job: Job, row: Row) -> bool:
    with staged(job.source) as source:
        return row.digest is not None and source.sha256() == row.digest


def job_of(entry: Found, number: int) -> Job | Outcome:
    """Make a job of what was found, or say that it failed before it began."""
    if isinstance(entry, ProvenanceError):
        lost = Job(number=number, source=entry.path or "", size=0, version="")
        return Outcome(job=lost, fate=Fate.FAILED, error=entry)
    return Job(number=number, source=entry.name, size=entry.size, version=entry.version)
