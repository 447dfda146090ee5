"""The built-in policy: facets in, findings out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model import derived, statuses
from provenance.model.facets import Ancestry, Content, Credential, Publisher, Revocation, Signer, Signing, Time
from provenance.model.manifest import StatusKind
from provenance.model.statuses import Concern
from provenance.model.verdict import Decision, Finding, Policy, Verdict

if TYPE_CHECKING:
    from enum import StrEnum

    from provenance.model.facets import Facets
    from provenance.model.manifest import ManifestStore, Status
    from provenance.model.verdict import Inspection

_OUTCOMES: dict[str, dict[StrEnum, Decision]] = {
    "credential": {
        Credential.PRESENT: Decision.ACCEPTED,
        Credential.ABSENT: Decision.REVIEW,
        Credential.NOT_FETCHED: Decision.REVIEW,
        Credential.UNREADABLE: Decision.REJECTED,
    },
    "content": {
        Content.INTACT: Decision.ACCEPTED,
        Content.NOT_CHECKED: Decision.REVIEW,
        Content.CHANGED: Decision.REJECTED,
        Content.MALFORMED: Decision.REJECTED,
    },
    "signature": {
        Signing.VALID: Decision.ACCEPTED,
        Signing.NOT_CHECKED: Decision.REVIEW,
        Signing.INVALID: Decision.REJECTED,
    },
    "signer": {
        Signer.TRUSTED: Decision.ACCEPTED,
        Signer.UNTRUSTED: Decision.REVIEW,
        Signer.NOT_CHECKED: Decision.REVIEW,
        Signer.INVALID: Decision.REJECTED,
    },
    # The standard makes a bad time-stamp informational; one that belongs to something else still deserves a look.
    "time": {
        Time.TRUSTED: Decision.ACCEPTED,
        Time.UNTRUSTED: Decision.ACCEPTED,
        Time.ABSENT: Decision.ACCEPTED,
        Time.NOT_CHECKED: Decision.ACCEPTED,
        Time.INVALID: Decision.REVIEW,
    },
    "revocation": {
        Revocation.GOOD: Decision.ACCEPTED,
        Revocation.NOT_CHECKED: Decision.ACCEPTED,
        Revocation.UNKNOWN: Decision.REVIEW,
        Revocation.REVOKED: Decision.REJECTED,
    },
    "ancestry": {
        Ancestry.NONE: Decision.ACCEPTED,
        Ancestry.INTACT: Decision.ACCEPTED,
        Ancestry.UNKNOWN: Decision.ACCEPTED,
        Ancestry.NOT_CHECKED: Decision.REVIEW,
        Ancestry.BROKEN: Decision.REJECTED,
    },
    "publisher": {
        Publisher.NONE: Decision.ACCEPTED,
        Publisher.TRUSTED: Decision.ACCEPTED,
        Publisher.UNTRUSTED: Decision.REVIEW,
        Publisher.NOT_CHECKED: Decision.ACCEPTED,
        Publisher.INVALID: Decision.REJECTED,
    },
}
"""What each state of each facet is good for; a test sees that no state is forgotten."""

STANDARD = Policy(name="standard", version="2", rules=(*_OUTCOMES, "engine"))


def evaluate(inspection: Inspection) -> Verdict:
    """Judge an inspection by the built-in policy `standard`.

    Broken content, signature, certificate or ancestry: rejected. Nothing broken, but the signer not trusted, or no
    credentials at all: review. Intact and trusted: accepted.
    """
    # Derived once: with a long history that is most of the work.
    facets = inspection.facets
    store = inspection.store
    findings = [_by_facet(facets, name, store) for name in _OUTCOMES]
    if store is not None:
        failures = [item for item in store.statuses if item.kind is StatusKind.FAILURE]
        findings.append(_engine(store.reported_state, failures, by_today=inspection.further.as_of is None))
    return Verdict(inspection=inspection, policy=STANDARD, findings=tuple(findings))


def _by_facet(facets: Facets, name: str, store: ManifestStore | None) -> Finding:
    facet = getattr(facets, name)
    failed = derived.failures(store.statuses, Concern.IDENTITY) if store and name == "publisher" else ()
    return Finding(
        rule=name,
        decision=_OUTCOMES[name][facet.state],
        message=facet.reason,
        evidence=tuple(item.code for item in failed),
    )


def _engine(reported_state: str, failures: list[Status], *, by_today: bool) -> Finding:
    """Never be milder than the engine: what it calls Invalid for a reason that we do not know is rejected.

    A verdict as of another day sets aside what the engine says by today's clock; the signer was judged anew.
    """
    if not by_today:
        failures = [item for item in failures if item.code not in statuses.BY_TODAYS_CLOCK]
    if reported_state != "Invalid" or (not by_today and not failures):
        return Finding(rule="engine", decision=Decision.ACCEPTED, message="the engine does not object")
    explained = {Concern.TRUST, Concern.IDENTITY}
    mild = bool(failures) and all(statuses.concern(item.code) in explained for item in failures)
    return Finding(
        rule="engine",
        decision=Decision.REVIEW if mild else Decision.REJECTED,
        message="the engine calls the manifest invalid",
        evidence=tuple(item.code for item in failures),
    )
