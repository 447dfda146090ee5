"""Prove where a picture, video or sound comes from.

`provenance` signs media, embeds Content Credentials (C2PA), and verifies signatures and edit histories:

>>> import provenance
>>> verdict = provenance.verify("photo.jpg")      # doctest: +SKIP
>>> verdict.decision, verdict.facets.signer.reason  # doctest: +SKIP

Names are loaded when they are first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from provenance.claims import AiTraining, MetadataLevel, Preset, SigningOptions
    from provenance.errors import (
        AuthorityError,
        BatchError,
        BrokenSource,
        FetchError,
        InvalidClaim,
        KeyUnavailable,
        ManifestError,
        MediaError,
        NoIdentity,
        OutputError,
        OutputExists,
        ProvenanceError,
        SettingsError,
        SignerRefused,
        SigningError,
        TimestampError,
        TrustError,
        UnreadableMedia,
        UnsuitableCertificate,
        UnsupportedMedia,
        WrongSecret,
    )
    from provenance.history import trace
    from provenance.model.claim import Assertion, Carrier, Origin, Timestamp
    from provenance.model.manifest import Signed
    from provenance.model.ports import Algorithm, Signer
    from provenance.model.verdict import Decision, Inspection, Verdict
    from provenance.workspace import Workspace, inspect, sign, verify

__version__ = "0.1.0"

__all__ = [
    "AiTraining",
    "Algorithm",
    "Assertion",
    "AuthorityError",
    "BatchError",
    "BrokenSource",
    "Carrier",
    "Decision",
    "FetchError",
    "Inspection",
    "InvalidClaim",
    "KeyUnavailable",
    "ManifestError",
    "MediaError",
    "MetadataLevel",
    "NoIdentity",
    "Origin",
    "OutputError",
    "OutputExists",
    "Preset",
    "ProvenanceError",
    "SettingsError",
    "Signed",
    "Signer",
    "SignerRefused",
    "SigningError",
    "SigningOptions",
    "Timestamp",
    "TimestampError",
    "TrustError",
    "UnreadableMedia",
    "UnsuitableCertificate",
    "UnsupportedMedia",
    "Verdict",
    "Workspace",
    "WrongSecret",
    "inspect",
    "sign",
    "trace",
    "verify",
]

_HOMES = {
    "claims": ("AiTraining", "MetadataLevel", "Preset", "SigningOptions"),
    "history": ("trace",),
    "model.claim": ("Assertion", "Carrier", "Origin", "Timestamp"),
    "model.manifest": ("Signed",),
    "model.ports": ("Algorithm", "Signer"),
    "model.verdict": ("Decision", "Inspection", "Verdict"),
    "workspace": ("Workspace", "inspect", "sign", "verify"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
