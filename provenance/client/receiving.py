"""Take in a signed file as it comes: into an output that appears whole or not at all, or into memory."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from typing import TYPE_CHECKING

from provenance.client import answers
from provenance.client.answers import SignedFile
from provenance.storage.outputs import writing

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from provenance.client.wire import Wire


def received(wire: Wire, response: httpx.Response, target: Path | None, *, overwrite: bool) -> SignedFile:
    """Return what was signed. Raises `ServiceError` when the answer breaks off or names no record; `OutputError`."""
    record = response.headers.get("Provenance-Record")
    manifest = response.headers.get("Provenance-Manifest")
    if not (record and manifest):
        raise answers.nonsense("it does not say what it has signed", wire.url)
    digest, kept = hashlib.sha256(), bytearray()
    with ExitStack() as held:
        stream = None if target is None else held.enter_context(writing(target, overwrite=overwrite))
        for piece in wire.pieces(response):
            digest.update(piece)
            if stream is None:
                kept += piece
            else:
                stream.write(piece)
    return SignedFile(
        record=record,
        manifest=manifest,
        media_type=response.headers.get("content-type", ""),
        sha256=digest.hexdigest(),
        path=target,
        data=bytes(kept) if target is None else None,
    )
