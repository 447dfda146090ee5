"""Give a file its history back: the credentials that were recovered for it become its parent's, signed anew.

Where its bytes are those that were signed, the original manifest itself is put back, and nothing is signed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from provenance import signing
from provenance.claims import DerivingOptions, Form, steps
from provenance.errors import InvalidClaim, ManifestError, about
from provenance.manifests import sniff
from provenance.manifests.containers import attach
from provenance.manifests.formats import BY_MEDIA_TYPE
from provenance.model.claim import Carrier
from provenance.model.record import Operation
from provenance.model.recovery import Standing, Way
from provenance.model.verdict import Decision
from provenance.signing import Found, Past
from provenance.storage import Source, open_source, publish
from provenance.verification import BINDING
from provenance.workspace.cataloguing import kept
from provenance.workspace.forms import form_of
from provenance.workspace.sealing import Terms, carry_out, seal_of

if TYPE_CHECKING:
    from pathlib import Path

    from provenance.model.manifest import ManifestStore, Signed
    from provenance.model.ports import Signer
    from provenance.model.record import Record
    from provenance.model.recovery import Candidate
    from provenance.storage import Readable
    from provenance.workspace.core import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Reattached:
    """What was done."""

    path: Path
    signed: Signed | None
    """`None` where the original manifest was put back as it was."""


def reattach(
    space: Workspace,
    source: Readable,
    candidate: Candidate,
    output: str | Path | None = None,
    *,
    signer: Signer | str | None = None,
    overwrite: bool = False,
) -> Reattached:
    """Write a file with the credentials that were recovered for it; see `Workspace.reattach`."""
    given = open_source(source).held()
    record, store = _usable(candidate, given)
    path = signing.plan(
        given, output or _beside(given), DerivingOptions().signing(()), overwrite=overwrite, changed=False
    ).target
    if path is None:
        raise InvalidClaim("has no place for the result", path=given.name, hint="name one with -o")
    if candidate.way is Way.STRIPPED:
        from provenance.keys import ephemeral_signer  # noqa: PLC0415 -- brings in cryptography

        media = sniff.detect(given.head(sniff.HEAD), given.name).media_type
        with about(given.name):
            data = attach(given.read(), store.data, media, signer=ephemeral_signer(), trust=space.trust)
        publish(data, path, overwrite=overwrite)
        return Reattached(path=path, signed=None)
    wishes = DerivingOptions(thumbnail=space.settings.signing.thumbnail or None)
    with about(given.name):
        options = wishes.signing(_steps(candidate, record, given))
    past = _past(candidate, record, store)
    terms = Terms(options=options, seal=seal_of(space, options, signer), overwrite=overwrite, past=past)
    signed = kept(space, carry_out(space, given, path, terms), given, operation=Operation.REATTACHED)
    return Reattached(path=path, signed=signed)


def _usable(candidate: Candidate, given: Source) -> tuple[Record, ManifestStore]:
    """Refuse what is only a guess, and credentials that `verify` rejects."""
    record, verdict, store = candidate.record, candidate.verdict, candidate.store
    if record is None:
        raise InvalidClaim(
            "is known through a resolver only: from what it was made, and how, cannot be told",
            path=given.name,
            hint="where you have the original, sign it as an edit: --as edit --parent",
        )
    if verdict is None or store is None:
        raise ManifestError("the original's manifest is not kept any more", path=given.name)
    if candidate.way is Way.SAME_FILE:
        raise InvalidClaim("is the very file that was signed: nothing is missing in it", path=given.name)
    if candidate.standing not in {Standing.IDENTICAL, Standing.CONFIRMED}:
        raise InvalidClaim(
            "may be another picture: it could not be compared with the original",
            path=given.name,
            hint="put the original where it was recorded, or sign it as an edit: --as edit --parent",
        )
    if verdict.decision is Decision.REJECTED:
        raise InvalidClaim("the original's own credentials are not sound", path=given.name, hint="provenance recover")
    return record, store


def _beside(given: Source) -> Path | None:
    path = given.path
    return None if path is None else path.with_name(f"{path.stem}.recovered{path.suffix}")


def _steps(candidate: Candidate, record: Record, given: Source) -> tuple[str, ...]:
    """Say what was done with the picture since: what comparing has shown, and what type and size tell."""
    seen = candidate.looked.difference if candidate.looked else None
    place = seen.alignment if seen else None
    said = ["cropped"] if place and place.cropped else []
    if place and (place.mirrored or place.turned or abs(place.tilt) >= 0.1):
        said.append("orientation")
    if seen and seen.regions:
        said.append("edited")
    media_type = sniff.detect(given.head(sniff.HEAD), given.name).media_type
    size = (record.width, record.height) if record.width and record.height else None
    return steps(Form(media_type=record.media_type, size=size), form_of(given, media_type), said=tuple(said))


def _past(candidate: Candidate, record: Record, store: ManifestStore) -> Past:
    """Make a parent of the original's manifest; what could not be checked without its file is not said to be."""
    media = BY_MEDIA_TYPE[record.media_type]
    how = candidate.likeness.method if candidate.likeness else "its bytes"
    note = f"Found again in a catalogue by {how}"
    alone = replace(store, results=_unbound(store.results))
    source = Source(name=record.title or record.id, path=None, size=record.size)
    return Past(source=source, found=Found(media=media, store=alone, note=note, carrier=Carrier.EMBEDDED))


def _unbound(results: Any) -> Any:
    """Leave out what the engine says of content that it has not seen."""
    if isinstance(results, list):
        return [_unbound(item) for item in results if not (isinstance(item, dict) and item.get("code") in BINDING)]
    return {key: _unbound(item) for key, item in results.items()} if isinstance(results, dict) else results
