"""Keep what was signed in the catalogue, where there is one.

A signing is worth nothing less when its record cannot be written: the record then waits beside the database, and is
entered with the next one that can be.
"""

from __future__ import annotations

import getpass
import hashlib
import io
import socket
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from provenance.errors import CatalogueUnavailable, ManifestError
from provenance.manifests import cose
from provenance.manifests.contents import contents
from provenance.metadata.stated import read_stated
from provenance.model.claim import Carrier
from provenance.model.record import Described, Parent, Record, Recording, new_id
from provenance.model.updates import own_manifests
from provenance.storage import open_source
from provenance.workspace.forms import form_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from provenance.model.manifest import ManifestStore, Signed
    from provenance.model.media import Metadata
    from provenance.model.record import Operation
    from provenance.storage import Source
    from provenance.workspace.opened import Opened

_HARD_BINDING: Final = "c2pa.hash.data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What is known of a signing beside its result."""

    operation: Operation
    source: str | None
    """SHA-256 of the file before it was signed."""
    written_to: str | None
    """Path or address of the result."""


def kept(space: Opened, signed: Signed, given: Source, *, operation: Operation, source: str | None) -> Signed:
    """Enter one signing into the catalogue, if one is kept; what could not be entered yet is said in its notes.

    `given` is what was signed, `source` its SHA-256. Raises `CatalogueError` for a catalogue that must be seen to.
    """
    if not space.keeps_catalogue:
        return signed
    place = signed.path or given.path
    made = Made(operation=operation, source=source, written_to=None if place is None else str(place.absolute()))
    waiting = enter(space, [recording(space, signed, _result(signed, given), made)])
    return signed if waiting is None else replace(signed, notes=(*signed.notes, waiting))


def enter(space: Opened, recordings: Sequence[Recording]) -> str | None:
    """Enter recordings, or have them wait until the catalogue can be written; returns a note where they wait.

    Raises `CatalogueError` for a catalogue that must be seen to.
    """
    if not recordings:
        return None
    try:
        space.catalogue.add(recordings)
        space.spool.deliver(space.catalogue)
    except CatalogueUnavailable as error:
        space.spool.keep(recordings)
        return f"not in the catalogue yet ({error.message}): kept, and entered with the next signing"
    return None


def recording(space: Opened, signed: Signed, result: Source, made: Made) -> Recording:
    """Say what is kept of a signing; `result` is the file that its manifest is about."""
    store = signed.store
    active = store.active_manifest
    found = cose.evidence(store.data, store.active)
    size = form_of(result, signed.media_type).size or (None, None)
    signature = active.signature
    at = space.now()
    record = Record(
        id=new_id(at),
        recorded_at=at,
        operation=made.operation,
        label=store.active,
        manifest=hashlib.sha256(store.data).hexdigest(),
        media_type=signed.media_type,
        size=result.size,
        source=made.source,
        output=result.sha256(),
        bare=_bare(store) if signed.carrier is Carrier.EMBEDDED else None,
        width=size[0],
        height=size[1],
        title=active.title,
        signer=(signature.common_name or signature.organization) if signature else None,
        certificate=hashlib.sha256(found.chain[0]).hexdigest() if found and found.chain else None,
        signed_at=at,
        attested_at=signature.time if signature else None,
        source_type=next((item.source_type for item in active.actions if item.source_type), None),
        described=described(read_stated(own_manifests(store))),
        parents=tuple(Parent(label=item.manifest) for item in active.ingredients),
        written_to=made.written_to,
        asked_by=_asker(),
    )
    return Recording(record=record, store=store.data, fingerprints=signed.fingerprints)


def described(metadata: Metadata) -> Described:
    """Choose what a file is searched for by."""
    device, place, captured = metadata.device, metadata.place, metadata.captured_at
    names = (place.sublocation, place.city, place.region, place.country) if place else ()
    return Described(
        creators=metadata.creators,
        caption=metadata.caption,
        credit=metadata.credit,
        rights=metadata.rights,
        device=" ".join(filter(None, (device.make, device.model))) or None if device else None,
        captured_at=captured.text if captured else None,
        place=", ".join(filter(None, names)) or None,
    )


def _result(signed: Signed, given: Source) -> Source:
    if signed.data is not None:
        return open_source(signed.data, name=given.name)
    return given if signed.path is None else open_source(signed.path)


def _bare(store: ManifestStore) -> str | None:
    """Return the digest of the file without its manifest store, as the hard binding has it (C2PA 2.4, data hash).

    None where the hash leaves out more than the store, where it is not SHA-256, and for types that bind otherwise.
    """
    try:
        found = [item.value for item in contents(store.data) if item.manifest == store.active and _binds(item.label)]
    except ManifestError:
        return None
    bound = found[0] if len(found) == 1 and isinstance(found[0], dict) else {}
    value, excluded = bound.get("hash"), bound.get("exclusions")
    plain = bound.get("alg", "sha256") == "sha256" and isinstance(value, bytes) and len(value) == hashlib.sha256().digest_size
    return value.hex() if plain and isinstance(excluded, list) and len(excluded) == 1 else None


def _binds(label: str) -> bool:
    return label.split("__")[0] == _HARD_BINDING


def _asker() -> str:
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        # A user without a name, as in a container.
        user = "unknown"
    return f"{user}@{socket.gethostname()}"
