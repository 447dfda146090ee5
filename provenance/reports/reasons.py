"""Why a file got its decision, and which findings tell more than its facets do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model.facets import Credential
from provenance.model.policy import Outcome
from provenance.model.verdict import Decision

if TYPE_CHECKING:
    from provenance.model.facets import Facets
    from provenance.model.verdict import Finding, Verdict

_OF_CREDENTIALS = {"integrity", "signer", "time", "revocation", "history"}
"""Groups of rules that have nothing to look at where there are no credentials."""


def deciding(verdict: Verdict) -> tuple[Finding, ...]:
    """Return the findings that make the decision, failures before what is undecided; none for an accepted file."""
    if verdict.decision is Decision.ACCEPTED:
        return ()
    found = [item for item in verdict.findings if item.decision is verdict.decision]
    return tuple(sorted(found, key=lambda item: item.outcome is not Outcome.FAILED))


def told(facets: Facets) -> frozenset[str]:
    """Return what the facets say: a finding with the same words tells nothing more."""
    return frozenset(getattr(facets, name).reason for name in type(facets).__dataclass_fields__)


def remarks(verdict: Verdict) -> tuple[Finding, ...]:
    """Return the findings that do not pass and that no facet tells; undecided ones only where they count.

    What the engine says is only told where nothing else objects as much.
    """
    facets = verdict.facets
    said, decide = told(facets), deciding(verdict)
    nothing = facets.credential.state is not Credential.PRESENT
    return tuple(
        item
        for item in verdict.findings
        if item.outcome is not Outcome.PASSED
        and item.message not in said
        and not (item.outcome is Outcome.UNDECIDED and item.decision is Decision.ACCEPTED)
        and not (nothing and idle(item))
        and not (item.rule == "integrity.engine-agrees" and decide != (item,))
    )


def idle(finding: Finding) -> bool:
    """Say whether a finding is undecided as it must be where there are no credentials."""
    return finding.outcome is Outcome.UNDECIDED and finding.rule.partition(".")[0] in _OF_CREDENTIALS
