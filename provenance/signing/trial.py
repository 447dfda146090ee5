"""A signature for trial: a picture that is built in is signed and read back, as any file would be."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from provenance.claims import MetadataLevel, Preset, SigningOptions
from provenance.errors import ProvenanceError
from provenance.manifests import sniff
from provenance.model.claim import Generator
from provenance.model.ports import Seal
from provenance.signing.deliver import Delivery
from provenance.signing.prepare import claim
from provenance.signing.produce import sign
from provenance.storage import open_source

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.model.ports import Signer
    from provenance.model.trust import Trust

_PICTURE: Final = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
"""A PNG of one grey pixel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of a signature for trial."""

    ok: bool
    """It was made, and read back as valid."""
    problem: str | None = None
    """Why not, when it is not."""
    trusted_through: str | None = None
    """The name of the list that vouched for the signer when it was read back, if one did."""


def trial(signer: Signer, *, trust: Trust, at: datetime) -> Trial:
    """Sign the built-in picture in memory and read it back; no file is touched.

    `at` (aware) is the time that the claim states; the engine judges the certificate by its own clock. What goes wrong
    is an answer, not an error.
    """
    asset = open_source(_PICTURE, name="trial.png")
    media = sniff.detect(_PICTURE, asset.name)
    options = SigningOptions(
        preset=Preset.CAPTURE, source_type="digitalCreation", metadata=MetadataLevel.NONE, thumbnail=None
    )
    generator = Generator(name="provenance", version="trial")
    try:
        stated = claim(asset, media, options, (), generator=generator, at=at)
        delivery = Delivery(carrier=options.carrier)
        signed = sign(asset, stated, media=media, seal=Seal(signer=signer), trust=trust, delivery=delivery)
    except ProvenanceError as error:
        return Trial(ok=False, problem=_said(error))
    return Trial(ok=True, trusted_through=signed.store.trust_list)


def _said(error: ProvenanceError) -> str:
    """Say what went wrong; the built-in picture is nobody's file, so its name is left out."""
    return f"{error.message} ({error.hint})" if error.hint else error.message
