"""Why a policy decides as it does: every rule, the facts that it looked at, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from provenance.model.trials import Explained
from provenance.policy.evaluate import ask
from provenance.policy.facts import Facts
from provenance.policy.registry import Need, find

if TYPE_CHECKING:
    from provenance.model.facets import Facets
    from provenance.model.history import History
    from provenance.model.manifest import ManifestStore
    from provenance.model.policy import Held, Policy, RuleUse


def explain(facts: Facts, policy: Policy) -> tuple[Explained, ...]:
    """Ask every rule of a policy, and note what each looks at."""
    return tuple(_explained(facts, use) for use in policy.rules)


def _explained(facts: Facts, use: RuleUse) -> Explained:
    watched = _Watched(facts)
    finding = ask(watched, use)
    known = find(use.rule)
    collected = _collected(facts, known.needs) if known else ()
    return Explained(
        use=use,
        question=known.question if known else "Does its condition hold?",
        finding=finding,
        facts=(*watched.seen.values(), *collected),
    )


def _collected(facts: Facts, needs: Need) -> tuple[str, ...]:
    """Name facts that are only collected where a rule asks for them."""
    told = []
    if Need.CERTIFICATE in needs:
        told.append("the certificate" if facts.inspection.further.certificate else "the certificate: not at hand")
    if Need.METADATA in needs:
        told.append("the file's metadata" if facts.inspection.metadata else "the file's metadata: not read")
    return tuple(told)


class _Watched(Facts):
    """Facts that note what is looked at."""

    def __init__(self, facts: Facts) -> None:
        self.inspection = facts.inspection
        self.seen: dict[str, str] = {}
        self._facts = facts

    @property
    def store(self) -> ManifestStore | None:
        found = self._facts.store
        self.seen["manifests"] = f"manifests: {len(found.manifests) if found else 'none'}"
        return found

    @property
    def facets(self) -> Facets:
        return cast("Facets", _WatchedFacets(self._facts.facets, self.seen))

    @property
    def history(self) -> History | None:
        found = self._facts.history
        self.seen["history"] = f"steps of the history: {len(found.edits) if found else 'none'}"
        return found

    def holds(self, expression: str) -> Held:
        held = self._facts.holds(expression)
        self.seen |= {item: item for item in held.evidence}
        return held


class _WatchedFacets:
    """Facets that are noted, each with its state, when they are looked at."""

    def __init__(self, facets: Facets, seen: dict[str, str]) -> None:
        self._facets = facets
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        facet = getattr(self._facets, name)
        self._seen[name] = f"{name}: {facet.state}"
        return facet
