"""Sign, and add to what was signed: who signs, who stands behind it, who says when."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from provenance import claims, signing
from provenance.claims import ID, SigningOptions
from provenance.errors import InvalidClaim, ManifestError, UnsupportedMedia
from provenance.model.claim import Carrier, Relationship, Timestamp
from provenance.model.ports import Publisher, Seal
from provenance.model.record import Operation
from provenance.storage import open_source, refuse_existing
from provenance.workspace import asking, bindings
from provenance.workspace.cataloguing import kept, require_usable
from provenance.workspace.moving import without_location, without_store
from provenance.workspace.seeing import see

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.manifests.formats import Format
    from provenance.model.claim import Assertion, Claim
    from provenance.model.manifest import Signed
    from provenance.model.ports import Signer
    from provenance.signing import Delivery, Past, Sight
    from provenance.storage import Readable, Source
    from provenance.workspace.core import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class _Addition:
    """What an update manifest adds."""

    label: str
    """Of the assertion that the engine makes."""
    word: str
    """In the name of the output."""
    opened_by_engine: bool = False
    """The engine must read the parent from the file itself, so that only embedded manifests can be updated."""


_TIME_STAMP = _Addition(label="c2pa.time-stamp", word="stamped")
_CERTIFICATE_STATUS = _Addition(label="c2pa.certificate-status", word="refreshed", opened_by_engine=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """Everything that one signature needs, before anything is written."""

    asset: Source
    media: Format
    claim: Claim
    sight: Sight
    delivery: Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is the same for all files that are signed together."""

    options: SigningOptions
    seal: Seal
    overwrite: bool
    past: Past | None = None
    """The parent of all of them, where it was looked at before."""


def sign(
    space: Workspace,
    source: Readable,
    output: str | Path | None,
    *,
    options: SigningOptions | None,
    signer: Signer | str | None,
    overwrite: bool,
) -> Signed:
    """Sign a file; see `Workspace.sign`."""
    terms = terms_of(space, options, signer, overwrite=overwrite)
    given = open_source(source).held()
    return kept(space, carry_out(space, given, output, terms), given, operation=Operation.SIGNED)


def rehearse(
    space: Workspace,
    source: Readable,
    output: str | Path | None,
    *,
    options: SigningOptions | None,
    signer: Signer | str | None,
    overwrite: bool,
) -> Path | None:
    """Do all of signing but the signature; see `Workspace.rehearse`."""
    terms = terms_of(space, options, signer, overwrite=overwrite)
    ready = _prepared(space, open_source(source).held(), output, terms)
    signing.refuse_unwritable(ready.asset, media=ready.media, delivery=ready.delivery)
    for target in (ready.delivery.target, ready.delivery.sidecar):
        # A folder that is not there yet has nothing in the way.
        if target is not None and target.parent.is_dir():
            refuse_existing(target, overwrite=overwrite)
    return ready.delivery.target or ready.delivery.sidecar


def terms_of(
    space: Workspace, options: SigningOptions | None, signer: Signer | str | None, *, overwrite: bool
) -> Terms:
    """Open whoever signs, and fill in what the settings say."""
    options = options or SigningOptions()
    return Terms(options=options, seal=seal_of(space, options, signer), overwrite=overwrite)


def carry_out(space: Workspace, given: Source, output: str | Path | None, terms: Terms) -> Signed:
    """Sign one file.

    Raises as `Workspace.sign` does, and `OutputExists` where it would replace its parent or an ingredient.
    """
    ready = _prepared(space, given, output, terms)
    signed = signing.sign(
        ready.asset, ready.claim, media=ready.media, seal=terms.seal, trust=space.trust, delivery=ready.delivery
    )
    notes = (*signed.notes, *_lacking(space, ready), *ready.sight.notes)
    return replace(signed, fingerprints=ready.sight.soft_bindings, notes=notes)


def _prepared(space: Workspace, given: Source, output: str | Path | None, terms: Terms) -> _Prepared:
    """Look at what goes in, and compose what will be stated."""
    options, asset = _addressed(_with_author(terms.options, space.settings.signing.author)), given
    remote = space.manifest_source if options.online else None
    found, ingredients = signing.gather(asset, options, trust=space.trust, remote=remote, past=terms.past)
    claim = signing.claim(asset, found.media, options, ingredients, generator=space.generator, at=space.now())
    sight = _seen(space, asset, found.media, options)
    claim = replace(claim, thumbnail=sight.thumbnail, assertions=(*claim.assertions, *_bound(sight, space, options)))
    if options.drop_location:
        asset = without_location(asset, found.media)
    if found.carrier is Carrier.EMBEDDED and (options.carrier is not Carrier.EMBEDDED or claim.redactions):
        # In TIFF and in packages the engine leaves the bytes of the old store behind, and what was redacted in them.
        asset = without_store(asset, found.media)
    delivery = signing.plan(given, output, options, overwrite=terms.overwrite, changed=asset is not given)
    parent = options.parent if terms.past is None else terms.past.source.path
    signing.spare((item for item in (parent, *options.ingredients) if isinstance(item, Path)), delivery)
    return _Prepared(asset=asset, media=found.media, claim=claim, sight=sight, delivery=delivery)


def _seen(space: Workspace, asset: Source, media: Format, options: SigningOptions) -> Sight:
    """Look at the picture: for its thumbnail, and for what a catalogue finds it again by."""
    sight = see(space, asset, media, thumbnail=options.thumbnail, wanted=_is_bound(space, options))
    if options.soft_binding and not any(bindings.assertions(sight.soft_bindings)):
        raise InvalidClaim(
            f"no soft binding can be made of it: {sight.why_none or bindings.FOR_CATALOGUES}",
            path=asset.name,
            hint="leave --soft-binding out: where a catalogue is kept, whatever can be bound is",
        )
    return sight


def _is_bound(space: Workspace, options: SigningOptions) -> bool:
    """Say whether it shall be possible to find again what is signed."""
    return bool(options.soft_binding) or space.keeps_catalogue


def _lacking(space: Workspace, ready: _Prepared) -> Iterator[str]:
    """Say of a picture that the catalogue will not find it again by what it shows."""
    if space.keeps_catalogue and ready.media.thumbnail and not ready.sight.soft_bindings:
        yield f"the catalogue will not find it again by its picture: {ready.sight.why_none}"


def _bound(sight: Sight, space: Workspace, options: SigningOptions) -> tuple[Assertion, ...]:
    """State what the picture can be found again by, unless that is not wanted."""
    wish = space.settings.catalogue.soft_binding if options.soft_binding is None else options.soft_binding
    return tuple(bindings.assertions(sight.soft_bindings)) if wish else ()


def timestamp(
    space: Workspace,
    source: Readable,
    output: str | Path | None,
    *,
    signer: Signer | str | None,
    overwrite: bool,
) -> Signed:
    """Add a trusted time; see `Workspace.timestamp`."""
    require_usable(space)
    seal = Seal(signer=opened(space, signer), time=space.time_authority, time_required=True)
    return _update(space, open_source(source).held(), output, seal=seal, adds=_TIME_STAMP, overwrite=overwrite)


def refresh(
    space: Workspace,
    source: Readable,
    output: str | Path | None,
    *,
    signer: Signer | str | None,
    overwrite: bool,
) -> Signed:
    """Add answers about revocation; see `Workspace.refresh`."""
    require_usable(space)
    seal = Seal(signer=opened(space, signer), web=asking.web())
    return _update(space, open_source(source).held(), output, seal=seal, adds=_CERTIFICATE_STATUS, overwrite=overwrite)


def _update(
    space: Workspace, asset: Source, output: str | Path | None, *, seal: Seal, adds: _Addition, overwrite: bool
) -> Signed:
    """Sign an update manifest over a file's own credentials, wherever they are kept."""
    found = signing.look(asset, trust=space.trust)
    if found.store is None or found.carrier is None:
        raise ManifestError("has no Content Credentials", path=asset.name, hint="sign it first: provenance sign")
    parent = signing.ingredient(asset, found, id="parent", relationship=Relationship.PARENT_OF)
    if adds.opened_by_engine and found.carrier is not Carrier.EMBEDDED:
        raise UnsupportedMedia(
            "has its manifest outside, where the engine does not ask about certificates",
            path=asset.name,
            hint="only what is embedded can be refreshed",
        )
    claim = replace(
        claims.update(parent, generator=space.generator), adds=adds.label, opened_by_engine=adds.opened_by_engine
    )
    # A manifest that is kept elsewhere stays elsewhere: writing its address anew would change the content.
    carrier = Carrier.EMBEDDED if found.carrier is Carrier.EMBEDDED else Carrier.SIDECAR
    if output is None and asset.path is not None and carrier is Carrier.EMBEDDED:
        output = asset.path.with_name(f"{asset.path.stem}.{adds.word}{asset.path.suffix}")
    options = SigningOptions(carrier=carrier)
    delivery = signing.plan(asset, output, options, overwrite=overwrite, changed=False)
    sight = see(space, asset, found.media, wanted=space.keeps_catalogue)
    signed = signing.sign(asset, claim, media=found.media, seal=seal, trust=space.trust, delivery=delivery)
    signed = replace(signed, fingerprints=sight.soft_bindings, notes=(*signed.notes, *sight.notes))
    return kept(space, signed, asset, operation=Operation.UPDATED)


def seal_of(space: Workspace, options: SigningOptions, signer: Signer | str | None) -> Seal:
    """Say who signs, who stands behind it, and who says when, by options and settings.

    Raises `CatalogueError` where what is signed could not be entered, and `SettingsError` for plug-ins that are in each
    other's way.
    """
    require_usable(space)
    if _is_bound(space, options):
        _ = space.watermarks
    return Seal(
        signer=opened(space, signer),
        publisher=_publisher(space, options),
        time=space.time_authority if wants_time(space, options) else None,
        time_required=_wish(space, options) is Timestamp.REQUIRED,
    )


def wants_time(space: Workspace, options: SigningOptions) -> bool:
    """Say whether somebody is asked for the time."""
    wish = _wish(space, options)
    return wish is Timestamp.REQUIRED or (wish is Timestamp.PREFERRED and bool(space.settings.timestamps.urls))


def _wish(space: Workspace, options: SigningOptions) -> Timestamp:
    return options.timestamp or space.settings.signing.timestamp


def opened(space: Workspace, signer: Signer | str | None) -> Signer:
    """Open a signer that is given by name; without one, the usual one."""
    return space.signer(signer) if signer is None or isinstance(signer, str) else signer


def _publisher(space: Workspace, options: SigningOptions) -> Publisher | None:
    name, roles = options.publisher, options.publisher_roles
    if name is None:
        name, roles = space.settings.signing.publisher, space.settings.signing.publisher_roles
    if name is None:
        return None
    return Publisher(signer=space.signer(name), roles=tuple(claims.role(item) for item in roles))


def _addressed(options: SigningOptions) -> SigningOptions:
    """Put the manifest's label into the address where it will be found, in place of `{id}`."""
    if options.remote_url is None or ID not in options.remote_url:
        return options
    label = options.label or f"urn:c2pa:{uuid.uuid4()}"
    return replace(options, label=label, remote_url=options.remote_url.replace(ID, label))


def _with_author(options: SigningOptions, author: str | None) -> SigningOptions:
    """Fill in the author of the settings where the options name none."""
    return replace(options, author=author) if options.author is None and author else options
