"""Sign a file of a job in a worker, unless an earlier attempt has: its server may have died before it said so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.errors import ProvenanceError
from provenance.model.facets import Content, Signing
from provenance.model.record import Operation
from provenance.storage import open_source, sweep
from provenance.web.workers import work
from provenance.web.workers.opening import opened
from provenance.web.workers.orders import SignedUpload
from provenance.workspace.recordings import file_recording

if TYPE_CHECKING:
    from provenance.storage import Source
    from provenance.web.workers.orders import SignOrder, Upload
    from provenance.workspace import Workspace


def sign_once(parcel: bytes, upload: Upload, order: SignOrder) -> SignedUpload:
    """Sign a file under the label that the order names, or find that this was done; what is half done is removed."""
    output = Path(order.output)
    if output.is_file() and (found := _found(opened(parcel).space, upload, order)):
        return found
    sweep(output)
    # What does not bear its manifest is worth nothing: that manifest is nowhere.
    output.unlink(missing_ok=True)
    return work.sign(parcel, upload, order)


def _found(space: Workspace, upload: Upload, order: SignOrder) -> SignedUpload | None:
    """Describe what an earlier attempt has made, as if it had been made now."""
    try:
        made = replace(open_source(Path(order.output)), name=upload.name)
        if not _bears(space, made, order.options.label):
            return None
        source = open_source(Path(upload.path)).sha256()
        known, notes = file_recording(space, made, operation=Operation.SIGNED, place=order.output, source=source)
    except ProvenanceError:
        return None
    return SignedUpload(
        media_type=known.record.media_type,
        label=known.record.label,
        signer=known.record.signer,
        notes=notes,
        recordings=(replace(known, record=replace(known.record, written_to=None)),),
    )


def _bears(space: Workspace, made: Source, label: str | None) -> bool:
    found = space.inspect(made)
    if found.store is None or found.store.active != label:
        return False
    return found.facets.content.state is Content.INTACT and found.facets.signature.state is Signing.VALID
