"""Say what a catalogue keeps of a signing, of a signed file that is there already, and of a verification."""

from __future__ import annotations

import getpass
import hashlib
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from provenance import verification
from provenance.errors import ManifestError
from provenance.manifests import cose, sniff
from provenance.manifests.contents import contents
from provenance.manifests.reader import Keep
from provenance.metadata.stated import read_stated
from provenance.model.claim import Carrier
from provenance.model.manifest import Signed, StatusKind
from provenance.model.record import Check, Described, Parent, Record, Recording, new_id
from provenance.model.updates import own_manifests
from provenance.model.verdict import Decision
from provenance.workspace.forms import form_of
from provenance.workspace.seeing import see

if TYPE_CHECKING:
    from provenance.model.manifest import Manifest, ManifestStore
    from provenance.model.media import Metadata
    from provenance.model.record import Operation
    from provenance.model.verdict import Verdict
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
    signed_at: datetime | None = None
    """Where somebody here knows it."""


def file_recording(
    space: Opened, given: Source, *, operation: Operation, place: str, source: str | None = None
) -> tuple[Recording, tuple[str, ...]]:
    """Say what is kept of a signed file that is there already, and what could not be looked for in it.

    `place` is its path or address, `source` the SHA-256 of what it was made from. Raises `ManifestError` for one
    without usable credentials, and `MediaError`.
    """
    found = verification.inspect(
        given, trust=space.trust, at=space.now(), questions=verification.Questions(keep=Keep.STORE)
    )
    if found.store is None or found.carrier is None:
        raise ManifestError(
            f"cannot be entered: {found.facets.credential.reason}",
            path=given.name,
            hint="sign it first: provenance sign",
        )
    media = sniff.detect(given.head(sniff.HEAD), given.name)
    sight = see(space, given, media)
    signed = Signed(
        path=given.path,
        sidecar=None,
        carrier=found.carrier,
        media_type=media.media_type,
        store=found.store,
        signer="",
        fingerprints=sight.soft_bindings,
    )
    full = place if "://" in place else str(Path(place).absolute())
    made = Made(operation=operation, source=source, written_to=full)
    return recording(space, signed, given, made), sight.notes


def recording(space: Opened, signed: Signed, result: Source, made: Made) -> Recording:
    """Say what is kept of a signing; `result` is the file that its manifest is about."""
    store = signed.store
    active = store.active_manifest
    signature, chain = active.signature, _chain(store)
    width, height = form_of(result, signed.media_type).size or (None, None)
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
        width=width,
        height=height,
        title=active.title,
        signer=(signature.common_name or signature.organization) if signature else None,
        certificate=hashlib.sha256(chain[0]).hexdigest() if chain else None,
        signed_at=made.signed_at or _stated_time(active),
        attested_at=signature.time if signature else None,
        source_type=next((item.source_type for item in active.actions if item.source_type), None),
        described=described(read_stated(own_manifests(store))),
        parents=tuple(Parent(label=item.manifest) for item in active.ingredients),
        written_to=made.written_to,
        asked_by=asker(),
    )
    return Recording(record=record, store=store.data, fingerprints=signed.fingerprints)


def check_of(space: Opened, verdict: Verdict) -> Check:
    """Say what is kept of a verification; the file's digest must have been asked for."""
    found, policy = verdict.inspection, verdict.policy
    if found.media.digest is None:
        raise ValueError("a verification without the file's digest says nothing later")
    codes = (item.code for item in (found.store.statuses if found.store else ()) if item.kind is StatusKind.FAILURE)
    return Check(
        id=new_id(found.at),
        at=found.at,
        digest=found.media.digest.value,
        decision=verdict.decision,
        policy=f"{policy.name} {policy.version}",
        policy_digest=policy.digest,
        lists=tuple(dict.fromkeys(item.digest for item in space.trust.lists)),
        name=found.media.name,
        reasons=tuple(
            dict.fromkeys((*(item.rule for item in verdict.findings if item.decision is not Decision.ACCEPTED), *codes))
        ),
        asked_by=asker(),
    )


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


def _chain(store: ManifestStore) -> tuple[bytes, ...]:
    found = cose.evidence(store.data, store.active)
    return found.chain if found else ()


def _stated_time(manifest: Manifest) -> datetime | None:
    """Return the latest time that the actions state: the claim itself has none (C2PA 2.4, `c2pa.claim.v2`)."""
    found = []
    for action in manifest.actions:
        with suppress(ValueError, TypeError):
            stated = datetime.fromisoformat(action.when or "")
            found.append(stated if stated.tzinfo else stated.replace(tzinfo=UTC))
    return max(found, default=None)


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
    alone = isinstance(excluded, list) and len(excluded) == 1
    if not (alone and isinstance(value, bytes) and bound.get("alg", "sha256") == "sha256"):
        return None
    return value.hex()


def _binds(label: str) -> bool:
    return label.partition("__")[0] == _HARD_BINDING


def asker() -> str:
    """Say who asks for something, as the catalogue notes it: `user@host`."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        # A user without a name, as in a container.
        user = "unknown"
    return f"{user}@{socket.gethostname()}"
