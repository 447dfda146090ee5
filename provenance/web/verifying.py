"""Verify one file for whoever asked: have a worker look, keep the report, note the verdict, tell who wants to know."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from provenance.errors import FetchError
from provenance.model.jobs import Event
from provenance.model.record import new_id
from provenance.model.service import ReportKind, StoredReport
from provenance.reports.faces import FACES, Format
from provenance.web.workers import work
from provenance.web.workers.orders import Drawing, Look
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What came of it."""

    looked: Looked
    report: str | None
    """Id of the report that is kept."""


def order_of(service: Service, options: VerifyOptions, *forms: Format, page: bool = False) -> Look:
    """Say what a worker is to do; `page` has it make the pieces of a page too.

    Raises `SettingsError` for a policy that is not there.
    """
    wanted = tuple(dict.fromkeys((Format.JSON, options.format.form, *forms)))
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
    drawings = tuple(Drawing) if page or Format.HTML in wanted else ()
    return Look(asked=asked, forms=wanted, lists=options.trust_list, drawings=drawings, page=page)


async def verify(service: Service, upload: Upload, order: Look, caller: Caller, *, keep: bool | str) -> Verified:
    """Have a file looked at, and do all that follows from it; `keep` is whether, or as which id, the report is kept.

    Raises the error of a file that cannot be looked at, `Busy`, and `WorkerLost`.
    """
    looked = await _looked(service, upload, order)
    if looked.error is not None:
        raise looked.error
    if looked.check is not None:
        check = replace(looked.check, asked_by=caller.name, name=upload.name)
        await asyncio.to_thread(service.catalogue.add_checks, [check])
    stored = _stored(service, upload, looked, caller, keep if isinstance(keep, str) else None) if keep else None
    if stored is not None or service.webhooks:
        await asyncio.to_thread(_noted, service, looked, upload, stored)
    service.metrics.verdict(looked.decision)
    return Verified(looked=looked, report=stored.id if stored else None)


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
