"""Sign renditions: what a publisher's own tools have made of a signed master gets its credentials.

The master is looked at once. For each rendition, what was done is found by types and sizes (`claims.derived`); the rest
is an edit whose parent is the master.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from provenance import signing
from provenance.claims import DerivingOptions, Form, steps
from provenance.errors import BrokenSource, InvalidClaim, ManifestError, about
from provenance.manifests import sniff
from provenance.manifests.contents import contents
from provenance.model.claim import Carrier
from provenance.model.record import Operation
from provenance.signing import Past
from provenance.storage import open_source, same_bytes
from provenance.workspace.cataloguing import kept
from provenance.workspace.forms import form_of
from provenance.workspace.moving import without_store
from provenance.workspace.sealing import Terms, carry_out, seal_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from provenance.model.manifest import ManifestStore, Signed
    from provenance.model.ports import Signer
    from provenance.storage import Readable, Source
    from provenance.workspace.core import Workspace

_THUMBNAIL = "c2pa.thumbnail."


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """A signed file, looked at once for all of its renditions."""

    past: Past
    form: Form
    thumbnails: int
    """Bytes of those in its history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How renditions of one master are signed."""

    master: Master
    options: DerivingOptions
    signer: Signer | str | None
    overwrite: bool


def master(space: Workspace, source: Readable | Master, *, online: bool = False) -> Master:
    """Look at a master; see `Workspace.master`."""
    if isinstance(source, Master):
        return source
    given = open_source(source).held()
    try:
        found = signing.look(given, trust=space.trust, remote=space.manifest_source if online else None)
    except BrokenSource as error:
        error.hint = "only an intact master can pass its credentials on: use an intact original"
        raise
    if found.store is None:
        raise ManifestError(
            "has no Content Credentials to pass on",
            path=given.name,
            hint="sign it first: provenance sign; or sign the rendition alone: sign --as edit --parent",
        )
    return Master(
        past=Past(source=given, found=found),
        form=form_of(given, found.media.media_type),
        thumbnails=_thumbnails(found.store),
    )


def derive(space: Workspace, order: Order, rendition: Readable, output: str | Path | None) -> Signed:
    """Sign a rendition; see `Workspace.derive`."""
    origin = order.master
    asset = open_source(rendition).held()
    form = form_of(asset, sniff.detect(asset.head(sniff.HEAD), asset.name).media_type)
    _refuse_master(asset, form, origin)
    with about(asset.name):
        wanted = order.options.signing(steps(origin.form, form, said=order.options.actions))
    seal = seal_of(space, wanted, order.signer)
    terms = Terms(options=wanted, seal=seal, overwrite=order.overwrite, past=origin.past)
    signed = kept(space, carry_out(space, asset, output, terms), asset, operation=Operation.DERIVED)
    return replace(signed, notes=(*signed.notes, *_notes(order, form, asset)))


def _refuse_master(asset: Source, form: Form, origin: Master) -> None:
    """See that something was done: neither the master itself nor the same without its credentials is a rendition."""
    source, found = origin.past.source, origin.past.found
    what = None
    if _is_same(asset, source):
        what = "is the master itself, byte for byte"
    elif form == origin.form and found.carrier is Carrier.EMBEDDED and found.media.strip and source.data is not None:
        what = "is the master without its credentials" if _is_same(asset, without_store(source, found.media)) else None
    if what is not None:
        raise InvalidClaim(
            f"{what}: nothing was derived",
            path=asset.name,
            hint="copy the master instead: its credentials fit the copy",
        )


def _is_same(one: Source, other: Source) -> bool:
    if one.size != other.size:
        return False
    with one.stream() as ours, other.stream() as theirs:
        return same_bytes(ours, theirs)


def _thumbnails(store: ManifestStore) -> int:
    try:
        return sum(len(item.data) for item in contents(store.data) if item.label.startswith(_THUMBNAIL))
    except ManifestError:
        return 0  # compressed: what is in it is not weighed


def _notes(order: Order, form: Form, asset: Source) -> Iterator[str]:
    """Say what was not compared, and where thumbnails weigh more than the rendition."""
    master = order.master
    if None in (master.form.size, form.size) and form.media_type.startswith(("image/", "video/")):
        yield "its size was not compared with the master's: no resizing is stated"
    if master.thumbnails > asset.size and not order.options.drop_thumbnails:
        yield (
            f"thumbnails in the master's history ({master.thumbnails / 1000:.0f} kB) weigh more than the rendition:"
            " --drop-thumbnails redacts them; a master that is signed with --thumbnail none has none"
        )
