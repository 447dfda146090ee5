"""Records to and from the rows of their tables."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, Any

from provenance import codec
from provenance.catalogue.canonical import line, storable, without_secrets
from provenance.catalogue.schema import records
from provenance.model.record import Check, Described, Operation, Parent, Record
from provenance.model.verdict import Decision

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from provenance.model.fingerprints import Fingerprint

_MARKS = re.compile("[\u0300-\u036f]+")
"""Accents, once they stand apart from their letters."""
_ELSEWHERE = ("manifest", "parents")
"""What has a table of its own."""
_DERIVED = ("number", "store", "dated_at", "described", "operation")
"""Columns that are no field of a record, or in another form."""
_TYPES = {column.name: column.type.python_type for column in records.c}
_TIMES = ("recorded_at", "signed_at", "attested_at")


def row_of(number: int, store: int, plain: Mapping[str, Any]) -> dict[str, Any]:
    """Make the row of a record from its fields as JSON knows them (`canonical.plain`)."""
    row = dict(plain)
    for key in _ELSEWHERE:
        del row[key]
    for key in _TIMES:
        row[key] = None if row[key] is None else datetime.fromisoformat(row[key])
    dated_at = row["signed_at"] or row["recorded_at"]
    row.update(number=number, store=store, described=line(row["described"]), dated_at=dated_at)
    return row


def parents_of(number: int, plain: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Make the rows of a record's parents."""
    return [
        {"number": number, "position": position, "label": item.get("label"), "record": item.get("record")}
        for position, item in enumerate(plain["parents"])
    ]


def prints_of(number: int, found: Iterable[Fingerprint]) -> list[dict[str, Any]]:
    """Make the rows of a record's fingerprints."""
    return [{"number": number, "method": item.method, "variant": item.variant, "value": item.value} for item in found]


def text_of(number: int, plain: Mapping[str, Any]) -> dict[str, Any]:
    """Make the row by which a record is found by words."""
    about: Mapping[str, Any] = plain["described"]
    said = [plain["title"], plain["signer"], plain["written_to"], *about.get("creators", ())]
    said += [value for key, value in about.items() if key != "creators"]
    return {"number": number, "folded": folded(" \n".join(item for item in said if item))}


def folded(text: str) -> str:
    """Return text as it is compared: without case and accents."""
    if text.isascii():
        return text.lower()
    return _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))


def record_of(row: Mapping[str, Any], parents: Iterable[Parent]) -> Record:
    """Make a record from its row. Raises `ValueError` for a row that no record was ever written as."""
    _require_types(row)
    fields = {key: value for key, value in row.items() if key not in _DERIVED}
    described = _described(json.loads(row["described"]))
    return Record(**fields, operation=Operation(row["operation"]), described=described, parents=tuple(parents))


def _described(said: object) -> Described:
    try:
        return codec.from_plain(said, Described)
    except codec.DecodingError as error:
        raise ValueError(f"described: {error}") from error


def _require_types(row: Mapping[str, Any]) -> None:
    """SQLite keeps in a column what somebody puts there, whatever its type."""
    for name, kind in _TYPES.items():
        if row[name] is not None and not isinstance(row[name], kind):
            raise ValueError(f"{name} is {type(row[name]).__name__}")
    if row["manifest"] is None:
        raise ValueError("its manifest store has no row")


def check_row(check: Check) -> dict[str, Any]:
    """Make the row of a verification."""
    return {
        "id": check.id,
        "at": check.at,
        "digest": check.digest,
        "decision": check.decision.value,
        "policy": storable(check.policy),
        "policy_digest": check.policy_digest,
        "lists": json.dumps(check.lists),
        "name": None if check.name is None else storable(without_secrets(check.name)),
        "reasons": json.dumps([storable(item) for item in check.reasons], ensure_ascii=False),
        "asked_by": storable(check.asked_by),
    }


def check_of(row: Mapping[str, Any]) -> Check:
    """Make a verification from its row. Raises `ValueError`."""
    fields = {key: value for key, value in row.items() if key != "row"}
    fields["decision"] = Decision(row["decision"])
    return Check(**fields | {key: tuple(json.loads(row[key])) for key in ("lists", "reasons")})
