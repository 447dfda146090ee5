"""The sentences that people read, in the words of the standard (C2PA user experience guidance)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from provenance.model.claim import short_source_type
from provenance.model.facets import Ancestry, Content, Credential, Revocation, Signer, Signing
from provenance.model.history import EditState, moment_of
from provenance.model.verdict import Decision
from provenance.reports.reasons import deciding, idle, told

if TYPE_CHECKING:
    from provenance.model.facets import Facet, Facets
    from provenance.model.history import Edit, History, RedFlag
    from provenance.model.manifest import Signature
    from provenance.model.verdict import Finding, Verdict
    from provenance.reports.result import Result
    from provenance.reports.summary import FlagCount, Reason, Summary

UNATTRIBUTABLE = "nothing in it can be attributed to the signer"
NOT_LOOKED_AT = "It could not be looked at."
LOOK_AT = "look at"
"""Before a red flag."""
STANDINGS = {
    Decision.REJECTED: "rejected",
    None: "not looked at",
    Decision.REVIEW: "to review",
    Decision.ACCEPTED: "accepted",
}
"""What can become of a file, the worst first."""
_MISSING = {
    Credential.ABSENT: "No Content Credentials: nothing is said about where it comes from",
    Credential.UNREADABLE: "Its Content Credentials cannot be read: nothing in them can be relied on",
    Credential.NOT_FETCHED: "Its Content Credentials are kept elsewhere and were not fetched: nothing was checked",
}
NO_RULE = "no rule of the policy applies to it"


def headline(verdict: Verdict) -> str:
    """Say a verdict in one sentence: what was found, and what decides where that does not follow from it."""
    facets = verdict.facets
    sentence, facet = _found(facets, _who(verdict))
    if verdict.decision is Decision.ACCEPTED:
        at_odds = f"; the policy {verdict.policy.name!r} accepts it all the same"
        return f"{sentence}." if facet is None else f"{sentence}{at_odds}."
    decide = deciding(verdict)
    if not decide:
        return f"{sentence}; {NO_RULE}."
    if _follows(decide, facet):
        return f"{sentence}."
    why = decide[0].message if decide[0].message in told(facets) else f"{decide[0].message} ({decide[0].rule})"
    if facet is None:
        return f"Signed by {_who(verdict)} and intact since, but {why}."
    return f"{sentence}; {STANDINGS[verdict.decision]}: {why}."


def _follows(decide: tuple[Finding, ...], facet: Facet[Any] | None) -> bool:
    """Say whether a decision follows from what a facet says."""
    if facet is None:
        return False
    missing = isinstance(facet.state, Credential)
    return any(item.message == facet.reason or (missing and idle(item)) for item in decide)


def _who(verdict: Verdict) -> str:
    store = verdict.inspection.store
    return signed_by(store.active_manifest.signature if store else None)


def _found(facets: Facets, who: str) -> tuple[str, Facet[Any] | None]:
    """Say what was found, without a full stop, and the facet that says the same; none where all is as it should be."""
    if facets.credential.state is not Credential.PRESENT:
        return _MISSING[facets.credential.state], facets.credential
    if facets.content.state is Content.CHANGED:
        return f"It was changed after signing: {UNATTRIBUTABLE}", facets.content
    if facets.content.state is Content.MALFORMED:
        return f"Its credentials break the rules of the standard: {UNATTRIBUTABLE}", facets.content
    return _bound(facets, who)


def _bound(facets: Facets, who: str) -> tuple[str, Facet[Any] | None]:
    """Say what was found about a file whose content nobody objects to."""
    if facets.signature.state is Signing.INVALID:
        return f"Its signature does not hold: {UNATTRIBUTABLE}", facets.signature
    if facets.signature.state is Signing.NOT_CHECKED:
        return f"Its signature was not checked: {UNATTRIBUTABLE}", facets.signature
    if facets.revocation.state is Revocation.REVOKED:
        return f"The signer's certificate was revoked: {UNATTRIBUTABLE}", facets.revocation
    if facets.signer.state is Signer.INVALID:
        return f"The certificate may not have signed it: {UNATTRIBUTABLE}", facets.signer
    if facets.content.state is not Content.INTACT:
        return "Whether it was changed after signing is not known: its content was not checked", facets.content
    if facets.ancestry.state is Ancestry.BROKEN:
        return "It is intact itself, but a file that it was made from is not what was signed", facets.ancestry
    if facets.signer.state is not Signer.TRUSTED:
        return f"Intact since it was signed, but the identity of the signer ({who}) can't be verified", facets.signer
    return f"Signed by {who}, and intact since", None


def counted(summary: Summary) -> str:
    """Say how many files there were and what became of them, the worst first."""
    parts = ", ".join(f"{count} {STANDINGS[standing]}" for standing, count in summary.counts.items() if count)
    return f"{_files(summary.files)}: {parts}" if parts else "no files"


def because(reason: Reason) -> str:
    """Say why some files were not accepted."""
    return "other reasons" if reason.message is None else reason.message


def examples(reason: Reason) -> str:
    """Name some of the files that a reason holds for."""
    more = reason.files - len(reason.examples)
    return ", ".join(reason.examples) + (f" and {more} more" if more else "")


def noticed(found: FlagCount) -> str:
    """Say in how many histories a kind of red flag was found."""
    return f"{found.kind}, in {_files(found.files)}"


def flagged(result: Result) -> tuple[str, ...]:
    """Say what to look at in a history, and in which step."""
    history = result.history
    if history is None:
        return ()
    return tuple(f"{item.kind}: {about(item, history)}" for item in result.flags)


def about(flag: RedFlag, history: History) -> str:
    """Say what a red flag is about."""
    if flag.edit == history.head:
        return flag.message
    return f"{history.edit(flag.edit).title or 'a file without a name'!r}: {flag.message}"


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"


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


def stated_moment(text: str) -> str:
    """Write a time that a file states like any other; what names no moment stays as it was stated."""
    return text if moment_of(text) is None else moment(datetime.fromisoformat(text))


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
