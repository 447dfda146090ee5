"""Plan a batch of signatures: what is to be done, less what is done and still true."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.batch.journal import State
from provenance.batch.staging import entry_of, staged
from provenance.batch.work import Fate, Job, Outcome
from provenance.errors import InvalidClaim, ProvenanceError
from provenance.storage import objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from provenance.batch.finding import Found
    from provenance.batch.journal import Journal, Row
    from provenance.batch.naming import Naming

GROUP = 64
"""Jobs that are written down together before they begin."""
_BEFORE = "signed before, and nothing has changed since"
OURS = "is itself what this batch has made"


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
    resume: bool = True
    """What is done and still true is skipped."""
    dry: bool = False
    """Nothing is written down."""
    once: bool = False
    """What was made of a file stays, also when other options were given then."""
    sidecars: bool = False
    """Manifests are kept beside the results."""
    _taken: set[int] = field(default_factory=set)
    """Targets of this run, where no journal knows them."""

    def jobs(self, entries: Iterable[Found]) -> Iterator[Job | Outcome]:
        """Give a job for each file, or what became of it already; jobs are in the journal before they are given."""
        numbers = count()
        group: list[Job] = []
        for entry in entries:
            planned = self._planned(entry, next(numbers))
            if isinstance(planned, Job) and self.journal is not None and not self.dry:
                group.append(planned)
                if len(group) < GROUP:
                    continue
                yield from self._begun(group)
                group = []
            else:
                yield planned
        yield from self._begun(group)

    def finished(self, outcomes: Iterable[Outcome]) -> None:
        """Write down what became of jobs."""
        if self.journal is not None and not self.dry:
            named = [(item, *names(item.job)) for item in outcomes if item.fate in {Fate.DONE, Fate.FAILED}]
            self.journal.finish(named, recipe=self.recipe, at=self.clock())

    def _begun(self, group: list[Job]) -> Iterator[Job]:
        if group and self.journal is not None:
            self.journal.begin([(job, *names(job)) for job in group], recipe=self.recipe, run=self.run, at=self.clock())
        yield from group

    def _planned(self, entry: Found, number: int) -> Job | Outcome:
        job = job_of(entry, number)
        if isinstance(job, Outcome) or isinstance(entry, ProvenanceError):
            return job
        try:
            job = replace(job, target=self.naming.target(entry), label=f"urn:c2pa:{uuid.uuid4()}")
            self._refuse_rival(job)
            return job if self.journal is None else self._compared(job, self.journal)
        except ProvenanceError as error:
            return Outcome(job=job, fate=Fate.FAILED, error=error)

    def _refuse_rival(self, job: Job) -> None:
        """Refuse a second file of this run that would become the same result."""
        source, target = names(job)
        rival = "another"
        if self.journal is None or self.dry:
            taken = hash(target) in self._taken
            self._taken.add(hash(target))
        else:
            maker = self.journal.maker(target)
            taken = maker is not None and maker.run == self.run and maker.source != source
            rival = maker.source if maker else rival
        if taken:
            raise InvalidClaim(
                f"its result would take the place of that of {rival}",
                path=job.source,
                hint="keep them apart with --keep-tree or --name",
            )

    def _compared(self, job: Job, journal: Journal) -> Job | Outcome:
        """Compare a job with what is known of it, and of what it would sign."""
        source, target = names(job)
        maker = journal.maker(source)
        if maker is not None and maker.source != source and (maker.written == job.version or maker.run == self.run):
            return Outcome(job=job, fate=Fate.SKIPPED, reason=OURS)
        row = journal.known(self.recipe, source, target) if self.resume else None
        if row is None and self.once and (made := journal.maker(target)) and made.source == source:
            row = made
        if row is None:
            return job
        if row.state is State.DONE:
            return Outcome(job=job, fate=Fate.SKIPPED, reason=_BEFORE) if self._still_true(job, row, journal) else job
        if source != target and row.version != job.version:
            return job
        # Nobody knows how it ended, or it failed: it keeps its label, by which a result is known.
        return replace(job, label=row.label, again=True)

    def _still_true(self, job: Job, row: Row, journal: Journal) -> bool:
        result = job.target or job.source
        there = entry_of(result)
        if there is None or there.version != row.written:
            return False
        if self.sidecars and entry_of(f"{result}.c2pa") is None:
            return False
        if row.source == row.target or job.version == row.version:
            return True
        with staged(job.source) as source:
            same = row.digest is not None and source.sha256() == row.digest
        if same and not self.dry:
            journal.touch(row, version=job.version)
        return same


def job_of(entry: Found, number: int) -> Job | Outcome:
    """Make a job of what was found, or say that it failed before it began."""
    if isinstance(entry, ProvenanceError):
        lost = Job(number=number, source=entry.path or "", size=0, version="")
        return Outcome(job=lost, fate=Fate.FAILED, error=entry)
    return Job(number=number, source=entry.name, size=entry.size, version=entry.version)


def names(job: Job) -> tuple[str, str]:
    """Return the full names of a job's source and target."""
    return _full(job.source), _full(job.target or job.source)


def _full(name: str) -> str:
    return name if objects.is_object(name) else str(Path(name).absolute())
