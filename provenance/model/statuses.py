"""What the standard's status codes are about, and how they are said to people (C2PA 2.4, status codes)."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provenance.model.manifest import Status


class Concern(StrEnum):
    """The question that a failure code answers with no."""

    CONTENT = "content"
    """The bytes, or an assertion, are not what was signed."""
    STRUCTURE = "structure"
    """The manifest breaks a rule of the standard. Codes that nobody knows count here."""
    SIGNATURE = "signature"
    CREDENTIAL = "credential"
    """The certificate may not sign, or not then."""
    TRUST = "trust"
    TIME = "time"
    REVOCATION = "revocation"
    ANCESTRY = "ancestry"
    FETCH = "fetch"
    """Kept elsewhere and not fetched: not broken, but not checked either."""
    IDENTITY = "identity"
    """An identity assertion (CAWG), which stands beside the claim's own signature."""


_CONCERNS = {
    "assertion.dataHash.mismatch": Concern.CONTENT,
    "assertion.bmffHash.mismatch": Concern.CONTENT,
    "assertion.boxesHash.mismatch": Concern.CONTENT,
    "assertion.collectionHash.mismatch": Concern.CONTENT,
    "assertion.multiAssetHash.mismatch": Concern.CONTENT,
    "assertion.hashedURI.mismatch": Concern.CONTENT,
    "assertion.cloud-data.hashMismatch": Concern.CONTENT,
    "hashedURI.mismatch": Concern.CONTENT,
    "claimSignature.mismatch": Concern.SIGNATURE,
    "claimSignature.missing": Concern.SIGNATURE,
    "claimSignature.outsideValidity": Concern.CREDENTIAL,
    "signingCredential.invalid": Concern.CREDENTIAL,
    "signingCredential.expired": Concern.CREDENTIAL,
    "signingCredential.untrusted": Concern.TRUST,
    "signingCredential.revoked": Concern.REVOCATION,
    "manifest.inaccessible": Concern.FETCH,
}
_PREFIXES = (
    ("signingCredential.ocsp.", Concern.REVOCATION),
    ("timeStamp.", Concern.TIME),
    ("timeOfSigning.", Concern.TIME),
    ("ingredient.", Concern.ANCESTRY),
    ("cawg.", Concern.IDENTITY),
)

CONTENT_MATCHES = frozenset(
    f"assertion.{kind}.match" for kind in ("dataHash", "bmffHash", "boxesHash", "collectionHash", "multiAssetHash")
)
BY_TODAYS_CLOCK = frozenset(
    {"signingCredential.expired", "claimSignature.outsideValidity", "signingCredential.untrusted"}
)
"""Failures that can be gone on another day."""
BAD_TIME_STAMPS = ("timeStamp.mismatch", "timeStamp.malformed", "timeStamp.outsideValidity")
BREAKS_ANCESTRY = (
    Concern.CONTENT,
    Concern.STRUCTURE,
    Concern.SIGNATURE,
    Concern.REVOCATION,
    Concern.ANCESTRY,
)
"""Failures of an ingredient that nobody's trust in its signer can mend."""

_SENTENCES = {
    "assertion.dataHash.mismatch": "the content was changed after signing",
    "assertion.bmffHash.mismatch": "the content was changed after signing",
    "assertion.boxesHash.mismatch": "the content was changed after signing",
    "assertion.hashedURI.mismatch": "a signed statement was changed after signing",
    "claimSignature.mismatch": "the signature does not fit the claim",
    "claimSignature.missing": "the signature is missing",
    "claimSignature.outsideValidity": "it was signed outside the certificate's validity",
    "signingCredential.invalid": "the certificate may not sign Content Credentials",
    "signingCredential.expired": "the certificate is not valid now, and no trusted time-stamp says when it was used",
    "ingredient.manifest.missing": "the manifest of an ingredient is missing",
    "ingredient.manifest.mismatch": "the manifest of an ingredient was changed",
    "ingredient.claimSignature.mismatch": "the signature of an ingredient does not fit",
    "manifest.inaccessible": "the remote manifest of an ingredient was not fetched",
    "timeStamp.mismatch": "the time-stamp belongs to something else",
    "timeStamp.malformed": "the time-stamp cannot be read",
    "timeStamp.outsideValidity": "the time-stamp authority's certificate was not valid then",
}


@lru_cache(maxsize=1024)  # every facet asks about every code
def concern(code: str) -> Concern:
    """Say what a failure code is about; unknown codes count as breaches of structure, the stricter reading."""
    known = _CONCERNS.get(code)
    if known is not None:
        return known
    return next((found for prefix, found in _PREFIXES if code.startswith(prefix)), Concern.STRUCTURE)


def sentence(status: Status) -> str:
    """Say a status in plain words, with its code."""
    words = _SENTENCES.get(status.code) or status.explanation or "the engine gives no explanation"
    return f"{words} ({status.code})"
