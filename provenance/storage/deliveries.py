"""Put a local file into an object store, whole or not at all."""

from __future__ import annotations

import mmap
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from provenance.errors import OutputExists, ProvenanceError, StoreError, TooLarge, UnreadableMedia
from provenance.storage.addresses import Address, read_object, shown
from provenance.storage.clients import PARTS, PATIENCE, PIECE, Patience, client
from provenance.storage.refusals import CONFLICT, SURE, answered, asking, judge
from provenance.storage.versions import entry, entry_of, version_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from obstore import Attributes, PutResult

    from provenance.storage.clients import Store
    from provenance.storage.entries import Entry

MARK: Final = "delivery"
"""Metadata of every delivered object: a random number that tells our upload from anybody else's."""
LARGEST_NEW: Final[Mapping[str, int]] = {"s3": 5 << 30, "gs": 5 << 40, "az": 5000 << 20}
"""Bytes that each vendor takes in one request, the only kind that obstore can make conditional."""
MOST_PARTS: Final = 9000
"""S3 and Google take 10,000 parts, Azure 50,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Upload:
    """One file on its way to one key."""

    source: Path
    size: int
    place: Address
    overwrite: bool
    media_type: str
    token: str
    patience: Patience

    @property
    def attributes(self) -> Attributes:
        return {"Content-Type": self.media_type, MARK: self.token}

    @property
    def part(self) -> int:
        """Bytes of a part, where it goes in parts."""
        return max(PIECE, -(-self.size // MOST_PARTS))


def deliver(
    source: Path, address: str, *, overwrite: bool, media_type: str | None = None, patience: Patience = PATIENCE
) -> Entry:
    """Upload a local file, whole or not at all; the file must not change meanwhile.

    Without `overwrite` it goes in one request that the store carries out only if there is no such object, whoever
    else tries at the same time. With it, larger files go in parts that become an object at the end. Either way the
    file is mapped or read in pieces, not held in memory. When no answer comes back the store is asked whether the
    object is ours (`MARK`), so that it is not said to have failed, or to be somebody else's, when it arrived.
    After a kill a single request has done nothing or all of it; parts leave an upload that never becomes an object
    and that only a lifecycle rule of the bucket clears away, since nobody is left who could.
    Raises `OutputExists`, `TooLarge` (new objects: `LARGEST_NEW`), `UnreadableMedia` for the source, `StoreError`.
    """
    place = read_object(address)
    size = _size(source)
    if not overwrite and size > LARGEST_NEW[place.scheme]:
        raise TooLarge(
            f"has {size} bytes, and in this store a new object that must not replace another has at most "
            f"{LARGEST_NEW[place.scheme]}",
            path=source,
            hint="overwriting (--force) sends it in parts, without this limit",
        )
    return _send(
        _Upload(
            source=source,
            size=size,
            place=place,
            overwrite=overwrite,
            media_type=media_type or "application/octet-stream",
            token=secrets.token_hex(16),
            patience=patience,
        )
    )


def _size(source: Path) -> int:
    try:
        with source.open("rb") as stream:
            return stream.seek(0, 2)
    except OSError as error:
        raise _unreadable(source, error) from error


def _send(upload: _Upload) -> Entry:
    parted = upload.overwrite and upload.size > PIECE
    store = client(upload.place, upload.patience, sending=upload.part * PARTS if parted else max(upload.size, 1))
    from obstore.exceptions import AlreadyExistsError, BaseError  # noqa: PLC0415 -- only where objects are used

    data = None if parted else _mapped(upload.source)
    try:
        result = _in_parts(upload, store) if data is None else _at_once(upload, store, data)
    except (BaseError, OSError, ValueError) as error:
        refused: ProvenanceError = answered(error, upload.place)
        if isinstance(error, AlreadyExistsError) and not upload.overwrite:
            refused = OutputExists("exists already", path=shown(str(upload.place)), hint="overwrite it with --force")
        elif judge(error) in SURE:
            raise refused from None
        return _settled(upload, refused)
    tag = version_of(result["e_tag"], result["version"])
    return entry_of(upload.place, size=upload.size, version=tag) if tag else _looked_at(upload)[0]


def _mapped(source: Path) -> bytes | mmap.mmap:
    """Give the bytes of a file; the system reads them from the disk while they are sent."""
    try:
        with source.open("rb") as stream:
            if stream.seek(0, 2) <= PIECE:
                stream.seek(0)
                return stream.read()
            return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise _unreadable(source, error) from error


def _at_once(upload: _Upload, store: Store, data: bytes | mmap.mmap) -> PutResult:
    import obstore  # noqa: PLC0415 -- only where objects are used

    return obstore.put(
        store,
        upload.place.key,
        data,
        mode="overwrite" if upload.overwrite else "create",
        use_multipart=False,
        attributes=upload.attributes,
    )


def _in_parts(upload: _Upload, store: Store) -> PutResult:
    import obstore  # noqa: PLC0415 -- only where objects are used

    return obstore.put(
        store,
        upload.place.key,
        upload.source,
        use_multipart=True,
        chunk_size=upload.part,
        max_concurrency=PARTS,
        attributes=upload.attributes,
    )


def _settled(upload: _Upload, refused: ProvenanceError) -> Entry:
    """Find out, after a failure, whether the object is there and ours all the same; raise the failure when not."""
    try:
        found, mark = _looked_at(upload)
    except UnreadableMedia:
        if isinstance(refused, OutputExists):
            refused = StoreError(CONFLICT.says, path=refused.path, hint=CONFLICT.hint)
        raise refused from None
    except ProvenanceError:
        if not isinstance(refused, OutputExists):
            refused.message += "; whether it arrived is not known"
        raise refused from None
    if mark == upload.token:
        return found
    raise refused


def _looked_at(upload: _Upload) -> tuple[Entry, str | None]:
    import obstore  # noqa: PLC0415 -- only where objects are used

    store = client(upload.place, upload.patience)
    with asking(upload.place):
        answer = obstore.get(store, upload.place.key, options={"head": True})
        return entry(upload.place, answer.meta), answer.attributes.get(MARK)


def _unreadable(source: Path, error: OSError | ValueError) -> UnreadableMedia:
    reason = error.strerror if isinstance(error, OSError) else None
    return UnreadableMedia(f"cannot be read: {reason or error}", path=source)
