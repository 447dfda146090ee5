"""Drive the engine with a manifest that says nothing.

The engine knows how to open up and to close every kind of file, but only does so while signing.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from provenance.errors import ManifestError
from provenance.manifests import writer
from provenance.model.claim import Definition
from provenance.model.ports import Seal
from provenance.model.trust import Trust

if TYPE_CHECKING:
    from provenance.model.ports import Signer

_ROUNDS = 4


def removed(data: bytes, media_type: str, *, signer: Signer) -> bytes:
    """Return the file as the engine writes it when the manifest is to be kept elsewhere: without a store.

    Raises what `writer.write` raises.
    """
    return _sign(data, media_type, signer=signer, padding=None)[0]


def replaced(data: bytes, store: bytes, media_type: str, *, signer: Signer) -> bytes:
    """Let the engine embed a blank manifest of the same length, and put `store` in its place.

    Holds for types in which the store is one run of bytes without a checksum. Raises `ManifestError` when no blank
    manifest of that length can be made, or what `writer.write` raises.
    """
    padding = 0
    for _ in range(_ROUNDS):
        output, blank = _sign(data, media_type, signer=signer, padding=padding)
        if len(blank) == len(store):
            break
        padding += len(store) - len(blank)
        if padding < 0:
            raise ManifestError(f"a manifest of only {len(store)} bytes cannot be placed in this type of file")
    else:
        raise ManifestError(f"no room of exactly {len(store)} bytes could be made in this type of file")
    if output.count(blank) != 1:
        raise ManifestError("the place for the manifest could not be told")
    return output.replace(blank, store)


def _sign(data: bytes, media_type: str, *, signer: Signer, padding: int | None) -> tuple[bytes, bytes]:
    """Sign with `padding` bytes of filling, or detached when it is `None`; return the file and the store."""
    output = io.BytesIO()
    definition = Definition(manifest=_manifest(padding or 0), detached=padding is None)
    store = writer.write(
        definition,
        asset=io.BytesIO(data),
        media_type=media_type,
        output=output,
        seal=Seal(signer=signer),
        trust=Trust(),
    )
    return output.getvalue(), store


def _manifest(padding: int) -> dict[str, Any]:
    # A claim of version 1 needs no actions, so that the blank manifest is shorter than any real one of this engine.
    # The filling is JSON because its size grows evenly; CBOR lengths grow by jumps.
    return {
        "claim_version": 1,
        "claim_generator_info": [{"name": "provenance"}],
        "assertions": [{"label": "provenance.blank", "kind": "Json", "data": {"": "x" * padding}}],
    }
