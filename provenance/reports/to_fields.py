"""A verdict as flat fields, for the columns of a media archive (DAM) and for metadata beside the file.

What only a signer can say (who signed, when, how it began) is given where it can be relied on: the content is intact,
the signature holds, the signer is trusted and the certificate not revoked. Otherwise these fields are empty, whatever
the file states.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from provenance import codec
from provenance.model.facets import Content, Credential, Revocation, Signer, Signing, Time
from provenance.model.policy import Outcome
from provenance.model.verdict import Decision
from provenance.reports.escape import as_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.reports.form import FileReport, FindingReport
    from provenance.reports.to_history import EditReport, HistoryReport, SignatureReport

VERSION: Final = 1
_SOUND: Final = {
    "credential": Credential.PRESENT,
    "content": Content.INTACT,
    "signature": Signing.VALID,
    "signer": Signer.TRUSTED,
}
"""Without these, nothing can be attributed to the signer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What is known of one file; every value is text, a list of texts, or nothing."""

    version: int = VERSION
    generator: str
    """Name and version of the program that judged."""
    file: str
    sha256: str | None
    decision: str
    """`accepted`, `review` or `rejected`."""
    sentence: str
    """The verdict in one sentence."""
    rules: tuple[str, ...] = ()
    """Names of the rules that kept it from being accepted."""
    reasons: tuple[str, ...] = ()
    """What these rules say; what could not be decided only where nothing failed."""
    flags: tuple[str, ...] = ()
    """What to look at in its history."""
    signer: str | None = None
    """Name of the signer, whose identity is verified."""
    certificate: str | None = None
    """The name in the certificate, whoever that may be."""
    signed_at: str | None = None
    """RFC 3339; attested by a time-stamp authority that is trusted."""
    source_type: str | None = None
    """Digital source type (IPTC NewsCodes, a URI), where all steps of the history agree and can be relied on."""
    began: str | None = None
    """How the content began, in words."""
    manifest: str | None = None
    """Label of the active manifest."""
    credential: str | None = None
    content: str | None = None
    signature: str | None = None
    signer_state: str | None = None
    time: str | None = None
    revocation: str | None = None
    ancestry: str | None = None
    publisher: str | None = None
    policy: str | None = None
    """Name and version of the policy that judged."""
    policy_digest: str | None = None
    checked_at: str | None = None
    """RFC 3339."""
    as_of: str | None = None
    """Another day as of which the verdict holds."""
    basis: str | None = None
    """Changes whenever something does that the verdict rests on; compared, never read."""


def fields(file: FileReport, *, generator: str, basis: str | None = None) -> Fields:
    """Take the fields from the report on one file.

    Raises `ValueError` for a file without a verdict: of what was not looked at nothing is known.
    """
    if file.decision is None or file.facets is None:
        raise ValueError(file.error or file.sentence)
    states = {name: facet.state for name, facet in file.facets.items()}
    history = file.history
    sound = _is_sound(states)
    name = _name(history.edits[0].signature) if history and history.edits else None
    decisive = _decisive(file)
    return Fields(
        generator=generator,
        file=file.file,
        sha256=file.sha256,
        decision=file.decision,
        sentence=file.sentence,
        rules=tuple(dict.fromkeys(item.rule for item in decisive)),
        reasons=tuple(dict.fromkeys(item.message for item in decisive)),
        flags=tuple(f"{item.kind}: {item.message}" for item in history.flags) if history else (),
        signer=name if sound else None,
        certificate=name,
        signed_at=_attested(history) if sound and states.get("time") == Time.TRUSTED else None,
        source_type=_source_type(history) if sound and history else None,
        began=history.began if sound and history else None,
        manifest=history.head if history else None,
        credential=states.get("credential"),
        content=states.get("content"),
        signature=states.get("signature"),
        signer_state=states.get("signer"),
        time=states.get("time"),
        revocation=states.get("revocation"),
        ancestry=states.get("ancestry"),
        publisher=states.get("publisher"),
        policy=f"{file.policy.name} {file.policy.version}" if file.policy else None,
        policy_digest=file.policy.digest if file.policy else None,
        checked_at=file.at,
        as_of=file.as_of,
        basis=basis,
    )


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of `Fields`."""
    return codec.schema(Fields)


def text(found: Fields) -> str:
    """Write them as JSON."""
    return as_json(codec.to_json(found)) + "\n"


def _is_sound(states: Mapping[str, str]) -> bool:
    """Say whether anything can be attributed to the signer."""
    return states.get("revocation") != Revocation.REVOKED and all(states.get(key) == _SOUND[key] for key in _SOUND)


def _decisive(file: FileReport) -> list[FindingReport]:
    """Return the findings that make the decision; what is only undecided where nothing else does."""
    if file.decision == Decision.ACCEPTED:
        return []
    found = [item for item in file.findings if item.decision == file.decision and item.outcome != Outcome.PASSED]
    return [item for item in found if item.outcome == Outcome.FAILED] or found


def _name(signature: SignatureReport | None) -> str | None:
    if signature is None:
        return None
    return " / ".join(dict.fromkeys(filter(None, (signature.organization, signature.common_name)))) or None


def _attested(history: HistoryReport | None) -> str | None:
    signature = history.edits[0].signature if history and history.edits else None
    return signature.time if signature else None


def _source_type(history: HistoryReport) -> str | None:
    """Return the one digital source type that the history states, if nobody who is not trusted had a part in it."""
    stated = {item.source_type for edit in history.edits for item in edit.actions if item.source_type}
    return stated.pop() if len(stated) == 1 and all(map(_is_reliable, history.edits)) else None


def _is_reliable(edit: EditReport) -> bool:
    return edit.trusted and edit.signature is not None and not edit.redacted
