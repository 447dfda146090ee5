"""Take credentials out of files and put them back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from provenance import signing
from provenance.errors import ManifestError, about
from provenance.model.claim import Carrier
from provenance.storage import publish, writing

if TYPE_CHECKING:
    from provenance.manifests.formats import Format
    from provenance.model.trust import Trust
    from provenance.model.verdict import Inspection
    from provenance.storage import Source


def extract(inspection: Inspection, output: str | Path, *, overwrite: bool) -> None:
    """Write the manifest store of an inspected file; see `Workspace.extract`."""
    if inspection.store is None:
        raise ManifestError(inspection.facets.credential.reason, path=inspection.media.name)
    publish(inspection.store.data, Path(output), overwrite=overwrite)


def attach(asset: Source, sidecar: Source, output: str | Path, *, trust: Trust, overwrite: bool) -> None:
    """Put a manifest store into a file; see `Workspace.attach`."""
    from provenance.keys import ephemeral_signer  # noqa: PLC0415 -- brings in cryptography
    from provenance.manifests import containers  # noqa: PLC0415 -- only for this

    found = signing.look(asset, trust=trust, allow_broken=True, beside=False)
    if found.carrier is Carrier.EMBEDDED:
        raise ManifestError("has credentials already", path=asset.name, hint="remove them first: provenance strip")
    with about(asset.name):
        data = containers.attach(
            asset.read(), sidecar.read(), found.media.media_type, signer=ephemeral_signer(), trust=trust
        )
    publish(data, Path(output), overwrite=overwrite)


def strip(asset: Source, output: str | Path, *, trust: Trust, overwrite: bool) -> None:
    """Write a file without its embedded credentials; see `Workspace.strip`."""
    found = signing.look(asset, trust=trust, allow_broken=True, beside=False)
    if found.carrier is not Carrier.EMBEDDED:
        raise ManifestError("has no embedded credentials", path=asset.name, hint="there is nothing to remove")
    bare = without_store(asset, found.media)
    with writing(Path(output), overwrite=overwrite, like=asset.path) as stream:
        stream.write(bare.read())


def without_location(asset: Source, media: Format) -> Source:
    """Return a file without coordinates in its own metadata."""
    from provenance.metadata import drop_location  # noqa: PLC0415 -- only for this

    with about(asset.name):
        data = drop_location(asset.read(), media.media_type)
    return asset if data == asset.data else replace(asset, data=data, size=len(data))


def without_store(asset: Source, media: Format) -> Source:
    """Return a file without its embedded manifest store."""
    from provenance.keys import ephemeral_signer  # noqa: PLC0415 -- brings in cryptography
    from provenance.manifests import containers  # noqa: PLC0415 -- only for this

    with about(asset.name):
        data = containers.strip(asset.read(), media.media_type, signer=ephemeral_signer())
    return replace(asset, data=data, size=len(data))
