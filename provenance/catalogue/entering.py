"""Enter recordings: each once, with its place in the ledger, its manifest store and its fingerprints."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from provenance.catalogue import bulk, canonical, ledger, rows
from provenance.catalogue.schema import checks, fingerprints, manifests, parents, records, texts
from provenance.errors import CatalogueError
from provenance.model.ledger import EntryKind, digest_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from provenance.model.fingerprints import Fingerprint
    from provenance.model.record import Check, Recording


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
    stores = _keep_stores(connection, [item.recording for item in new])
    numbered = list(enumerate(new, ledger.head(connection).number + 1))
    record_rows = (
        rows.row_of(number, stores[item.recording.record.manifest], item.fields) for number, item in numbered
    )
    bulk.write(connection, records, record_rows)
    bulk.write(connection, texts, (rows.text_of(number, item.fields) for number, item in numbered))
    bulk.write(connection, parents, (row for number, item in numbered for row in rows.parents_of(number, item.fields)))
    prints = (row for number, item in numbered for row in rows.prints_of(number, item.recording.fingerprints))
    bulk.write(connection, fingerprints, prints)
    entries = ((item.recording.record.id, item.digest, None) for item in new)
    ledger.append(connection, EntryKind.RECORDED, entries)


def _keep_stores(connection: Connection, new: Sequence[Recording]) -> dict[str, int]:
    """Keep manifest stores, each once, and return their numbers by their digests."""
    stores = {item.record.manifest: item.store for item in new}
    for digest, store in stores.items():
        if hashlib.sha256(store).hexdigest() != digest:
            raise CatalogueError(f"a manifest store has another digest than its record says: {digest}")
    wanted = select(manifests.c.digest, manifests.c.number, manifests.c.data.is_(None).label("empty"))
    there = {row.digest: row for row in bulk.look_up(connection, wanted, manifests.c.digest, list(stores))}
    last = connection.execute(select(func.coalesce(func.max(manifests.c.number), 0))).scalar_one()
    fresh = {digest: number for number, digest in enumerate((item for item in stores if item not in there), last + 1)}
    bulk.write(
        connection, manifests, [{"number": number, "digest": key, "data": stores[key]} for key, number in fresh.items()]
    )
    for row in there.values():
        if row.empty:
            filled = update(manifests).where(manifests.c.number == row.number).values(data=stores[row.digest])
            connection.execute(filled)
    return fresh | {digest: row.number for digest, row in there.items()}


def add_fingerprints(connection: Connection, number: int, found: Sequence[Fingerprint]) -> int:
    """Write the fingerprints of a record that are not there yet, and return how many that were."""
    wanted = select(fingerprints).where(fingerprints.c.number == number)
    there = {(row.method, row.variant, row.value) for row in connection.execute(wanted)}
    new = [item for item in dict.fromkeys(found) if (item.method, item.variant, item.value) not in there]
    bulk.write(connection, fingerprints, rows.prints_of(number, new))
    return len(new)


def add_checks(connection: Connection, found: Sequence[Check]) -> int:
    """Write the verifications that are not there yet, and return how many that were."""
    named = {item.id: item for item in found}
    there = {row.id for row in bulk.look_up(connection, select(checks.c.id), checks.c.id, list(named))}
    new = [rows.check_row(item) for name, item in named.items() if name not in there]
    bulk.write(connection, checks, new)
    return len(new)
