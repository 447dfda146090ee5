"""What rules may ask about a file; each fact is worked out when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from provenance.model import flags
from provenance.model.policy import Held

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from provenance.model.facets import Facets
    from provenance.model.history import History, RedFlag
    from provenance.model.manifest import Manifest, ManifestStore
    from provenance.model.ports import Conditions
    from provenance.model.verdict import Inspection


class Facts:
    """One inspection, and what follows from it."""

    def __init__(
        self,
        inspection: Inspection,
        *,
        trace: Callable[[ManifestStore], History],
        report: Callable[[], Mapping[str, Any]] | None = None,
        conditions: Conditions | None = None,
    ) -> None:
        """Take the inspection, what follows a history, and what conditions are decided with.

        `report` makes the JSON report of the inspection, `conditions` decides expressions over it.
        """
        self.inspection = inspection
        self._trace = trace
        self._report = report
        self._conditions = conditions

    @property
    def store(self) -> ManifestStore | None:
        """The manifests, when there are any that can be read."""
        return self.inspection.store

    @property
    def active(self) -> Manifest | None:
        """The manifest that describes the file itself."""
        return self.store.active_manifest if self.store else None

    @property
    def facets(self) -> Facets:
        """One answer to each question."""
        return self._facets

    @property
    def history(self) -> History | None:
        """Every step, back to where the content began."""
        return self._history

    @cached_property
    def flags(self) -> tuple[RedFlag, ...]:
        """What is odd about the history."""
        return flags.red_flags(self.history) if self.history else ()

    def holds(self, expression: str) -> Held:
        """Decide a condition over the JSON report."""
        if self._conditions is None or self._report is None:
            return Held(value=None, why="conditions were not decided")
        return self._conditions.holds(expression, self._written)

    @cached_property
    def _facets(self) -> Facets:
        return self.inspection.facets

    @cached_property
    def _history(self) -> History | None:
        return self._trace(self.store) if self.store else None

    @cached_property
    def _written(self) -> Mapping[str, Any]:
        return self._report() if self._report else {}
