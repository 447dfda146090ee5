"""Verify one file for whoever asked: have a worker look, keep the report, note the verdict, tell who wants to know."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from provenance.errors import FetchError
from provenance.model.jobs import Event
from provenance.model.record import new_id
from provenance.model.service import ANONYMOUS, ReportKind, StoredReport
from provenance.reports.drawings import Drawing
from provenance.reports.faces import FACES, Format
from provenance.web.callers.access import no_key
from provenance.web.workers import work
from provenance.web.workers.orders import EVIDENCE, Look, PackOrder
from provenance.web.workers.shelter import Pool
from provenance.workspace import asking
from provenance.workspace.looking import Asked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.model.service import Caller
    from provenance.web.options import VerifyOptions
    from provenance.web.service import Service
    from provenance.web.workers.orders import Looked, Upload

VERDICT: Final = "verdict.made"
"""The event that receivers are told of."""
KEPT_DRAWINGS: Final = (Drawing.SVG, Drawing.DOT, Drawing.MERMAID)
"""Of a history: for programs, it stands in the report itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What came of it."""

    looked: Looked
    report: str | None
    """Id of the report that is kept."""


def order_of(service: Service, options: VerifyOptions, *, page: bool = False) -> Look:
    """Say what a worker is to do; `page` has it make the pieces of a page too.

    Raises `SettingsError` for a policy that is not there.
    """
    wanted = tuple(dict.fromkeys((Format.JSON, options.format.form)))
    faces = [FACES[form] for form in wanted]
    asked = Asked(
        policy=service.space.policy(options.policy),
        digest=True,
        as_of=options.at,
        record=options.record,
        recover=options.recover,
        interchange=any(face.interchange for face in faces),
        pictures=page or any(face.pictures for face in faces),
    )
    drawings = KEPT_DRAWINGS if page or Format.HTML in wanted else ()
    return Look(asked=asked, forms=wanted, lists=options.trust_list, drawings=drawings, page=page)


def require_known(options: VerifyOptions, caller: Caller) -> None:
    """See that nobody unknown writes into the catalogue, whose last verdicts are searched. Raises `Problem`."""
    if options.record and caller == ANONYMOUS:
        raise no_key("to record a verdict takes a key", hint="send `Authorization: Bearer pk_…`, or leave `record` out")


async def verify(
    service: Service, upload: Upload, order: Look, caller: Caller, *, keep: bool | str, pack: PackOrder | None = None
) -> Verified:
    """Have a file looked at, and do all that follows from it; `keep` is whether, or as which id, the report is kept.

    With `pack`, an evidence pack is kept beside the report.

    Raises the error of a file that cannot be looked at, `Busy`, and `WorkerLost`.
    """
    looked = await _looked(service, upload, order)
    if looked.error is not None:
        raise looked.error
    if pack is not None:
        looked = replace(looked, texts={**looked.texts, EVIDENCE: await _packed(service, upload, pack)})
    if looked.check is not None:
        check = replace(looked.check, asked_by=caller.name, name=upload.name)
        await asyncio.to_thread(service.catalogue.add_checks, [check])
    stored = _stored(service, upload, looked, caller, keep if isinstance(keep, str) else None) if keep else None
    if stored is not None or service.webhooks:
        await asyncio.to_thread(_noted, service, looked, upload, stored)
    service.metrics.verdict(looked.decision)
    return Verified(looked=looked, report=stored.id if stored else None)


def pack_of(options: VerifyOptions) -> PackOrder | None:
    """Say what a worker is to pack, if anything."""
    if not options.evidence:
        return None
    return PackOrder(policy=options.policy, as_of=options.at, lists=options.trust_list)


async def _packed(service: Service, upload: Upload, order: PackOrder) -> str:
    done = await service.shelter.run(work.pack, service.parcel, upload, order, pool=Pool.OPEN)
    if done.error is not None:
        raise done.error
    return b64encode(done.data).decode("ascii")


async def _looked(service: Service, upload: Upload, order: Look) -> Looked:
    """Have a worker look; where the manifest is elsewhere, and that is allowed, once more with it."""
    pool = Pool.OPEN if order.asked.recover else Pool.CLOSED
    looked = await service.shelter.run(work.look, service.parcel, upload, order, pool=pool)
    if looked.remote is None or not service.rules.remote_manifests:
        return looked
    try:
        manifest = await asyncio.to_thread(asking.manifests().fetch, looked.remote)
    except FetchError:
        # The report says already that it was not fetched.
        return looked
    return await service.shelter.run(work.look, service.parcel, upload, replace(order, manifest=manifest), pool=pool)


def _stored(service: Service, upload: Upload, looked: Looked, caller: Caller, name: str | None) -> StoredReport:
    at = service.now()
    return StoredReport(
        id=name or new_id(at),
        kind=ReportKind.VERDICT,
        at=at,
        caller=caller.id,
        name=upload.name,
        decision=looked.decision,
        digest=looked.digest,
        expires_at=at + timedelta(days=service.rules.keep_reports),
        texts=looked.texts,
    )


def _noted(service: Service, looked: Looked, upload: Upload, stored: StoredReport | None) -> None:
    if stored is not None:
        service.catalogue.reports.put(stored)
    told: Mapping[str, object] = {
        "name": upload.name,
        "decision": looked.decision,
        "digest": looked.digest,
        "report": stored.id if stored else None,
    }
    service.webhooks.tell(Event(kind=VERDICT, at=service.now(), data=told))
