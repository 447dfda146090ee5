"""Sign one file of a batch: once, whole, and known again when nobody knows how an earlier attempt ended."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.batch.staging import entry_of, outgoing, staged
from provenance.batch.work import Fate, Outcome
from provenance.errors import MediaError, OutputError, OutputExists, ProvenanceError, UnreadableMedia
from provenance.manifests.containers import jumbf
from provenance.model.claim import Carrier
from provenance.model.facets import Content
from provenance.model.facets import Signing as Signature
from provenance.model.manifest import Signed
from provenance.model.record import Operation
from provenance.storage import objects, sweep
from provenance.workspace.recordings import file_recording

if TYPE_CHECKING:
    from provenance.batch.recipe import Signing
    from provenance.batch.work import Job
    from provenance.model.manifest import ManifestStore
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
    if job.target is not None and not objects.is_object(job.target) and Path(job.target).is_dir():
        # As an output it would mean a file of the same name in it.
        raise OutputError("is a directory", path=job.target, hint="name the result otherwise, or move it away")
    if _may_replace(job):
        task = replace(task, overwrite=True)
    if job.again or job.source == job.target:
        if found := _finished(space, job, task, signer):
            return found
        if _tidied(job, task):
            task = replace(task, overwrite=True)
    try:
        if not task.overwrite:
            _refuse_existing(job, task)
        with staged(job.source, largest=largest) as source:
            held = source.held()
            if task.rehearse:
                return _rehearsed(space, job, task, held, signer)
            digest = held.sha256()
            _refuse_changed(job, task)
            return replace(_made(space, job, task, held, signer), digest=digest)
    except OutputExists:
        # A cluster begins a job again when it loses a worker, and that one may have ended it all the same.
        if found := _finished(space, job, task, signer):
            return found
        raise


def _rehearsed(space: Workspace, job: Job, task: Signing, source: Source, signer: Signer) -> Outcome:
    target = None if job.target is None else Path(job.target)
    space.rehearse(source, target, options=task.options, signer=signer, overwrite=task.overwrite)
    return Outcome(job=job, fate=Fate.PLANNED)


def bears(space: Workspace, name: str, label: str) -> bool:
    """Say whether a file is intact under a valid manifest with this label."""
    return _borne(space, name, label) is not None


def _borne(space: Workspace, name: str, label: str | None) -> ManifestStore | None:
    found = _inspected(space, name)
    if found is None or found.store is None or found.store.active != label:
        return None
    facets = found.facets
    whole = facets.content.state is Content.INTACT and facets.signature.state is Signature.VALID
    return found.store if whole else None


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
        written, beside = _delivered(signed, job, task)
    return Outcome(job=job, fate=Fate.DONE, signed=_light(signed), written=written, beside=beside)


def _delivered(signed: Signed, job: Job, task: Signing) -> tuple[str | None, str | None]:
    """Take results to object stores, the manifest first; returns versions of what can be seen where they belong."""
    target, sidecar = job.target or job.source, sidecar_of(job, task)
    if not objects.is_object(target):
        return _version(target), _version(sidecar)
    there = sidecar is not None and objects.stat(sidecar) is not None
    beside = None
    if signed.sidecar is not None and sidecar is not None:
        beside = objects.deliver(signed.sidecar, sidecar, overwrite=task.overwrite, media_type=_SIDECAR_TYPE).version
    try:
        if signed.path is None:
            return _version(target), beside
        sent = objects.deliver(signed.path, target, overwrite=task.overwrite, media_type=signed.media_type)
    except ProvenanceError:
        if sidecar is not None and not there:
            with suppress(ProvenanceError):
                objects.remove(sidecar)
        raise
    return sent.version, beside


def _version(name: str | None) -> str | None:
    found = None if name is None else entry_of(name)
    return None if found is None else found.version


def _may_replace(job: Job) -> bool:
    """Say whether the target is still the one of ours that may be replaced."""
    return job.replaces is not None and job.target is not None and _version(job.target) == job.replaces


def _finished(space: Workspace, job: Job, task: Signing, signer: Signer) -> Outcome | None:
    """Look whether an earlier attempt of this very job has made its output."""
    target, sidecar = job.target or job.source, sidecar_of(job, task)
    store, there = _borne(space, target, job.label), entry_of(target)
    if store is None or there is None:
        return None
    if task.rehearse:
        return Outcome(job=job, fate=Fate.SKIPPED, reason="signed before, which was not yet written down")
    signed = Signed(
        path=None if job.target is None else Path(job.target),
        sidecar=None if sidecar is None else Path(sidecar),
        carrier=task.options.carrier,
        media_type=store.active_manifest.media_type or "",
        store=store,
        signer=signer.name,
    )
    made = Outcome(
        job=job, fate=Fate.DONE, signed=_light(signed), written=there.version, beside=_version(sidecar), found=True
    )
    if job.source != target:
        with staged(job.source) as source:
            made = replace(made, digest=source.sha256())
    if space.keeps_catalogue:
        with staged(target) as result:
            known, notes = file_recording(space, result, operation=Operation.SIGNED, place=target, source=made.digest)
            space.recorder([known])
        made = replace(made, signed=_light(replace(signed, notes=notes)))
    return made


def _label_in(sidecar: str) -> str | None:
    """Return the label of the active manifest in a sidecar, which stands last; None where there is none."""
    try:
        if entry_of(sidecar) is None:
            return None
        with staged(sidecar) as source:
            return next((path[1] for path, _ in reversed(tuple(jumbf.leaves(source.read())))), None)
    except (MediaError, ValueError, IndexError):
        return None


def _tidied(job: Job, task: Signing) -> bool:
    """Remove what an earlier attempt left half done; says, in a rehearsal, whether there is a sidecar to remove."""
    target, sidecar = job.target or job.source, sidecar_of(job, task)
    for name in (target, sidecar):
        if name is not None and not task.rehearse and not objects.is_object(name):
            sweep(Path(name))
    if sidecar is None or _label_in(sidecar) != job.label:
        return False
    # The manifest came first, and the file never did.
    if task.rehearse:
        return job.target is None or entry_of(job.target) is None
    objects.remove(sidecar) if objects.is_object(sidecar) else Path(sidecar).unlink(missing_ok=True)
    return False


def _inspected(space: Workspace, name: str) -> Inspection | None:
    try:
        if entry_of(name) is None:
            return None
        with staged(name) as source:
            return space.inspect(source)
    except MediaError:
        return None


def _refuse_existing(job: Job, task: Signing) -> None:
    """Refuse before the work begins what would be refused at its end."""
    for name in (job.target, sidecar_of(job, task)):
        if name is not None and entry_of(name) is not None:
            raise OutputExists("exists already", path=name, hint="choose another with -o, or overwrite it with --force")


def _refuse_changed(job: Job, task: Signing) -> None:
    """Refuse what was read when it was not what had been found: half a file would be signed as if it were all."""
    if task.as_found and _version(job.source) != job.version:
        raise UnreadableMedia("changed while it was read", path=job.source, hint="is it still being written?")


def _light(signed: Signed) -> Signed:
    """Leave out what nobody needs who did not make it: manifests are large, and outcomes travel."""
    return replace(signed, store=replace(signed.store, data=b"", results={}), data=None, fingerprints=())
