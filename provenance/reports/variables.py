"""What conditions of policies may ask: the JSON report of a file, without what only follows from judging it."""

from __future__ import annotations

import dataclasses
import typing
from typing import TYPE_CHECKING, Any, TypeAlias

from provenance.model.facets import Facets
from provenance.reports import to_json
from provenance.reports.form import FacetReport, FileReport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.model.history import History
    from provenance.model.verdict import Inspection

Names: TypeAlias = "Mapping[str, Names | None]"
"""Names and the fields below each; `None` where there are none."""

JUDGED = frozenset({"decision", "sentence", "error", "findings", "policy", "recovered"})
"""Fields of a report that are not there yet when conditions are decided."""
OF_MANIFESTS = frozenset({"statuses"})
"""Lists that are empty where there are no manifests: a condition on every item would hold of nothing."""
NOW = "now"
"""The day for which the verdict holds; a time, and not a text as the others are."""


def variables(inspection: Inspection, history: History | None) -> dict[str, Any]:
    """Return what conditions may use, as JSON has it; what is not known is not there, so that it decides nothing."""
    gone = JUDGED if inspection.store is not None else JUDGED | OF_MANIFESTS
    known = {key: value for key, value in to_json.variables(inspection, history).items() if key not in gone}
    found: dict[str, Any] = _without_null(known)
    return found | {NOW: found.get("as_of") or found["at"]}


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    return [_without_null(item) for item in value] if isinstance(value, list | tuple) else value


def names() -> Names:
    """Return the names of all variables, with the fields of those that have some; lists have none of their own."""
    return {name: _below(hint) for name, hint in _fields(FileReport).items() if name not in JUDGED} | {NOW: None}


def listed() -> tuple[str, ...]:
    """Return every variable and field as one path; `[]` stands for any item of a list."""
    found = [path for name, hint in _fields(FileReport).items() if name not in JUDGED for path in _paths(name, hint)]
    return (*found, NOW)


def _fields(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {item.name: hints[item.name] for item in dataclasses.fields(kind)}


def _plain(hint: Any) -> tuple[Any, str]:
    """Take the kind out of what may be missing, listed or named: the kind, and what stands after the name."""
    options = [item for item in typing.get_args(hint) if item is not type(None)]
    if typing.get_origin(hint) is tuple:
        return options[0], "[]"
    return (options[0], "") if len(options) == 1 else (hint, "")


def _below(hint: Any) -> Names | None:
    kind, several = _plain(hint)
    if several:
        # A list has no fields, and whoever asks for one has forgotten to say of which item.
        return {}
    if _is_facets(kind):
        return {item.name: _below(FacetReport) for item in dataclasses.fields(Facets)}
    return {name: _below(item) for name, item in _fields(kind).items()} if dataclasses.is_dataclass(kind) else None


def _paths(name: str, hint: Any) -> list[str]:
    kind, several = _plain(hint)
    fields = _fields(kind) if dataclasses.is_dataclass(kind) else {}
    if _is_facets(kind):
        return [path for item in dataclasses.fields(Facets) for path in _paths(f"{name}.{item.name}", FacetReport)]
    if not fields:
        return [name + several]
    return [path for field, item in fields.items() for path in _paths(f"{name}{several}.{field}", item)]


def _is_facets(kind: Any) -> bool:
    """Say whether this is the dictionary of facets: its keys are those of the model."""
    return typing.get_args(kind) == (str, FacetReport)
