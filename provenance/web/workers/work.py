"""What workers do with what was uploaded: functions of plain values.

Nothing here asks the network on behalf of a file, and no path of this machine is in anything that is handed back.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final, TypeVar

from provenance.errors import MediaError, ProvenanceError
from provenance.model.claim import Carrier
from provenance.storage import Source, open_source
from provenance.web.workers.opening import opened, with_manifest
from provenance.web.workers.orders import (
    ComparedUploads,
    Inspected,
    Look,
    Looked,
    Matched,
    PackedUpload,
    PackOrder,
    SignedUpload,
    SignOrder,
    Subject,
    Upload,
)
from provenance.web.workers.writing import texts
from provenance.workspace.looking import generator
from provenance.workspace.looking import look as look_at
from provenance.workspace.recordings import check_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from provenance.model.media import Thumbnail
    from provenance.model.verdict import Inspection
    from provenance.reports.result import Result
    from provenance.workspace import Workspace

T = TypeVar("T")

SIDE: Final = 1024
"""Pixels of the longer side of pictures that are shown beside each other."""


def look(parcel: bytes, upload: Upload, order: Look) -> Looked:
    """Verify a file and write reports on it; whatever is wrong with it is told as an error in what is returned."""
    at_hand = opened(parcel)

    def looked() -> Looked:
        space = at_hand.narrowed(order.lists)
        asked = order.asked
        if order.manifest is not None:
            space, asked = with_manifest(space, order.manifest), replace(asked, online=True)
        source = _source(upload)
        result = look_at(space, source, asked)
        if result.error is not None:
            # Of what cannot be verified, whoever meets it again has nothing else.
            digest = source.sha256() if asked.digest else None
            error = _told(result.error, upload)
            result = replace(result, error=error)
            told = texts(space, result, order)
            return Looked(subject=Subject(name=upload.name), error=error, digest=digest, texts=told)
        return _found(space, _placeless(result), order)

    found, error = _tried(looked, upload)
    at_hand.see_to_conditions()
    return found or Looked(subject=Subject(name=upload.name), error=error)


def sign(parcel: bytes, upload: Upload, order: SignOrder) -> SignedUpload:
    """Sign a file; what belongs into the catalogue travels back."""
    at_hand = opened(parcel)
    at_hand.recordings.clear()

    def signed() -> SignedUpload:
        done = at_hand.space.sign(_source(upload), order.output, options=order.options, signer=order.identity)
        return SignedUpload(
            media_type=done.media_type,
            label=done.store.active,
            signer=done.signer,
            notes=done.notes,
            recordings=tuple(
                replace(item, record=replace(item.record, written_to=None)) for item in at_hand.recordings
            ),
        )

    found, error = _tried(signed, upload, Upload(path=order.output, name=upload.name))
    return found or SignedUpload(error=error)


def pack(parcel: bytes, upload: Upload, order: PackOrder) -> PackedUpload:
    """Put all that a verdict rests on into an evidence pack; the file itself is left out, whoever sent it has it."""
    target = Path(f"{upload.path}.evidence")

    def packed() -> PackedUpload:
        from provenance.evidence import Packing  # noqa: PLC0415 -- only where it is asked for

        space = opened(parcel).narrowed(order.lists)
        wishes = Packing(policy=order.policy, as_of=order.as_of, include_asset=False)
        space.evidence(_source(upload), target, wishes=wishes, overwrite=True)
        return PackedUpload(data=target.read_bytes())

    try:
        found, error = _tried(packed, upload, Upload(path=str(target), name=upload.name))
    finally:
        target.unlink(missing_ok=True)
    return found or PackedUpload(error=error)


def inspect(parcel: bytes, upload: Upload) -> Inspected:
    """Collect the facts about a file, and judge nothing."""

    def inspected() -> Inspected:
        from provenance import codec  # noqa: PLC0415 -- as the next
        from provenance.history import trace  # noqa: PLC0415 -- only for this
        from provenance.reports import to_json  # noqa: PLC0415 -- only for this
        from provenance.reports.escape import as_json  # noqa: PLC0415 -- only for this

        space = opened(parcel).space
        found = _without_place(space.inspect(_source(upload), digest=True))
        facts = to_json.variables(found, trace(found.store) if found.store else None)
        judged = ("decision", "sentence", "findings", "policy")
        told = {"generator": generator(space), "file": {key: facts[key] for key in facts if key not in judged}}
        return Inspected(subject=_subject(found), text=as_json(codec.to_json(told)) + "\n")

    found, error = _tried(inspected, upload)
    return found or Inspected(subject=Subject(name=upload.name), error=error)


def compare(parcel: bytes, one: Upload, other: Upload) -> ComparedUploads:
    """Compare two files by their credentials and by their pictures."""

    def compared() -> ComparedUploads:
        from provenance.reports import comparison_form  # noqa: PLC0415 -- only who compares needs it
        from provenance.workspace import comparing  # noqa: PLC0415 -- only who compares needs it

        space = opened(parcel).space
        found = comparing.compare(space, _source(one), _source(other))
        names = (one.name, other.name)
        told = comparison_form.document(found.comparison, found.looked, names=names, generator=generator(space))
        maps = (item.difference.heat_map for item in found.looked if item.difference is not None)
        return ComparedUploads(
            text=comparison_form.text(told),
            heat_map=next((item for item in maps if item is not None), None),
            pictures=(_small(one, SIDE), _small(other, SIDE)),
        )

    found, error = _tried(compared, one, other)
    return found or ComparedUploads(error=error)


def picture(parcel: bytes, upload: Upload, size: int) -> Thumbnail | None:
    """Make a picture small, made again from its pixels; `size` is of its longer side. None for what is no picture."""
    opened(parcel)
    return _tried(lambda: _small(upload, size), upload)[0]


def match(parcel: bytes, upload: Upload, most: int) -> Matched:
    """Find the manifests of a file in the catalogue, by its bytes or by what it shows."""

    def matched() -> Matched:
        from provenance.workspace import resolving  # noqa: PLC0415 -- brings in numpy

        return Matched(matches=resolving.by_content(opened(parcel).space, _source(upload), most=most))

    found, error = _tried(matched, upload)
    return found or Matched(error=error)


def _source(upload: Upload) -> Source:
    """Open an upload under the name that it is shown with."""
    return replace(open_source(Path(upload.path)), name=upload.name)


def _found(space: Workspace, result: Result, order: Look) -> Looked:
    verdict = result.verdict
    if verdict is None:
        raise AssertionError(result)
    found = verdict.inspection
    return Looked(
        subject=_subject(found),
        decision=verdict.decision,
        texts=texts(space, result, order),
        digest=found.media.digest.value if found.media.digest else None,
        remote=found.remote_url if found.store is None else None,
        check=check_of(space, verdict) if order.asked.record else None,
    )


def _subject(found: Inspection) -> Subject:
    media, store = found.media, found.store
    about = Subject(name=media.name, media_type=media.media_type, size=media.size, credential=found.credential)
    if store is None:
        return about
    active = store.active_manifest
    signature = active.signature
    return replace(
        about,
        label=store.active,
        title=active.title,
        signer=(signature.common_name or signature.organization) if signature else None,
        attested_at=signature.time if signature else None,
    )


def _small(upload: Upload, size: int) -> Thumbnail | None:
    from provenance.images import make_thumbnail  # noqa: PLC0415 -- brings in Pillow

    with Path(upload.path).open("rb") as stream:
        return make_thumbnail(stream, size=size)


def _placeless(result: Result) -> Result:
    """Leave out where the file lies here: what is embedded in it is in the file, and beside it there is nothing."""
    if result.verdict is None:
        return result
    verdict = replace(result.verdict, inspection=_without_place(result.verdict.inspection))
    return replace(result, verdict=verdict)


def _without_place(found: Inspection) -> Inspection:
    return found if found.carrier is Carrier.REMOTE else replace(found, found_in=None)


def _tried(call: Callable[[], T], *uploads: Upload) -> tuple[T | None, ProvenanceError | None]:
    """Return what a call returns, or its error as one that may be told to whoever sent these files.

    What takes too much memory is seen to by whoever started this process.
    """
    try:
        return call(), None
    except ProvenanceError as error:
        return None, _told(error, *uploads)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 -- decoders raise anything on hostile files
        kept = ProvenanceError(f"internal error: {type(error).__name__}: {error}", hint="please report it")
        return None, _told(kept, *uploads)


def _told(error: ProvenanceError, *uploads: Upload) -> ProvenanceError:
    """Name files as their senders do, and those of this machine without their folders."""
    for upload in uploads:
        error.message = error.message.replace(upload.path, upload.name)
        error.hint = error.hint and error.hint.replace(upload.path, upload.name)
        if error.path == upload.path or (error.path is None and isinstance(error, MediaError)):
            error.path = upload.name
    if error.path is not None and error.path.startswith("/"):
        error.path = PurePath(error.path).name
    error.args = (error.message,)
    return error
