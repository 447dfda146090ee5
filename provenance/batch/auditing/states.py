"""What is remembered of a file, and under which circumstances that was found; plain values, compared by `drift`."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 -- the codec looks the types of fields up
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.model.facets import Time
from provenance.model.trust import Purpose  # noqa: TC001 -- the codec looks the types of fields up
from provenance.model.verdict import Decision  # noqa: TC001 -- the codec looks the types of fields up
from provenance.reports.summary import why

if TYPE_CHECKING:
    from datetime import datetime

    from provenance.batch.work import Outcome
    from provenance.model.policy import Policy
    from provenance.model.verdict import Inspection, Verdict
    from provenance.reports.result import Result
    from provenance.workspace import Workspace

SIGNER, STAMP = "signer", "time"
"""Facets for which it is known which list has vouched."""
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of no bytes at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListState:
    """A trust list that counted."""

    name: str
    purpose: Purpose
    digest: str
    dated: str
    """The day as of which it holds, or on which it was obtained; empty when nobody says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a verdict depends on besides the file: the same for all files of a run."""

    policy: str
    policy_version: str
    policy_digest: str
    program: str
    """Version of this program."""
    online: bool
    """Authorities were asked, and manifests fetched."""
    lists: tuple[ListState, ...]

    def serving(self, purpose: Purpose) -> Mapping[str, ListState]:
        """Return the lists for a purpose, by their names."""
        return {item.name: item for item in self.lists if item.purpose is purpose}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a verdict comes down to."""

    decision: Decision | None = None
    """`None`: it could be read, but not verified."""
    why: str = ""
    """What decides, or why it could not be verified."""
    facets: Mapping[str, str] = field(default_factory=dict)
    """The state of each, by its name."""
    through: Mapping[str, str] = field(default_factory=dict)
    """Names of the lists that vouch, by facet."""
    manifest: str = ""
    """Label of the active manifest."""
    signer: str = ""
    """Organisation, common name and serial number of the signing certificate."""
    expired: bool = False
    """The certificate has expired, and no trusted time says that it was used before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One file, as it was found."""

    name: str
    """Its full path, or its address."""
    size: int
    version: str
    digest: str | None
    """SHA-256; `None`: it could not be read, so that nothing is known of it."""
    facts: Facts
    context: Context
    at: datetime
    gone: bool = False
    """It was there, as it is described here, and then it was not."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Of the facets, in words; not remembered."""


def context_of(space: Workspace, policy: Policy, *, online: bool) -> Context:
    """Describe the circumstances of a run.

    Raises `SettingsError` for a trust list that cannot be used.
    """
    lists = [
        ListState(
            name=text(item.name),
            purpose=item.purpose,
            digest=item.digest,
            dated=f"{day:%Y-%m-%d}" if (day := item.as_of or item.obtained) else "",
        )
        for item in space.trust.lists
    ]
    return Context(
        policy=text(policy.name),
        policy_version=text(policy.version),
        policy_digest=policy.digest,
        program=space.generator.version or "",
        online=online,
        lists=tuple(sorted(lists, key=lambda item: (item.purpose, item.name))),
    )


def state_of(outcome: Outcome, *, name: str, context: Context, at: datetime) -> State:
    """Describe what became of a verification that asked for digests."""
    result = outcome.result
    verdict = result.verdict if result else None
    failed = Facts(why=text(outcome.error.message if outcome.error else ""))
    return State(
        name=name,
        size=outcome.job.size,
        version=outcome.job.version,
        digest=_digest(outcome, verdict),
        facts=_facts(result, verdict) if result and verdict else failed,
        context=context,
        at=at,
        reasons=_reasons(verdict) if verdict else {},
    )


def text(found: str) -> str:
    """Write what is no text, as in the names of files that are not UTF-8, as it will come back from the disk."""
    return found.encode("utf-8", "backslashreplace").decode()


def _digest(outcome: Outcome, verdict: Verdict | None) -> str | None:
    if verdict is not None:
        found = verdict.inspection.media.digest
        return found.value if found else None
    if outcome.job.version and not outcome.job.size:
        return EMPTY
    return outcome.digest


def _facts(result: Result, verdict: Verdict) -> Facts:
    facets, store = verdict.facets, verdict.inspection.store
    signature = store.active_manifest.signature if store else None
    signer = (signature.organization, signature.common_name, signature.serial) if signature else ()
    return Facts(
        decision=verdict.decision,
        why=text(why(result)[1]),
        facets={name: getattr(facets, name).state.value for name in type(facets).__dataclass_fields__},
        through=_through(verdict.inspection),
        manifest=text(store.active if store else ""),
        signer=text(", ".join(item for item in signer if item)),
        expired=_expired(verdict.inspection),
    )


def _through(found: Inspection) -> dict[str, str]:
    """Say which lists vouch for whom, where the engine and our own look name one."""
    stamp, facets = found.further.stamp, found.facets
    named = {
        SIGNER: found.store.trust_list if found.store else None,
        STAMP: stamp.through if stamp else None,
    }
    return {facet: text(name) for facet, name in named.items() if name and getattr(facets, facet).state == "trusted"}


def _expired(found: Inspection) -> bool:
    if found.store is None:
        return False
    if any(item.code == "signingCredential.expired" for item in found.store.statuses):
        return True
    signature = found.store.active_manifest.signature
    over = signature is not None and signature.expires is not None and signature.expires < found.at
    return over and found.facets.time.state is not Time.TRUSTED


def _reasons(verdict: Verdict) -> dict[str, str]:
    facets = verdict.facets
    return {name: getattr(facets, name).reason for name in type(facets).__dataclass_fields__}
