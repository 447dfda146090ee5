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
    from provenance.batch.crew import Batch
    from provenance.batch.executors import Engine
    from provenance.batch.naming import Naming
    from provenance.batch.recipe import Signing, Verifying, Who
    from provenance.batch.signatures import Signatures
    from provenance.batch.verdicts import Verdicts
    from provenance.batch.work import Fate
    from provenance.catalogue.store import Catalogue
    from provenance.claims import AiTraining, DerivingOptions, MetadataLevel, Preset, RedactionOptions, SigningOptions
    from provenance.errors import (
        AuthorityError,
        BatchError,
        BrokenSource,
        CatalogueError,
        CatalogueUnavailable,
        EvidenceError,
        FetchError,
        InvalidClaim,
        KeyUnavailable,
        LeftBehind,
        ManifestError,
        MediaError,
        NoIdentity,
        OutputError,
        OutputExists,
        ProvenanceError,
        ReplayDiffers,
        SettingsError,
        SignerRefused,
        SigningError,
        StoreError,
        TimestampError,
        TooLarge,
        TrustError,
        UnreadableMedia,
        UnsuitableCertificate,
        UnsupportedMedia,
        WorkerLost,
        WrongSecret,
    )
    from provenance.evidence import Packing, Replay
    from provenance.history import trace
    from provenance.model.claim import Assertion, Carrier, Origin, Timestamp
    from provenance.model.manifest import Signed
    from provenance.model.policy import Outcome, Policy, Severity
    from provenance.model.ports import Algorithm, Signer
    from provenance.model.record import Query, Record
    from provenance.model.recovery import Candidate, Recovery, Standing
    from provenance.model.redaction import Reason, Redacted
    from provenance.model.verdict import Decision, Inspection, Verdict
    from provenance.workspace import Workspace, inspect, sign, verify
    from provenance.workspace.looking import Asked

__version__ = "0.1.0"

__all__ = [
    "AiTraining",
    "Algorithm",
    "Asked",
    "Assertion",
    "AuthorityError",
    "Batch",
    "BatchError",
    "BrokenSource",
    "Candidate",
    "Carrier",
    "Catalogue",
    "CatalogueError",
    "CatalogueUnavailable",
    "Decision",
    "DerivingOptions",
    "Engine",
    "EvidenceError",
    "Fate",
    "FetchError",
    "Inspection",
    "InvalidClaim",
    "KeyUnavailable",
    "LeftBehind",
    "ManifestError",
    "MediaError",
    "MetadataLevel",
    "Naming",
    "NoIdentity",
    "Origin",
    "Outcome",
    "OutputError",
    "OutputExists",
    "Packing",
    "Policy",
    "Preset",
    "ProvenanceError",
    "Query",
    "Reason",
    "Record",
    "Recovery",
    "Redacted",
    "RedactionOptions",
    "Replay",
    "ReplayDiffers",
    "SettingsError",
    "Severity",
    "Signatures",
    "Signed",
    "Signer",
    "SignerRefused",
    "Signing",
    "SigningError",
    "SigningOptions",
    "Standing",
    "StoreError",
    "Timestamp",
    "TimestampError",
    "TooLarge",
    "TrustError",
    "UnreadableMedia",
    "UnsuitableCertificate",
    "UnsupportedMedia",
    "Verdict",
    "Verdicts",
    "Verifying",
    "Who",
    "WorkerLost",
    "Workspace",
    "WrongSecret",
    "inspect",
    "sign",
    "trace",
    "verify",
]

_HOMES = {
    "batch.crew": ("Batch",),
    "batch.executors": ("Engine",),
    "batch.naming": ("Naming",),
    "batch.recipe": (
        "Signing",
        "Verifying",
        "Who",
    ),
    "batch.signatures": ("Signatures",),
    "batch.verdicts": ("Verdicts",),
    "batch.work": ("Fate",),
    "catalogue.store": ("Catalogue",),
    "claims": ("AiTraining", "DerivingOptions", "MetadataLevel", "Preset", "RedactionOptions", "SigningOptions"),
    "evidence": ("Packing", "Replay"),
    "history": ("trace",),
    "model.claim": ("Assertion", "Carrier", "Origin", "Timestamp"),
    "model.manifest": ("Signed",),
    "model.policy": ("Outcome", "Policy", "Severity"),
    "model.ports": ("Algorithm", "Signer"),
    "model.record": ("Query", "Record"),
    "model.recovery": ("Candidate", "Recovery", "Standing"),
    "model.redaction": ("Reason", "Redacted"),
    "model.verdict": ("Decision", "Inspection", "Verdict"),
    "workspace": ("Workspace", "inspect", "sign", "verify"),
    "workspace.looking": ("Asked",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
