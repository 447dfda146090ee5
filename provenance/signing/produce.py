"""Sign media: a claim, a signer and a file become a signed file that was read back and verified.

1. Whatever goes in is looked at first: a file whose own credentials are broken is refused.
2. The engine signs into an output that has no name yet.
3. The output is read back and verified as anybody else would.
4. Only then does it get its name.
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from provenance.claims import define
from provenance.errors import AuthorityError, OutputError, SignerRefused, TimestampError, UnsupportedMedia, about
from provenance.manifests import reader, writer
from provenance.model import derived
from provenance.model.claim import Carrier
from provenance.model.facets import Content, Revocation, Signer, Signing, Time
from provenance.model.manifest import Signed
from provenance.storage import publish, same_bytes, scratch, syncing, writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.manifests.formats import Format
    from provenance.model.claim import Claim, Definition
    from provenance.model.manifest import ManifestStore
    from provenance.model.ports import Seal
    from provenance.model.trust import Trust
    from provenance.signing.deliver import Delivery
    from provenance.storage import Source


def sign(asset: Source, claim: Claim, *, media: Format, seal: Seal, trust: Trust, delivery: Delivery) -> Signed:
    """Sign `asset` and deliver it; nothing appears unless what was written verifies.

    With a carrier other than EMBEDDED, `asset` must not carry a manifest store itself: it would be found first.
    Where a trusted time is wished for and not to be had, it is signed without and `Signed.notes` says so, unless the
    time is required. Raises `UnsupportedMedia`, `SigningError`, `TimestampError` or `OutputError`.
    """
    refuse_unwritable(asset, media=media, delivery=delivery)
    definition = define(claim, detached=delivery.carrier is not Carrier.EMBEDDED, remote_url=delivery.url)
    with about(asset.name), _output(delivery, in_memory=asset.data is not None) as output:
        write = partial(_write, definition, asset, media_type=media.media_type, output=output, trust=trust)
        notes: tuple[str, ...] = ()
        try:
            manifest = write(seal=seal)
        except TimestampError as error:
            if seal.time_required:
                raise
            notes = (f"signed without a trusted time: {error.message}" + (f" ({error.hint})" if error.hint else ""),)
            manifest = write(seal=replace(seal, time=None))
        if delivery.target is None and delivery.sidecar is not None:
            _confirm_untouched(output, asset)
        with syncing(output):
            store = _read_back(output, manifest, media_type=media.media_type, trust=trust, delivery=delivery)
        _confirm(store, claim, trust=trust)
        if delivery.approve is not None:
            delivery.approve(output, replace(store, data=manifest))
        if seal.time is not None and not notes:
            notes = tuple(_doubts(store, trust))
        if delivery.sidecar is not None:
            publish(manifest, delivery.sidecar, overwrite=delivery.overwrite)
        return Signed(
            path=delivery.target,
            sidecar=delivery.sidecar,
            carrier=delivery.carrier,
            media_type=media.media_type,
            store=replace(store, data=manifest),
            signer=seal.signer.name,
            notes=notes,
            data=output.getvalue() if isinstance(output, io.BytesIO) else None,
        )


def refuse_unwritable(asset: Source, *, media: Format, delivery: Delivery) -> None:
    """Refuse a type that cannot carry credentials in the way asked for. Raises `UnsupportedMedia`."""
    if not media.write:
        raise UnsupportedMedia(f"{media.name} cannot be written", path=asset.name, hint="sign a TIFF or DNG copy")
    if delivery.url is not None and not media.remote:
        raise UnsupportedMedia(
            f"{media.name} has no place for the address of a manifest",
            path=asset.name,
            hint="embed the manifest, or use --sidecar",
        )


def _write(
    definition: Definition, asset: Source, *, media_type: str, output: BinaryIO, seal: Seal, trust: Trust
) -> bytes:
    output.seek(0)
    output.truncate()
    with asset.stream() as stream:
        return writer.write(definition, asset=stream, media_type=media_type, output=output, seal=seal, trust=trust)


@contextmanager
def _output(delivery: Delivery, *, in_memory: bool) -> Iterator[BinaryIO]:
    """Open where the signed file goes; a sidecar without its file is taken back."""
    if delivery.target is None:
        with io.BytesIO() if in_memory or delivery.sidecar is None else scratch(delivery.sidecar) as stream:
            yield stream
        return
    had_sidecar = delivery.sidecar is not None and delivery.sidecar.exists()
    try:
        with writing(delivery.target, overwrite=delivery.overwrite, like=delivery.like) as output:
            try:
                yield output
            except OutputError as error:
                error.path = error.path or str(delivery.target)
                raise
    except BaseException:
        if delivery.sidecar is not None and not had_sidecar:
            delivery.sidecar.unlink(missing_ok=True)
        raise


def _doubts(store: ManifestStore, trust: Trust) -> Iterator[str]:
    """Say when the time that was asked for would not count for whoever verifies with these lists."""
    time = derived.of_store(store, trust, where="").time
    if time.state is not Time.TRUSTED:
        yield f"its time-stamp does not count here: {time.reason}"


def _confirm_untouched(output: BinaryIO, asset: Source) -> None:
    """See that a sidecar made for the source where it stands is a sidecar for just those bytes."""
    output.seek(0)
    with asset.stream() as source:
        same = same_bytes(output, source)
    if not same:
        raise UnsupportedMedia(
            "this type is rewritten even for a sidecar",
            path=asset.name,
            hint="name an output with -o: the sidecar then belongs to that file",
        )


def _read_back(
    output: BinaryIO, manifest: bytes, *, media_type: str, trust: Trust, delivery: Delivery
) -> ManifestStore:
    """Read what was written as anybody else would."""
    output.seek(0)
    if delivery.carrier is Carrier.EMBEDDED:
        reading = reader.read(output, media_type, trust=trust)
    else:
        if delivery.url is not None:
            _confirm_address(reader.read(output, media_type, trust=trust), delivery.url)
            output.seek(0)
        reading = reader.read(output, media_type, trust=trust, manifest=manifest)
    if reading.store is None:
        raise SignerRefused(f"the result could not be read back: {reading.problem or 'no credentials in it'}")
    return reading.store


def _confirm_address(reading: reader.Reading, url: str) -> None:
    if reading.remote_url != url:
        raise SignerRefused(
            "the address of the manifest could not be written into this type of file",
            hint="embed the manifest, or use --sidecar",
        )


def _confirm(store: ManifestStore, claim: Claim, *, trust: Trust) -> None:
    """Refuse a result that does not say what was asked for, or that would not verify."""
    found = derived.of_store(store, trust, where="")
    sound = (
        (found.signer, found.signer.state is not Signer.INVALID),
        (found.revocation, found.revocation.state is not Revocation.REVOKED),
        (found.content, found.content.state is Content.INTACT),
        (found.signature, found.signature.state is Signing.VALID),
    )
    fault = next((facet.reason for facet, good in sound if not good), None)
    if fault is not None:
        raise SignerRefused(f"the result would not verify: {fault}")
    active = store.active_manifest
    if claim.adds is not None and all(item.label != claim.adds for item in active.assertions):
        raise AuthorityError(
            f"nothing came back that could be kept as {claim.adds}",
            hint="a certificate may name no responder, or its answer is signed in a way that the engine does not take",
        )
    kept = {item.manifest for item in active.ingredients}
    lost = [item.title for item in claim.ingredients if item.store and item.store.active not in kept]
    if lost or len(active.actions) != len(claim.actions):
        raise SignerRefused(f"the result lost part of what was signed: {', '.join(lost) or 'actions'}")
