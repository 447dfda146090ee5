"""Objects in S3, Google Cloud Storage and Azure Blob Storage: found, looked at, fetched, delivered and removed.

Addresses are `s3://bucket/key`, `gs://bucket/key` and `az://container/key` (`addresses`). All of it needs the extra
`objects`; credentials and endpoints come from each vendor's usual environment variables (`clients`). Every function
raises `SettingsError` for an address that cannot be used, and `StoreError` when the store cannot be reached or refuses.
"""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import TYPE_CHECKING

from provenance.errors import OutputError, StoreError, TooLarge, UnreadableMedia
from provenance.storage.addresses import Address, is_object, read_address, read_object, shown
from provenance.storage.clients import PATIENCE, PIECE, Patience, client
from provenance.storage.deliveries import deliver
from provenance.storage.entries import Entry
from provenance.storage.refusals import DENIED, asking, judge, refusal
from provenance.storage.versions import entry, entry_of, version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from obstore import GetOptions, GetResult, ObjectMeta

__all__ = ["Entry", "Patience", "deliver", "fetch", "is_object", "remove", "stat", "walk"]

_PAGE = 1000
_CHUNK = 1024 * 1024


def walk(address: str, *, recursive: bool = True, patience: Patience = PATIENCE) -> Iterator[Entry]:
    """Find the objects below a prefix, page by page; an address that is itself an object gives that one.

    `photos` and `photos/` find `photos/a.jpg`, never `photos-old/a.jpg`. Markers of folders (empty objects whose key
    ends with `/`) are passed over. Without `recursive` deeper objects are left out, but their pages are still read.
    Raises `UnreadableMedia` when there is nothing at all, and `StoreError` on coming to a page with a key that cannot
    be worked with (`//`, a part `.` or `..`, control characters). A leading slash is lost in listings: fetching such
    an object says that there is none.
    """
    return _walk(read_address(address), recursive=recursive, patience=patience)


def stat(address: str, *, patience: Patience = PATIENCE) -> Entry | None:
    """Look at one object; None when there is no such object."""
    place = read_object(address)
    meta = _head(place, patience)
    if meta is None:
        _confirm_bucket(place.at(""), patience)
        return None
    return entry(place, meta)


def fetch(address: str, target: Path, *, largest: int | None = None, patience: Patience = PATIENCE) -> Entry:
    """Copy an object into a local file, which appears, or is replaced, when all of it is there.

    The entry is of exactly the version that was read: pieces are asked for under its etag. `largest` is in bytes.
    Raises `UnreadableMedia` for what is missing, empty or changed meanwhile, `TooLarge`, `OutputError` for the file.
    """
    place = read_object(address)
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as stream:
            found = _pour(place, stream, largest=largest, patience=patience)
        part.replace(target)
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror or error}", path=target) from error
    finally:
        part.unlink(missing_ok=True)
    return found


def remove(address: str, *, patience: Patience = PATIENCE) -> None:
    """Remove an object; nothing happens when there is none."""
    place = read_object(address)
    store = client(place, patience)
    import obstore  # noqa: PLC0415 -- only where objects are used

    try:
        with asking(place):
            obstore.delete(store, place.key)
    except UnreadableMedia:
        _confirm_bucket(place.at(""), patience)


def _walk(place: Address, *, recursive: bool, patience: Patience) -> Iterator[Entry]:
    found = None if place.is_folder else _head(place, patience)
    if found is not None:
        yield entry(place, found)
        return
    folder = place.at(f"{place.key.removesuffix('/')}/" if place.key else "")
    nothing = True
    for meta in _listed(folder, patience):
        nothing = False
        relative = meta["path"].removeprefix(folder.key)
        at = place.at(meta["path"])
        outside = not meta["path"].startswith(folder.key) or (not recursive and "/" in relative)
        if outside or (meta["size"] == 0 and _head(at, patience) is None):
            continue
        yield entry_of(at, size=meta["size"], version=version(meta), relative=relative)
    if nothing:
        raise UnreadableMedia("there are no objects here", path=shown(str(place)), hint="check the bucket and the key")


def _listed(folder: Address, patience: Patience) -> Iterator[ObjectMeta]:
    store = client(folder, patience)
    import obstore  # noqa: PLC0415 -- only where objects are used

    with asking(folder):
        pages = iter(obstore.list(store, folder.key or None, chunk_size=_PAGE))
    while True:
        with asking(folder):
            page = next(pages, None)
        if page is None:
            return
        yield from page


def _head(place: Address, patience: Patience) -> ObjectMeta | None:
    """Look at one object. A marker of a folder is none: obstore asks for its key without the slash."""
    store = client(place, patience)
    import obstore  # noqa: PLC0415 -- only where objects are used

    try:
        with asking(place):
            return obstore.head(store, place.key)
    except UnreadableMedia:
        return None


@lru_cache(maxsize=256)
def _confirm_bucket(bucket: Address, patience: Patience) -> None:
    """Raise `StoreError` when there is no such bucket: looking at one object does not tell it from a missing key."""
    store = client(bucket, patience)
    import obstore  # noqa: PLC0415 -- only where objects are used
    from obstore.exceptions import BaseError, InvalidPathError  # noqa: PLC0415 -- as above

    try:
        next(iter(obstore.list(store, chunk_size=1)), None)
    except InvalidPathError:
        return
    except (BaseError, OSError) as error:
        if judge(error) is not DENIED:  # whoever may not list may still read
            raise refusal(error, bucket) from None


def _pour(place: Address, stream: BinaryIO, *, largest: int | None, patience: Patience) -> Entry:
    """Copy an object piece by piece into a stream, all pieces from the same version."""
    first, done = None, 0
    while first is None or done < first["size"]:
        answer = _piece(place, done, first, patience)
        if first is None:
            first = _accepted(place, answer.meta, largest)
        elif version(answer.meta) != version(first):
            raise UnreadableMedia("was changed while it was read", path=shown(str(place)), hint="try again")
        for chunk in _chunks(place, answer):
            stream.write(chunk)
            done += len(chunk)
        if done != min(answer.range[1], first["size"]):
            raise StoreError("the store has sent only a part of it", path=shown(str(place)), hint="try again")
    return entry(place, first)


def _piece(place: Address, start: int, first: ObjectMeta | None, patience: Patience) -> GetResult:
    store = client(place, patience)
    import obstore  # noqa: PLC0415 -- only where objects are used

    options: GetOptions = {"range": (start, start + PIECE)}
    if first is not None and first["e_tag"]:
        options["if_match"] = first["e_tag"]
    with asking(place):
        return obstore.get(store, place.key, options=options)


def _accepted(place: Address, meta: ObjectMeta, largest: int | None) -> ObjectMeta:
    if meta["size"] == 0:
        raise UnreadableMedia("is empty", path=shown(str(place)), hint="was it copied completely?")
    if largest is not None and meta["size"] > largest:
        raise TooLarge(f"has {meta['size']} bytes, and {largest} are allowed", path=shown(str(place)))
    return meta


def _chunks(place: Address, answer: GetResult) -> Iterator[bytes]:
    with asking(place):
        chunks = iter(answer.stream(min_chunk_size=_CHUNK))
    while True:
        with asking(place):
            chunk = next(chunks, None)
        if chunk is None:
            return
        yield chunk
