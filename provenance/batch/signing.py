"""Sign one file of a batch: once, whole, and known again when nobody knows how an earlier attempt ended."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.batch.staging import entry_of, outgoing, staged
from provenance.batch.work import Fate, Outcome
from provenance.errors import MediaError, OutputExists, ProvenanceError, UnreadableMedia
from provenance.model.claim import Carrier
from provenance.model.facets import Content
from provenance.model.facets import Signing as Signature
from provenance.model.manifest import Signed
from provenance.storage import objects, sweep

if TYPE_CHECKING:
    from provenance.batch.recipe import Signing
    from provenance.batch.work import Job
    from provenance.model.ports import Signer
    from provenance.model.verdict import Inspection
    from provenance.storage import Source
    from provenance.workspace import Workspace

_SIDECAR_TYPE = "application/c2pa"


def sign(space: Workspace, job: Job, task: Signing, *, signer: Signer, largest: int = 0) -> Outcome:
    """Sign one file, or rehearse it; `largest` is in bytes, 0 for no limit.

    A job that was begun before is looked for first: what bears its label and verifies is not made again. Raises a
    `ProvenanceError`; nothing is left behind then.
    """
    in_place = job.source == job.target
    if (job.again or in_place) and (found := _finished(space, job, task, signer)):
        return found
    try:
        if not task.overwrite:
            _refuse_existing(job, task)
        with staged(job.source, largest=largest) as source:
            held = source.held()
            if task.rehearse:
                target = None if job.target is None else Path(job.target)
                space.rehearse(held, target, options=task.options, signer=signer, overwrite=task.overwrite)
                return Outcome(job=job, fate=Fate.PLANNED)
            digest = held.sha256()
            if task.as_found:
                _refuse_changed(job)
            return replace(_made(space, job, task, held, signer), digest=digest)
    except OutputExists:
        # A cluster begins a job again when it loses a worker, and that one may have ended it all the same.
        if found := _finished(space, job, task, signer):
            return found
        raise


def sidecar_of(job: Job, task: Signing) -> str | None:
    """Say where the manifest goes when it is not embedded."""
    return None if task.options.carrier is Carrier.EMBEDDED else f"{job.target or job.source}.c2pa"


def _made(space: Workspace, job: Job, task: Signing, source: Source, signer: Signer) -> Outcome:
    options = replace(task.options, label=job.label)
    target = job.target or job.source
    with outgoing(target) as path:
        # In a staging folder nothing can be in the way; where it goes is another question.
        overwrite = task.overwrite or objects.is_object(target)
        output = None if job.target is None else path
        signed = space.sign(source, output, options=options, signer=signer, overwrite=overwrite)
        written = _delivered(signed, job, task)
    return Outcome(job=job, fate=Fate.DONE, signed=_light(signed), written=written)


def _delivered(signed: Signed, job: Job, task: Signing) -> str | None:
    """Take results to object stores, the manifest first; returns the version of what can be seen there."""
    target, sidecar = job.target or job.source, sidecar_of(job, task)
    if not objects.is_object(target):
        found = entry_of(target)
        return found.version if found else None
    there = sidecar is not None and objects.stat(sidecar) is not None
    if signed.sidecar is not None and sidecar is not None:
        objects.deliver(signed.sidecar, sidecar, overwrite=task.overwrite, media_type=_SIDECAR_TYPE)
    try:
        if signed.path is None:
            found = objects.stat(target)
            return found.version if found else None
        return objects.deliver(signed.path, target, overwrite=task.overwrite, media_type=signed.media_type).version
    except ProvenanceError:
        if sidecar is not None and not there:
            with suppress(ProvenanceError):
                objects.remove(sidecar)
        raise


def _finished(space: Workspace, job: Job, task: Signing, signer: Signer) -> Outcome | None:
    """Look whether an earlier attempt of this very job has made its output; what it left half done is removed."""
    target, sidecar = job.target or job.source, sidecar_of(job, task)
    if not objects.is_object(target):
        sweep(Path(target))
    found = _inspected(space, target)
    if found is not None and _is_ours(found, job):
        store, written = found.store, entry_of(target)
        if store is not None and written is not None:
            signed = Signed(
                path=None if job.target is None else Path(job.target),
                sidecar=None if sidecar is None else Path(sidecar),
                carrier=task.options.carrier,
                media_type=found.media.media_type,
                store=store,
                signer=signer.name,
            )
            return Outcome(job=job, fate=Fate.DONE, signed=_light(signed), written=written.version)
    if sidecar is not None and (alone := _inspected(space, sidecar)) and alone.store and _bears(alone, job):
        # The manifest came first, and the file never did.
        objects.remove(sidecar) if objects.is_object(sidecar) else Path(sidecar).unlink(missing_ok=True)
    return None


def _inspected(space: Workspace, name: str) -> Inspection | None:
    try:
        if entry_of(name) is None:
            return None
        with staged(name) as source:
            return space.inspect(source)
    except MediaError:
        return None


def _bears(found: Inspection, job: Job) -> bool:
    return job.label is not None and found.store is not None and found.store.active == job.label


def _is_ours(found: Inspection, job: Job) -> bool:
    facets = found.facets
    whole = facets.content.state is Content.INTACT and facets.signature.state is Signature.VALID
    return whole and _bears(found, job)


def _refuse_existing(job: Job, task: Signing) -> None:
    """Refuse before the work begins what would be refused at its end."""
    for name in (job.target, sidecar_of(job, task)):
        if name is not None and entry_of(name) is not None:
            raise OutputExists("exists already", path=name, hint="choose another with -o, or overwrite it with --force")


def _refuse_changed(job: Job) -> None:
    """Refuse what was read when it was not what had been found: half a file would be signed as if it were all."""
    found = entry_of(job.source)
    if found is None or found.version != job.version:
        raise UnreadableMedia("changed while it was read", path=job.source, hint="is it still being written?")


def _light(signed: Signed) -> Signed:
    """Leave out what nobody needs who did not make it: manifests are large, and outcomes travel."""
    return replace(signed, store=replace(signed.store, data=b"", results={}), data=None)
