"""Enter recordings: each once, with its place in the ledger, its manifest store and its fingerprints."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from provenance.catalogue import canonical, ledger, rows
from provenance.catalogue.schema import manifests, parents, records, texts
from provenance.errors import CatalogueError
from provenance.model.ledger import EntryKind, digest_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Table

    from provenance.model.record import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A recording, in the form in which it is written."""

    recording: Recording
    fields: dict[str, Any]
    digest: str


def enter(connection: Connection, recordings: Sequence[Recording]) -> int:
    """Write what is not there yet, and return how many that were; the caller is the only writer.

    Raises `CatalogueError` when a record of the same id says something else.
    """
    there = ledger.known(connection, [item.record.id for item in recordings])
    new: dict[str, _Ready] = {}
    for item in recordings:
        ready, name = _ready(item), item.record.id
        before = there.get(name) or (new[name].digest if name in new else None)
        if before is None:
            new[name] = ready
        elif before != ready.digest:
            raise CatalogueError(f"record {name} is there already, and says something else")
    _write(connection, list(new.values()))
    return len(new)


def _ready(recording: Recording) -> _Ready:
    fields = canonical.plain(recording.record)
    return _Ready(recording=recording, fields=fields, digest=digest_of(canonical.stated(fields)))


def _write(connection: Connection, new: Sequence[_Ready]) -> None:
    numbered = list(enumerate((item.fields for item in new), ledger.head(connection).number + 1))
    _keep_stores(connection, [item.recording for item in new])
    _insert(connection, records, [rows.row_of(number, fields) for number, fields in numbered])
    _insert(connection, texts, [rows.text_of(number, fields) for number, fields in numbered])
    _insert(connection, parents, [row for number, fields in numbered for row in rows.parents_of(number, fields)])
    entries = ((item.recording.record.id, item.digest, None) for item in new)
    ledger.append(connection, EntryKind.RECORDED, entries)


def _keep_stores(connection: Connection, new: Sequence[Recording]) -> None:
    stores = {item.record.manifest: item.store for item in new if item.store}
    for digest, store in stores.items():
        if hashlib.sha256(store).hexdigest() != digest:
            raise CatalogueError(f"a manifest store has another digest than its record says: {digest}")
    there = set(connection.execute(select(manifests.c.digest).where(manifests.c.digest.in_(list(stores)))).scalars())
    _insert(connection, manifests, [{"digest": key, "data": data} for key, data in stores.items() if key not in there])


def _insert(connection: Connection, table: Table, found: list[dict[str, Any]]) -> None:
    if found:
        connection.execute(insert(table), found)
