"""Search a file that is about to be delivered for what was to go: metadata, manifests, pictures, bytes."""

from __future__ import annotations

import mmap
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from provenance.claims.leaks import Spot, leaks, spots_of_store
from provenance.claims.redact import described, parents
from provenance.metadata.dimensions import dimensions
from provenance.metadata.passages import passages
from provenance.metadata.read import WITHIN
from provenance.metadata.tags import PREVIEW
from provenance.model.redaction import Hiding
from provenance.storage.sources import IN_MEMORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from provenance.claims.leaks import Wanted
    from provenance.metadata.passages import Passage
    from provenance.model.manifest import ManifestStore
    from provenance.model.redaction import Content, Leak

_ADDRESS = "dcterms:provenance"
_CROPPED = "c2pa.cropped"
_AROUND = 12
"""Bytes before or behind a value by which it is recognised as the one in the manifest store."""
_TOLERANCE = 0.03
"""How much the proportions of a thumbnail may differ from its picture's: they are rounded to whole pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A file as it would be delivered."""

    data: bytes | mmap.mmap
    media_type: str
    store: ManifestStore
    """With its bytes."""
    contents: tuple[Content, ...]
    new: str | None = None
    """Label of the manifest that tells of the redaction, if it is there already."""


@contextmanager
def viewing(stream: BinaryIO) -> Iterator[bytes | mmap.mmap]:
    """Give what was written to a stream, in memory unless it is very large."""
    size = stream.seek(0, 2)
    stream.seek(0)
    if size <= IN_MEMORY:
        yield stream.read()
    else:
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            yield mapped


def described_by(data: bytes | mmap.mmap, media_type: str) -> tuple[Passage, ...]:
    """Return what the metadata of a file says; of a very large one, what stands near its beginning."""
    return passages(_head(data), media_type)


def _head(data: bytes | mmap.mmap) -> bytes:
    return data if isinstance(data, bytes) else data[:WITHIN]


def search(file: Finished, wanted: Wanted, *, narrowed: bool, uncropped: bool) -> tuple[Leak, ...]:
    """Return every place in a file that still tells what was to go.

    `narrowed` says that only some manifests were asked to give it away, `uncropped` that pictures of more than the
    file shows are leaks as well.
    """
    found = described_by(file.data, file.media_type)
    spots = [
        *_of_metadata(found),
        *spots_of_store(file.store, file.contents, narrowed=narrowed, new=file.new),
        *_of_thumbnails(file, narrowed=narrowed),
    ]
    more = [*_addresses(found), *_among_bytes(file, wanted, found)]
    if uncropped:
        more += _showing_more(file)
        named = any(one.covers(PREVIEW) for one in wanted.fields)
        more += [] if named else _older_previews(file, found)
    return tuple(dict.fromkeys((*leaks(wanted, spots), *more)))


def _of_metadata(found: Sequence[Passage]) -> Iterator[Spot]:
    words = {"exif": "the EXIF", "xmp": "the XMP", "iptc": "the IPTC", "text": "a text chunk", "place": "the metadata"}
    for item in found:
        yield Spot(
            hiding=Hiding(item.source), where=f"{words[item.source]} of the file", texts=item.said, raw=item.raw,
            by_name=True,
        )  # fmt: skip


def _of_thumbnails(file: Finished, *, narrowed: bool) -> Iterator[Spot]:
    """Look at what pictures in the manifests say about themselves."""
    for item in file.contents:
        for passage in passages(item.data, item.media_type) if item.media_type else ():
            where = f"the metadata of {item.label} of {described(file.store.manifests.get(item.manifest))}"
            yield Spot(hiding=Hiding.THUMBNAIL, where=where, texts=passage.said, by_name=not narrowed)


def _addresses(found: Sequence[Passage]) -> Iterator[Leak]:
    """Find addresses in the XMP: they lead to manifests that nobody here has changed."""
    for item in found:
        for path, text in item.said:
            if path[-1] == _ADDRESS and text.lower().startswith(("http:", "https:")):
                yield Spot(hiding=Hiding.REMOTE, where="a manifest that is kept elsewhere").leak(text)


def _among_bytes(file: Finished, wanted: Wanted, found: Sequence[Passage]) -> Iterator[Leak]:
    """Search the bytes outside of what was looked at by its structure."""
    spans = [span for item in found for span in item.spans]
    told = set()
    for form, needle in wanted.raw.items():
        at = file.data.find(form)
        while at >= 0 and needle not in told:
            inside = any(start <= at and at + len(form) <= end for start, end in spans)
            if not inside and not _in_store(file, at, len(form)):
                told.add(needle)
                yield Spot(hiding=Hiding.BYTES, where=f"the bytes of the file, at {at}").leak(needle.value.text)
            at = file.data.find(form, at + 1)


def _in_store(file: Finished, at: int, size: int) -> bool:
    """Say whether bytes of the file are bytes of its manifest store, which is searched by itself."""
    before, behind = file.data[max(at - _AROUND, 0) : at + size], file.data[at : at + size + _AROUND]
    return before in file.store.data or behind in file.store.data


def _showing_more(file: Finished) -> Iterator[Leak]:
    """Find small pictures that show what the file itself does not show any more."""
    below, croppers = _before_cropping(file)
    line = parents(file.store)
    shape = _shape(_head(file.data))
    for item in file.contents:
        if not item.label.startswith("c2pa.thumbnail."):
            continue
        of = described(file.store.manifests.get(item.manifest))
        before = item.label.startswith("c2pa.thumbnail.ingredient") and item.manifest in croppers
        other = item.manifest in line and "claim" in item.label and _differ(shape, _shape(item.data))
        older = item.manifest in below or before
        if older or other:
            what = "older than a cropping" if older else "shaped otherwise than the file"
            yield Spot(hiding=Hiding.THUMBNAIL, where=f"the picture {item.label} of {of}").leak(
                f"what the file does not show any more: it is {what}"
            )


def _older_previews(file: Finished, found: Sequence[Passage]) -> Iterator[Leak]:
    _, croppers = _before_cropping(file)
    if croppers and any(path[-1] == PREVIEW for item in found for path, _ in item.said):
        spot = Spot(hiding=Hiding.THUMBNAIL, where="the preview in the EXIF", remedy="--field thumbnail --erase")
        yield spot.leak("what the file may not show any more: the history has a cropping")


def _before_cropping(file: Finished) -> tuple[set[str], set[str]]:
    """Return the manifests that went into a cropped picture, and those that say that it was cropped."""
    manifests = file.store.manifests
    croppers = {label for label, item in manifests.items() if any(one.name == _CROPPED for one in item.actions)}
    below: set[str] = set()
    waiting = [item.manifest for label in croppers for item in manifests[label].ingredients]
    while waiting:
        label = waiting.pop()
        if label is not None and label in manifests and label not in below:
            below.add(label)
            waiting += [item.manifest for item in manifests[label].ingredients]
    return below, croppers


def _shape(picture: bytes) -> float | None:
    size = dimensions(picture)
    return None if size is None else max(size) / min(size)


def _differ(one: float | None, other: float | None) -> bool:
    """Compare proportions, whichever way up the pictures stand."""
    return one is not None and other is not None and abs(one - other) > _TOLERANCE * max(one, other)
