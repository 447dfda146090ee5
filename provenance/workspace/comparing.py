"""Compare two files by their credentials and by their pictures, or one with the thumbnails that its manifests keep."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.history import trace
from provenance.history.compare import Told
from provenance.history.compare import compare as compare_histories
from provenance.manifests.containers import jumbf
from provenance.manifests.reader import Keep
from provenance.model.comparison import Looked, Relation, Side
from provenance.model.facets import Content
from provenance.storage import open_source
from provenance.workspace.beside import Picture, look, picture_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.comparison import Comparison
    from provenance.model.history import Edit, History
    from provenance.model.manifest import ManifestStore
    from provenance.model.verdict import Inspection
    from provenance.storage import Readable
    from provenance.workspace.core import Workspace

_KEPT = Keep.STORE | Keep.THUMBNAILS
_SIGNATURE = "c2pa.signature"
_NO_THUMBNAIL = "there is no thumbnail in its history"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two files side by side, or one alone with what its manifests keep."""

    one: Inspection
    other: Inspection | None
    comparison: Comparison | None
    """`None` for one file alone."""
    looked: tuple[Looked, ...]


def compare(
    space: Workspace, one: Readable, other: Readable, *, online: bool = False, thumbnails: bool = False
) -> Compared:
    """Compare two files; with `thumbnails`, the first also with those in its own history.

    `online` allows fetching remote manifests. Raises `MediaError` for a file that cannot be read or carries nothing.
    """
    first, second = (space.inspect(item, online=online, keep=_KEPT) for item in (one, other))
    comparison = compare_histories(_told(first), _told(second))
    pictures = {
        Side.ONE: picture_of(Side.ONE, open_source(one), first.media.media_type),
        Side.OTHER: picture_of(Side.OTHER, open_source(other), second.media.media_type),
    }
    older = _older(comparison, first)
    newer = Side.OTHER if older is Side.ONE else Side.ONE
    looked = [look(pictures[newer], pictures[older])]
    if thumbnails:
        looked += _against_thumbnails(pictures[Side.ONE], first)
    return Compared(one=first, other=second, comparison=comparison, looked=tuple(looked))


def compare_alone(space: Workspace, source: Readable, *, online: bool = False) -> Compared:
    """Compare a file with the thumbnails in its own history: of itself as it was signed, and of what it was made from.

    Raises as `compare` does.
    """
    found = space.inspect(source, online=online, keep=_KEPT)
    looked = _against_thumbnails(picture_of("the file", open_source(source), found.media.media_type), found)
    return Compared(one=found, other=None, comparison=None, looked=tuple(looked))


def _told(found: Inspection) -> Told:
    if found.store is None:
        return Told(store=None, why_not=found.facets.credential.reason)
    return Told(store=found.store, seals=_seals(found.store.data))


def _seals(store: bytes) -> dict[str, str]:
    """Return a digest of each manifest's signature; a label that stands there more than once proves nothing."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    try:
        for path, boxes in jumbf.leaves(store):
            if path[2:] == (_SIGNATURE,):
                (twice if path[1] in found else set()).add(path[1])
                data = b"".join(store[start:end] for _, start, end in boxes)
                found[path[1]] = hashlib.sha256(data).hexdigest()
    except ValueError:
        return {}
    return {label: seal for label, seal in found.items() if label not in twice}


def _older(comparison: Comparison, first: Inspection) -> Side:
    """Say which is the older one: by their histories, else the one that was named first."""
    if comparison.made_from is not None:
        return comparison.made_from
    changed = comparison.relation is Relation.SAME and first.facets.content.state is Content.CHANGED
    return Side.OTHER if changed else Side.ONE


def _against_thumbnails(picture: Picture, found: Inspection) -> Iterator[Looked]:
    """Look at a file beside its own thumbnail, and beside that of what it was made from."""
    store = found.store
    if store is None:
        yield Looked(newer=picture.name, older="a thumbnail", difference=None, why_not=found.facets.credential.reason)
        return
    history = trace(store)
    line = (history.edit(label) for label in history.line)
    kept = [item for item in line if item.thumbnail in store.thumbnails]
    for item in kept[:2] if kept and kept[0].id == history.head else kept[:1]:
        older = Picture(name=_named(item, history), data=store.thumbnails[str(item.thumbnail)])
        yield look(picture, older, is_thumbnail=True, notes=tuple(_doubts(store, item)))
    if not kept:
        yield Looked(newer=picture.name, older="a thumbnail", difference=None, why_not=_NO_THUMBNAIL)


def _named(edit: Edit, history: History) -> str:
    if edit.id == history.head:
        return "the thumbnail in its own manifest"
    return f"the thumbnail of {edit.title or 'a file without a name'}, which it was made from"


def _doubts(store: ManifestStore, edit: Edit) -> Iterator[str]:
    """Say how far a thumbnail can be relied on: its signer may have chosen any, and others may have changed it."""
    if not _is_signed(store, str(edit.thumbnail)):
        yield "whether this thumbnail is the one that was signed is not certain"
    yield "thumbnails are what signers chose to keep, and small: what is finer than they show is not compared"


def _is_signed(store: ManifestStore, uri: str) -> bool:
    """Say whether somebody found that a thumbnail is what a manifest says, and that manifest is signed."""
    told = [*store.statuses, *store.deltas]
    told += [status for item in store.manifests.values() for part in item.ingredients for status in part.statuses]
    about = {item.code for item in told if item.uri == uri}
    manifest = uri.split("/c2pa.assertions/", maxsplit=1)[0]
    signed = any(item.code == "claimSignature.validated" and item.uri.startswith(f"{manifest}/") for item in told)
    return signed and "assertion.hashedURI.match" in about and "assertion.hashedURI.mismatch" not in about
