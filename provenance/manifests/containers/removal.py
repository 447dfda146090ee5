"""Take the manifest store out of a file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from provenance.errors import InvalidClaim, ManifestError, MediaError, UnsupportedMedia
from provenance.manifests import reader
from provenance.manifests.containers import blank, riff, tiff, zipped
from provenance.manifests.containers.jumbf import holds_store
from provenance.model.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Callable

    from provenance.manifests.reader import Reading
    from provenance.model.ports import Signer

_REMOVERS: dict[str, Callable[[bytes], bytes]] = {
    # The engine leaves the store in RIFF files, and the store's bytes in TIFF and ZIP files.
    "image/webp": riff.remove,
    "audio/wav": riff.remove,
    "video/avi": riff.remove,
    "image/tiff": tiff.remove,
    "image/dng": tiff.remove,
}
_ZIPPED = ("application/epub", "application/vnd.")
_PACKAGES = ("application/pdf", *_ZIPPED)
"""Types that hold whole files, which may be signed themselves and stay so."""
_EMPTY_ID3 = b"ID3\x04\x00\x00\x00\x00\x00\x00"


def strip(data: bytes, media_type: str, *, signer: Signer) -> bytes:
    """Return the file without any embedded manifest store; a file without one comes back as it is.

    `signer` only drives the engine; nothing that it signs remains. The content is unchanged, and an address of a
    remote manifest in the XMP stays. Raises `UnsupportedMedia` for a type that the engine does not write, and
    `ManifestError` when a store is still there afterwards.
    """
    before = _read(data, media_type)
    if _is_bare(before) and not holds_store(data):
        return data
    try:
        result = _remove(data, media_type, signer=signer)
    except UnsupportedMedia:
        raise
    except (MediaError, InvalidClaim) as error:
        raise _failure(error.message) from error
    after = _read(result, media_type)
    if not _is_bare(after):
        raise _failure(after.problem or "it is still there")
    if media_type.startswith(_PACKAGES):
        left = before.store is not None and before.store.data in result
    else:
        left = holds_store(result)
    if left:
        raise _failure("its bytes are still in the file")
    return result


def _read(data: bytes, media_type: str) -> Reading:
    return reader.read(io.BytesIO(data), media_type, trust=Trust(), keep=reader.Keep.STORE)


def _is_bare(reading: Reading) -> bool:
    return reading.store is None and reading.problem is None


def _remove(data: bytes, media_type: str, *, signer: Signer) -> bytes:
    remover = _REMOVERS.get(media_type)
    if remover is not None:
        return remover(data)
    if media_type.startswith(_ZIPPED):
        return zipped.remove(data)
    result = blank.removed(data, media_type, signer=signer)
    if media_type == "audio/flac":
        # Before the store came, the file had no such tag: FLAC keeps its own.
        return result.removeprefix(_EMPTY_ID3)
    return result


def _failure(reason: str) -> ManifestError:
    return ManifestError(
        f"the manifest store could not be removed and nothing was changed: {reason}",
        hint="the file may be damaged; saving it anew with an editor drops the credentials",
    )
