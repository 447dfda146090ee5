"""Write a pack: the same members at the same time give the same bytes."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from provenance import codec
from provenance.errors import EvidenceError
from provenance.evidence.form import CONTENTS, SIGNATURE, STAMP, Member
from provenance.evidence.layout import entry, require_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from provenance.evidence.form import Contents


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """The media file as a member: it may be too large to hold."""

    name: str
    open: Callable[[], BinaryIO]
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What vouches for a pack, over `pack.json` as it was written."""

    signature: bytes | None = None
    stamp: bytes | None = None


def members_of(parts: Mapping[str, bytes], asset: Asset | None) -> tuple[Member, ...]:
    """List members with their digests: the asset first, then the parts in their order."""
    first = [Member(name=asset.name, size=asset.size, sha256=asset.sha256)] if asset else []
    rest = [Member(name=name, size=len(data), sha256=hashlib.sha256(data).hexdigest()) for name, data in parts.items()]
    return (*first, *rest)


def written(contents: Contents) -> bytes:
    """Write `pack.json`."""
    return f"{codec.to_json(contents)}\n".encode()


def write(
    stream: BinaryIO, contents: Contents, parts: Mapping[str, bytes], *, asset: Asset | None, sealed: Sealed
) -> None:
    """Write a pack of these contents; the stream must be one that can be sought in.

    Raises `EvidenceError` when the asset is not what its digest says any more, or the clock is not set.
    """
    require_time(contents.at)
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, data in _small(contents, parts, sealed):
            archive.writestr(entry(name, len(data), at=contents.at), data)
        if asset is not None:
            _copy(archive, asset, at=contents.at)


def _small(contents: Contents, parts: Mapping[str, bytes], sealed: Sealed) -> Iterator[tuple[str, bytes]]:
    yield CONTENTS, written(contents)
    yield from parts.items()
    if sealed.signature is not None:
        yield SIGNATURE, sealed.signature
    if sealed.stamp is not None:
        yield STAMP, sealed.stamp


def _copy(archive: zipfile.ZipFile, asset: Asset, *, at: datetime) -> None:
    digest, size = hashlib.sha256(), 0
    with asset.open() as source, archive.open(entry(asset.name, asset.size, at=at), "w") as target:
        while piece := source.read(1 << 20):
            digest.update(piece)
            size += len(piece)
            if size > asset.size:
                break
            target.write(piece)
    if (size, digest.hexdigest()) != (asset.size, asset.sha256):
        raise EvidenceError("was changed while it was being packed", hint="try again when nothing writes to it")
