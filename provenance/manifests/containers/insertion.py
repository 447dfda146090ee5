"""Put an existing manifest store into a file, where it still matches."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from provenance.errors import InvalidClaim, ManifestError, MediaError, ProvenanceError, UnsupportedMedia
from provenance.manifests import reader
from provenance.manifests.containers import blank, riff, wrapping
from provenance.manifests.containers.placement import place
from provenance.model import derived
from provenance.model.facets import Content, Signing

if TYPE_CHECKING:
    from collections.abc import Callable

    from provenance.manifests.containers.placement import Place
    from provenance.manifests.reader import Reading
    from provenance.model.ports import Signer
    from provenance.model.trust import Trust

_INSERTERS: dict[str, Callable[[bytes, bytes, Place], bytes]] = {
    "image/jpeg": wrapping.jpeg,
    "image/png": wrapping.png,
    "image/gif": wrapping.gif,
    "image/jxl": wrapping.jxl,
    "image/webp": riff.insert,
    "audio/wav": riff.insert,
    "video/avi": riff.insert,
}
_BY_ENGINE = frozenset(
    {
        "image/tiff", "image/dng", "image/avif", "image/heic", "image/heif",
        "video/mp4", "video/quicktime", "audio/mp4", "audio/flac", "audio/mpeg",
    }
)  # fmt: skip
"""Types in which other parts of the file depend on the length of the store; the engine keeps them right."""
_HINT = "keep the sidecar beside the file"


def attach(data: bytes, store: bytes, media_type: str, *, signer: Signer, trust: Trust) -> bytes:
    """Put a manifest store into a file and return the file, read again and found to match.

    `signer` only drives the engine; nothing that it signs remains. Raises `UnsupportedMedia` for a type into which
    a store can't be put without signing anew, and `ManifestError` when the store is unreadable, the file has
    credentials already, or the two do not fit.
    """
    if media_type not in _INSERTERS and media_type not in _BY_ENGINE:
        raise UnsupportedMedia(f"a manifest cannot be put into {media_type} without signing anew", hint=_HINT)
    where = place(store, trust=trust)
    before = reader.read(io.BytesIO(data), media_type, trust=trust)
    if before.store is not None or before.problem is not None:
        raise ManifestError("the file has credentials already", hint="remove them first: provenance strip")
    try:
        result = _insert(data, store, media_type, where=where, signer=signer)
    except UnsupportedMedia:
        raise
    except (MediaError, InvalidClaim) as error:
        raise _refusal(data, store, media_type, trust=trust, found=error.message) from error
    after = reader.read(io.BytesIO(result), media_type, trust=trust)
    if not _matches(after, trust) or after.store is None or after.store.active != where.label:
        raise _refusal(data, store, media_type, trust=trust, found=_complaint(after, trust))
    return result


def _insert(data: bytes, store: bytes, media_type: str, *, where: Place, signer: Signer) -> bytes:
    inserter = _INSERTERS.get(media_type)
    if inserter is not None:
        return inserter(data, store, where)
    return blank.replaced(data, store, media_type, signer=signer)


def _matches(reading: Reading, trust: Trust) -> bool:
    """Say whether content, structure and signature were checked and found good; who signed is another question."""
    if reading.store is None:
        return False
    found = derived.of_store(reading.store, trust, where="")
    return found.content.state is Content.INTACT and found.signature.state is Signing.VALID


def _complaint(reading: Reading, trust: Trust) -> str:
    if reading.store is None:
        return reading.problem or "the embedded manifest is not found again"
    found = derived.of_store(reading.store, trust, where="")
    return found.signature.reason if found.content.state is Content.INTACT else found.content.reason


def _refusal(data: bytes, store: bytes, media_type: str, *, trust: Trust, found: str) -> ProvenanceError:
    """Say why a store does not fit: a sidecar's manifest matches the file only as long as it stays outside."""
    if _matches(reader.read(io.BytesIO(data), media_type, trust=trust, manifest=store), trust):
        return ManifestError(
            "the manifest was made for a sidecar: embedding it would change the bytes that it vouches for", hint=_HINT
        )
    return ManifestError(f"the manifest does not fit this file: {found}", hint=_HINT)
