"""Records to and from the rows of their tables."""

from __future__ import annotations

import json
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, Any

from provenance.model.record import Described, Operation, Parent, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TIMES = ("recorded_at", "signed_at", "attested_at")


def row_of(number: int, plain: Mapping[str, Any]) -> dict[str, Any]:
    """Make the row of a record from its fields as JSON knows them (`canonical.plain`)."""
    row = {key: value for key, value in plain.items() if key != "parents"}
    for key in _TIMES:
        row[key] = None if row[key] is None else datetime.fromisoformat(row[key])
    described = json.dumps(row["described"], ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return row | {"number": number, "described": described, "dated_at": row["signed_at"] or row["recorded_at"]}


def parents_of(number: int, plain: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Make the rows of a record's parents."""
    return [
        {"number": number, "position": position, "label": item.get("label"), "record": item.get("record")}
        for position, item in enumerate(plain["parents"])
    ]


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
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(item for item in apart if not unicodedata.combining(item))


def record_of(row: Mapping[str, Any], parents: Iterable[Parent]) -> Record:
    """Make a record from its row. Raises `ValueError` for a row that no record was ever written as."""
    described = json.loads(row["described"])
    fields = {key: value for key, value in row.items() if key not in {"number", "dated_at", "described", "operation"}}
    creators = tuple(described.pop("creators", ()))
    try:
        about = Described(creators=creators, **described)
    except TypeError as error:
        raise ValueError(str(error)) from error
    return Record(**fields, operation=Operation(row["operation"]), described=about, parents=tuple(parents))
