"""Sign one file for whoever may: a worker signs and reads it back, the server enters it into the catalogue."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from provenance.errors import OutputError
from provenance.model.jobs import Event
from provenance.web.problems import Problem
from provenance.web.workers import work
from provenance.web.workers.orders import SignOrder
from provenance.web.workers.shelter import Pool
from provenance.workspace import cataloguing

if TYPE_CHECKING:
    from provenance.model.record import Record, Recording
    from provenance.model.service import Caller
    from provenance.web.options import SignOptions
    from provenance.web.service import Service
    from provenance.web.workers.orders import SignedUpload, Upload

SIGNED: Final = "asset.signed"
"""The event that receivers are told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A signed file, for whoever asked to take it away."""

    path: Path
    name: str
    record: Record
    notes: tuple[str, ...]


def order_of(service: Service, options: SignOptions, caller: Caller, output: Path) -> SignOrder:
    """Say what a worker is to do. Raises `Problem` for an identity that the caller may not use."""
    identity = options.identity or next(iter(caller.identities), None) or service.settings.signing.identity
    if caller.identities and identity not in caller.identities:
        raise Problem(status=403, title="this key may not sign as that identity")
    if not caller.identities and options.identity not in {None, service.settings.signing.identity}:
        raise Problem(status=403, title="this key signs as the service's own identity only")
    thumbnail = service.settings.signing.thumbnail or None
    return SignOrder(options=options.options(thumbnail=thumbnail), identity=identity, output=str(output))


async def sign(service: Service, upload: Upload, options: SignOptions, caller: Caller) -> Done:
    """Have a file signed, and do all that follows from it.

    Raises the error of what cannot be signed, `Problem`, `Busy` and `WorkerLost`; no output is left behind then.
    """
    output = Path(f"{upload.path}.signed")
    order = order_of(service, options, caller, output)
    try:
        signed = await service.shelter.run(work.sign, service.parcel, upload, order, pool=Pool.OPEN)
        recordings = recordings_of(signed, caller)
        note = await asyncio.to_thread(cataloguing.enter, service.space, recordings)
    except BaseException:
        output.unlink(missing_ok=True)
        raise
    record = recordings[0].record
    await announce(service, record)
    return Done(path=output, name=upload.name, record=record, notes=(*signed.notes, *filter(None, (note,))))


def recordings_of(signed: SignedUpload, caller: Caller) -> list[Recording]:
    """Return what a worker has signed, as the catalogue keeps it of this caller.

    Raises the error of what could not be signed, and `OutputError` where nothing can be kept of it.
    """
    if signed.error is not None:
        raise signed.error
    if not signed.recordings:
        raise OutputError("what was signed could not be described", hint="look at the log")
    return [replace(it, record=replace(it.record, asked_by=caller.name)) for it in signed.recordings]


async def announce(service: Service, record: Record) -> None:
    """Count a signing, and tell whoever wants to know of it. Raises `CatalogueError`."""
    service.metrics.signed()
    told = {"record": record.id, "manifest": record.label, "title": record.title, "signer": record.signer}
    event = Event(kind=SIGNED, at=service.now(), data={**told, "digest": record.output})
    await asyncio.to_thread(service.webhooks.tell, event)
