"""Look for credentials where the standard says: embedded, then a sidecar, then the address in the XMP.

(C2PA 2.4, locating manifests; HTTP `Link` headers do not apply to local files.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from provenance.errors import FetchError
from provenance.manifests import reader
from provenance.manifests.reader import Keep, Reading
from provenance.model.claim import Carrier

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from provenance.model.ports import ManifestSource
    from provenance.model.trust import Trust

SIDECAR_LIMIT = 256 * 1024 * 1024
"""Bytes; a manifest store larger than this is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """The first place that held anything, and what it held."""

    reading: Reading
    carrier: Carrier | None = None
    found_in: str | None = None
    """The file or the address."""


def sidecars(path: Path) -> tuple[Path, ...]:
    """Name the sidecars of a file in the order in which they are looked for."""
    return (path.with_name(f"{path.name}.c2pa"), path.with_suffix(".c2pa"))


def locate(
    open_stream: Callable[[], BinaryIO],
    media_type: str,
    *,
    path: Path | None,
    trust: Trust,
    remote: ManifestSource | None = None,
    keep: Keep = Keep.NOTHING,
) -> Located:
    """Find and read the credentials of a file.

    `path` lets sidecars be looked for; without `remote` nothing is fetched and an address found stays a fact.
    """
    with open_stream() as stream:
        embedded = reader.read(stream, media_type, trust=trust, keep=keep)
    if embedded.store is not None or embedded.problem is not None:
        return Located(reading=embedded, carrier=Carrier.EMBEDDED, found_in=None if path is None else str(path))
    beside = next((item for item in sidecars(path) if item.is_file()), None) if path else None
    if beside is not None:
        reading = _beside(beside, open_stream, media_type, trust=trust, keep=keep)
        return Located(reading=reading, carrier=Carrier.SIDECAR, found_in=str(beside))
    if embedded.remote_url is None:
        return Located(reading=embedded)
    reading = embedded
    if remote is not None:
        reading = _fetched(embedded.remote_url, remote, open_stream, media_type, trust=trust, keep=keep)
    return Located(reading=reading, carrier=Carrier.REMOTE, found_in=embedded.remote_url)


def _beside(
    sidecar: Path, open_stream: Callable[[], BinaryIO], media_type: str, *, trust: Trust, keep: Keep
) -> Reading:
    try:
        if sidecar.stat().st_size > SIDECAR_LIMIT:
            return Reading(problem=f"the sidecar is larger than {SIDECAR_LIMIT >> 20} MB")
        manifest = sidecar.read_bytes()
    except OSError as error:
        return Reading(problem=f"the sidecar cannot be read: {error.strerror or error}")
    return _against(manifest, open_stream, media_type, trust=trust, keep=keep)


def _fetched(
    url: str,
    remote: ManifestSource,
    open_stream: Callable[[], BinaryIO],
    media_type: str,
    *,
    trust: Trust,
    keep: Keep,
) -> Reading:
    try:
        manifest = remote.fetch(url)
    except FetchError as error:
        return Reading(remote_url=url, problem=f"the remote manifest was not fetched: {error.message}")
    return _against(manifest, open_stream, media_type, trust=trust, keep=keep)


def _against(
    manifest: bytes, open_stream: Callable[[], BinaryIO], media_type: str, *, trust: Trust, keep: Keep
) -> Reading:
    """Check a manifest store that was kept elsewhere against the file."""
    if not manifest:
        return Reading(problem="the manifest store is empty")
    with open_stream() as stream:
        found = reader.read(stream, media_type, trust=trust, manifest=manifest, keep=keep)
    if found.store is None and found.problem is None:
        return Reading(problem="holds no manifest store")
    return found
