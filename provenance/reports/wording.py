"""The sentences that people read, in the words of the standard (C2PA user experience guidance)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model.claim import short_source_type
from provenance.model.facets import Ancestry, Content, Credential, Revocation, Signer, Signing
from provenance.model.history import EditState
from provenance.model.verdict import Decision

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.model.history import Edit, History
    from provenance.model.manifest import Signature
    from provenance.model.verdict import Verdict

UNATTRIBUTABLE = "nothing in it can be attributed to the signer"


def headline(verdict: Verdict) -> str:
    """Say a verdict in one sentence."""
    facets = verdict.facets
    if facets.credential.state is not Credential.PRESENT:
        return _MISSING[facets.credential.state]
    if facets.content.state is Content.CHANGED:
        return f"It was changed after signing: {UNATTRIBUTABLE}."
    if facets.content.state is Content.MALFORMED:
        return f"Its credentials break the rules of the standard: {UNATTRIBUTABLE}."
    if facets.signature.state is not Signing.VALID:
        return f"Its signature does not hold: {UNATTRIBUTABLE}."
    if facets.revocation.state is Revocation.REVOKED:
        return f"The signer's certificate was revoked: {UNATTRIBUTABLE}."
    if facets.signer.state is Signer.INVALID:
        return f"The certificate may not have signed it: {UNATTRIBUTABLE}."
    return _unbroken(verdict)


def _unbroken(verdict: Verdict) -> str:
    facets = verdict.facets
    if facets.content.state is not Content.INTACT:
        return "Whether it was changed after signing is not known: its content was not checked."
    if facets.ancestry.state is Ancestry.BROKEN:
        return "It is intact itself, but a file that it was made from is not what was signed."
    return _intact(verdict)


def _intact(verdict: Verdict) -> str:
    store = verdict.inspection.store
    who = signed_by(store.active_manifest.signature if store else None)
    if verdict.facets.signer.state is Signer.UNTRUSTED:
        return f"Intact since it was signed, but the identity of the signer ({who}) can't be verified."
    if verdict.decision is Decision.ACCEPTED:
        return f"Signed by {who}, and intact since."
    reason = next(item.message for item in verdict.findings if item.decision is verdict.decision)
    return f"Signed by {who} and intact since, but {reason}."


_MISSING = {
    Credential.ABSENT: "No Content Credentials: nothing is said about where it comes from.",
    Credential.UNREADABLE: "Its Content Credentials cannot be read: nothing in them can be relied on.",
    Credential.NOT_FETCHED: "Its Content Credentials are kept elsewhere and were not fetched: nothing was checked.",
}


def signed_by(signature: Signature | None) -> str:
    """Name a signer as its certificate does: the organisation, then the common name."""
    if signature is None:
        return "nobody"
    names = dict.fromkeys(item for item in (signature.organization, signature.common_name) if item)
    return " / ".join(names) or "a certificate without a name"


def moment(at: datetime) -> str:
    """Write a time to the second, in its own zone."""
    zone = at.strftime("%z")
    return at.strftime("%Y-%m-%d %H:%M:%S ") + ("UTC" if zone in {"", "+0000"} else zone)


def beginning(history: History) -> str:
    """Say how the content began, as far as its history tells."""
    began = dict.fromkeys(_began(item) for item in history.beginnings)
    return "; ".join(began) or "unknown: the history leads back to itself"


def _began(edit: Edit) -> str:
    name = f"{edit.title!r}" if edit.title else "a file without a name"
    if edit.signature is None:
        return (
            f"unknown: {name} has no credentials" if edit.state is EditState.UNKNOWN else f"unknown: {name} is missing"
        )
    first = edit.actions[0] if edit.actions else None
    if first is not None and first.name == "c2pa.created":
        return source_type(first.source_type) or f"{name} was created; how is not said"
    return f"unknown: the history of {name} does not begin with its creation"


def source_type(uri: str | None) -> str | None:
    """Say a digital source type in plain words; one that nobody knows by its own name."""
    if not uri:
        return None
    name = short_source_type(uri)
    return SOURCE_TYPES.get(name, name)


SOURCE_TYPES = {
    "digitalCapture": "captured by a digital camera or recorder",
    "computationalCapture": "captured and computed by a device",
    "compositeCapture": "composed of several captures",
    "screenCapture": "a capture of a screen",
    "virtualRecording": "a recording of virtual content",
    "negativeFilm": "a scan of negative film",
    "positiveFilm": "a scan of positive film",
    "print": "a scan of a print",
    "humanEdits": "edited by a human",
    "digitalCreation": "created by a human with software",
    "dataDrivenMedia": "rendered from data",
    "algorithmicallyEnhanced": "enhanced by an algorithm",
    "algorithmicMedia": "created by an algorithm, not a trained one",
    "trainedAlgorithmicMedia": "generated by a trained model (AI)",
    "compositeWithTrainedAlgorithmicMedia": "edited or composed with a trained model (AI)",
    "compositeSynthetic": "composed with generated elements",
    "composite": "composed of several sources, which may be generated",
    "empty": "an empty canvas",
    "trainedAlgorithmicData": "data generated by a trained model (AI)",
}
"""Digital source types (IPTC NewsCodes) in plain words."""
