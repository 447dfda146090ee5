"""Jobs of a service: many files, or slow ones, that are handed in now and fetched later."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003 -- the codec looks the types of fields up
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Unpack

from provenance.claims import SigningOptions
from provenance.client import answers, problems
from provenance.client.asking import Asked, of_signing, of_verifying
from provenance.client.problems import Details  # noqa: TC001 -- the same
from provenance.client.receiving import received
from provenance.client.wire import Request, is_address, named, part_of
from provenance.errors import InvalidClaim, ServiceError
from provenance.model.jobs import Counts, JobKind, State
from provenance.reports.form import Document  # noqa: TC001 -- the same
from provenance.storage.outputs import refuse_existing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from provenance.client.answers import SignedFile
    from provenance.client.wire import Wire
    from provenance.errors import ProvenanceError

_FIRST, _LONGEST = 0.25, 5.0
"""Seconds between two looks at a job that is not over; each is longer than the one before."""
_JOBS: Final = "/v1/jobs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as it stands."""

    id: str
    kind: JobKind
    state: State
    at: datetime
    """When it was handed in."""
    asked_by: str | None = None
    cancelled_at: datetime | None = None
    ended_at: datetime | None = None
    counts: Counts = field(default_factory=Counts)
    """How many of its files are in which state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """What became of one file of a job."""

    number: int
    """Its place in the job, from 0."""
    name: str
    state: State
    ended_at: datetime | None = None
    problem: Details | None = None
    """Why it failed, as it came; `error` is the same as the library has it."""
    decision: str | None = None
    digest: str | None = None
    """SHA-256 of the file that was verified, or of the signed one."""
    report: str | None = None
    """Id of the report that the service keeps."""
    document: Document | None = field(default=None, repr=False)
    """That report, as long as it is kept."""
    record: str | None = None
    """Id of the record of a signing."""
    media_type: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def error(self) -> ProvenanceError | None:
        """Why it failed: an error to be looked at, or raised."""
        return None if self.problem is None else problems.of_details(self.problem)


class Jobs:
    """The jobs of one service."""

    def __init__(self, wire: Wire, sleep: Callable[[float], None]) -> None:
        self._wire = wire
        self._sleep = sleep

    def verify(self, sources: Sequence[Path | str | bytes], **asked: Unpack[Asked]) -> Job:
        """Hand in files to be verified: all of them files, or all of them addresses."""
        return self._submit(JobKind.VERIFY, sources, of_verifying(asked))

    def sign(
        self,
        sources: Sequence[Path | str | bytes],
        options: SigningOptions | None = None,
        *,
        identity: str | None = None,
    ) -> Job:
        """Hand in files to be signed; `fetch` brings what was signed. Raises `InvalidClaim` as `Client.sign` does."""
        return self._submit(JobKind.SIGN, sources, of_signing(options or SigningOptions(), identity))

    def get(self, job: str) -> Job:
        """Return a job as it stands."""
        response = self._wire.read(Request(method="GET", path=f"{_JOBS}/{part_of(job)}"))
        return answers.decoded(response.content, Job, url=self._wire.url)

    def wait(self, job: str, *, timeout: float = 600.0) -> Job:
        """Look at a job until it is over. Raises `ServiceError` when it is not after so many seconds of waiting."""
        waited, pause = 0.0, _FIRST
        while not (found := self.get(job)).state.is_over:
            if waited >= timeout:
                raise ServiceError(f"the job {job} is not over after {timeout:g} s", path=self._wire.url)
            self._sleep(pause)
            waited += pause
            pause = min(pause * 1.5, _LONGEST)
        return found

    def results(self, job: str) -> Iterator[JobResult]:
        """Give what became of each file, in the order in which they were handed in; of those not begun, their state."""
        with self._wire.stream(Request(method="GET", path=f"{_JOBS}/{part_of(job)}/results")) as response:
            for line in self._wire.lines(response):
                found = answers.decoded(line, JobResult, url=self._wire.url)
                if found.document is not None:
                    answers.known(found.document, url=self._wire.url)
                yield found

    def fetch(self, job: str, number: int, output: Path | str | None = None, *, overwrite: bool = False) -> SignedFile:
        """Bring a signed file; the output appears whole or not at all. Without one, the bytes are returned."""
        target = None if output is None else Path(output)
        if target is not None:
            refuse_existing(target, overwrite=overwrite)
        request = Request(method="GET", path=f"{_JOBS}/{part_of(job)}/items/{number:d}/file")
        with self._wire.stream(request) as response:
            return received(self._wire, response, target, overwrite=overwrite)

    def cancel(self, job: str) -> Job | None:
        """Cancel a job: no further file is begun. One that is over is forgotten by the service: `None`."""
        response = self._wire.read(Request(method="DELETE", path=f"{_JOBS}/{part_of(job)}"))
        if response.status_code == 204:
            return None
        return answers.decoded(response.content, Job, url=self._wire.url)

    def _submit(self, kind: JobKind, sources: Sequence[Path | str | bytes], query: dict[str, Any]) -> Job:
        addresses = [item for item in sources if is_address(item)]
        if addresses and len(addresses) != len(sources):
            raise InvalidClaim("a job is of files or of addresses, not of both", hint="make two jobs")
        query |= {"kind": kind.value}
        if addresses:
            request = Request(method="POST", path=_JOBS, query=query, json={"urls": addresses})
        else:
            files = [named(item) for item in sources]
            parts = tuple(("file", file, name or f"file-{number}") for number, (file, name) in enumerate(files))
            request = Request(method="POST", path=_JOBS, query=query, parts=parts)
        return answers.decoded(self._wire.read(request).content, Job, url=self._wire.url)
