"""Look into a manifest store box by box: what the engine sums up is not all that stands there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from provenance.errors import ManifestError
from provenance.manifests.containers import jumbf
from provenance.model.redaction import Content

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMPRESSED = b"brob"


def contents(store: bytes) -> tuple[Content, ...]:
    """Return every box of a manifest store that holds something.

    Raises `ManifestError` for a store that cannot be looked into: damaged, or compressed.
    """
    try:
        return tuple(_contents(store))
    except ValueError as error:
        raise ManifestError(f"its manifest store cannot be looked into: {error}") from error


def _contents(store: bytes) -> Iterator[Content]:
    for path, boxes in jumbf.leaves(store):
        kinds = {kind: store[start:end] for kind, start, end in boxes}
        if _COMPRESSED in kinds:
            raise ValueError("one of its manifests is compressed")
        if len(path) < 3:
            raise ValueError("it has boxes outside of its manifests")
        data = b"".join(store[start:end] for _, start, end in boxes)
        yield Content(
            manifest=path[1],
            room=path[2],
            label=path[-1],
            data=kinds.get(b"bidb", data),
            media_type=_media_type(kinds[b"bfdb"]) if b"bfdb" in kinds else None,
            value=_decoded(kinds),
        )


def _media_type(description: bytes) -> str:
    """Read the media type of an embedded file: a byte of toggles, then the type (ISO/IEC 19566-5, bfdb)."""
    return description[1:].partition(b"\0")[0].decode("utf-8", "replace")


def _decoded(kinds: dict[bytes, bytes]) -> Any:
    import cbor2  # noqa: PLC0415 -- most files are read without

    try:
        if b"json" in kinds:
            return json.loads(kinds[b"json"])
        return cbor2.loads(kinds[b"cbor"]) if b"cbor" in kinds else None
    except (ValueError, TypeError, EOFError, OverflowError, RecursionError, cbor2.CBORError):
        return None
