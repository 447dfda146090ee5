"""What is done with one item of a job: the same as for a request, and what was done already is not done again."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from provenance.errors import UnreadableMedia
from provenance.model.jobs import Event, Failure, JobKind, Result
from provenance.model.service import ANONYMOUS
from provenance.web.jobs import resuming
from provenance.web.jobs.runner import Later
from provenance.web.options import SignOptions, VerifyOptions
from provenance.web.problems import Problem
from provenance.web.signing import announce, recordings_of
from provenance.web.signing import order_of as order_to_sign
from provenance.web.uploads import fetched, forgetting
from provenance.web.verifying import order_of as order_to_look
from provenance.web.verifying import pack_of, verify
from provenance.web.workers.orders import Upload
from provenance.web.workers.pools import Busy, Pool
from provenance.workspace import cataloguing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from provenance.model.jobs import Claim, NewDelivery, WebJob
    from provenance.model.record import Record, Recording
    from provenance.model.service import Caller
    from provenance.web.hooks.webhooks import Webhooks
    from provenance.web.service import Service

FINISHED: Final = "job.finished"
"""The event that receivers are told of."""


def finished(webhooks: Webhooks, job: WebJob) -> Sequence[NewDelivery]:
    """Write down, for all who want to know, that a job is over."""
    counts = job.counts
    told = {
        "job": job.id,
        "kind": job.kind,
        "state": job.state,
        "done": counts.done,
        "failed": counts.failed,
        "cancelled": counts.cancelled,
    }
    return webhooks.messages(Event(kind=FINISHED, at=job.ended_at or job.at, data=told))


class Working:
    """Works on items for a service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, claim: Claim) -> Result:
        """Do what is asked for with one file, and say what came of it.

        Raises the error of a file that cannot be worked with, `Later` while the workers are busy, and `WorkerLost`.
        """
        do = self._signed if claim.job.kind is JobKind.SIGN else self._verified
        try:
            return await do(claim, await self._caller(claim))
        except Busy as error:
            raise Later(error.retry_after) from error
        except Problem as problem:
            return Result(failure=Failure(kind="Problem", message=problem.title, hint=problem.hint))

    async def _caller(self, claim: Claim) -> Caller:
        """Return who handed the job in; a key that was revoked since then opens nothing any more."""
        if claim.job.caller is None:
            return ANONYMOUS
        found = await self._service.access.holder(claim.job.caller, claim.job.kind.scope)
        if found is None:
            raise Problem(status=401, title="the key that this was handed in with opens nothing any more")
        return found

    async def _verified(self, claim: Claim, caller: Caller) -> Result:
        service, planned = self._service, claim.item.planned
        stored = await asyncio.to_thread(service.catalogue.reports.get, planned)
        if stored is not None:
            return Result(decision=stored.decision, digest=stored.digest, report=planned)
        options = VerifyOptions.model_validate_json(claim.job.order)
        order = order_to_look(service, options)
        with forgetting() as kept:
            upload = await self._upload(claim, kept)
            looked = (await verify(service, upload, order, caller, keep=planned, pack=pack_of(options))).looked
        return Result(decision=looked.decision, digest=looked.digest, report=planned)

    async def _signed(self, claim: Claim, caller: Caller) -> Result:
        service, item = self._service, claim.item
        output = service.runner.spool.signed(item.job, item.number)
        known = await asyncio.to_thread(_known, service, item.planned, output)
        if known is not None:
            return _told(known, ())
        options = SignOptions.model_validate_json(claim.job.order)
        order = order_to_sign(service, options, caller, output)
        order = replace(order, options=replace(order.options, label=item.planned))
        with forgetting() as kept:
            upload = await self._upload(claim, kept)
            done = await service.shelter.run(resuming.sign_once, service.parcel, upload, order, pool=Pool.OPEN)
        record, notes = await asyncio.to_thread(_entered, service, recordings_of(done, caller))
        await announce(service, record)
        return _told(record, (*done.notes, *notes))

    async def _upload(self, claim: Claim, kept: list[Path]) -> Upload:
        item = claim.item
        if item.url is not None:
            return await fetched(self._service, item.url, kept)
        path = self._service.runner.spool.given(item.job, item.number)
        if not path.is_file():
            raise UnreadableMedia("is no longer there", path=item.name, hint="send it again, in a new job")
        return Upload(path=str(path), name=item.name)


def _known(service: Service, label: str, output: Path) -> Record | None:
    """Return the record of what an earlier attempt has made and entered, where that is still there."""
    record = next(service.catalogue.by_label(label), None)
    if record is None or not output.is_file():
        return None
    with output.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return record if digest == record.output else None


def _entered(service: Service, recordings: Sequence[Recording]) -> tuple[Record, tuple[str, ...]]:
    """Enter what was signed, unless an earlier attempt has entered it."""
    note = cataloguing.enter(service.space, (), unless_known=recordings)
    record = recordings[0].record
    known = None if note else next(service.catalogue.by_label(record.label), None)
    return known or record, tuple(filter(None, (note,)))


def _told(record: Record, notes: Sequence[str]) -> Result:
    return Result(digest=record.output, record=record.id, media_type=record.media_type, notes=tuple(notes))
