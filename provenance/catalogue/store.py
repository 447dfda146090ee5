"""The catalogue: what is entered, found and proved."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, Self

from sqlalchemy import func, select

from provenance.catalogue import canonical, entering, integrity, ledger, migrating, pruning, queries, reading
from provenance.catalogue.backup import backup
from provenance.catalogue.copying import copy
from provenance.catalogue.database import WAIT, Database
from provenance.catalogue.deliveries import Deliveries
from provenance.catalogue.jobs import Jobs
from provenance.catalogue.keys import Keys
from provenance.catalogue.reports import Reports
from provenance.catalogue.schema import checks, fingerprints, manifests, records
from provenance.catalogue.schema import ledger as entries
from provenance.errors import CatalogueError
from provenance.model.ledger import EntryKind
from provenance.model.record import Summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from provenance.model.fingerprints import Fingerprint
    from provenance.model.ledger import Head, Problem, Proof
    from provenance.model.record import Check, DigestOf, Printed, Prunable, Pruning, Query, Record, Recording
    from provenance.model.verdict import Decision

BATCH: Final = 10_000
"""Records that are written in one transaction, table by table: the more there are, the fewer pages of indexes are
written for each, and the less one side waits for the other."""
BYTES: Final = 64_000_000
"""Of manifest stores, that are held in memory for that."""


class Catalogue:
    """An open catalogue. Threads may share it; every method raises `CatalogueError`."""

    def __init__(self, database: Database) -> None:
        """Take a database whose tables are there; `open` and `create` see to that.

        `keys`, `reports`, `jobs` and `deliveries` are what a service must remember.
        """
        self._database = database
        self.keys = Keys(database)
        self.reports = Reports(database)
        self.jobs = Jobs(database)
        self.deliveries = Deliveries(database)

    @classmethod
    def open(cls, url: str, *, wait: float = WAIT) -> Self:
        """Open a catalogue; `wait` is how many seconds others are waited for.

        A file of an older version is brought up to date, a server is not (`create` does it). Raises `CatalogueError`.
        """
        database = Database(url, wait=wait)
        try:
            migrating.require_current(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    @classmethod
    def create(cls, url: str, *, wait: float = WAIT) -> Self:
        """Make a catalogue, or bring an older one up to date, and open it. Raises `CatalogueError`."""
        database = Database(url, wait=wait)
        try:
            migrating.upgrade(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Catalogue({self.name!r})"

    @property
    def name(self) -> str:
        """Its file, or its address without a password."""
        return self._database.name

    def close(self) -> None:
        """Close it."""
        self._database.close()

    def add(self, recordings: Iterable[Recording]) -> int:
        """Enter recordings, those that are there already only once, and return how many were new.

        Each group of some thousand is written whole or not at all.
        """
        added = 0
        for group in _groups(recordings):
            with self._database.writing() as connection:
                added += entering.enter(connection, group)
        return added

    def add_checks(self, found: Iterable[Check]) -> int:
        """Enter verifications, those that are there already only once, and return how many were new."""
        waiting, added = iter(found), 0
        while group := list(islice(waiting, BATCH)):
            with self._database.writing() as connection:
                added += entering.add_checks(connection, group)
        return added

    def add_fingerprints(self, name: str, found: Sequence[Fingerprint]) -> int:
        """Enter further fingerprints of a record, and return how many were new."""
        with self._database.writing() as connection:
            number = connection.execute(select(records.c.number).where(records.c.id == name)).scalar()
            if number is None:
                raise CatalogueError(f"no record {name!r}", path=self.name)
            return entering.add_fingerprints(connection, number, found)

    def get(self, name: str) -> Record | None:
        """Return the record of an id."""
        return next(reading.every(self._database, records.c.id == name), None)

    def find(self, query: Query) -> Iterator[Record]:
        """Give the records that are asked for, the last one first; they are read as they are taken."""
        return reading.every(self._database, *queries.conditions(query), limit=query.limit)

    def by_digest(self, value: str, kind: DigestOf | None = None) -> Iterator[Record]:
        """Give the records of a SHA-256, of any kind when none is given."""
        return reading.every(self._database, queries.of_digest(value, kind))

    def by_label(self, label: str) -> Iterator[Record]:
        """Give the records of a manifest's label."""
        return reading.every(self._database, records.c.label == label)

    def by_watermark(self, algorithm: str, payload: bytes) -> Iterator[Record]:
        """Give the records in whose pictures this payload was read, the last one first."""
        return reading.every(self._database, queries.of_watermark(algorithm, payload))

    def numbered(self, numbers: Sequence[int]) -> dict[int, Record]:
        """Return the records of these numbers, as far as they are there."""
        return reading.numbered(self._database, numbers)

    def checks(
        self, digest: str | None = None, *, since: datetime | None = None, until: datetime | None = None,
        decision: Decision | None = None, limit: int | None = None,
    ) -> Iterator[Check]:  # fmt: skip
        """Give recorded verifications, the last one first: of a file (SHA-256), of a time, with a decision."""
        wanted = queries.checked(digest, since, until, decision)
        return reading.checks(self._database, *wanted, limit=limit)

    def fingerprints(self, after: int = 0, method: str | None = None) -> Iterator[Printed]:
        """Give fingerprints in the order of their rows, from the one after a row on; they are read as they are taken.

        An index that remembers the last row misses none; what was pruned is no longer among `numbered`.
        """
        return reading.fingerprints(self._database, after, method)

    def manifest(self, digest: str) -> bytes | None:
        """Return the manifest store of this SHA-256; `None` where there never was one, or it was pruned."""
        with self._database.reading() as connection:
            return connection.execute(select(manifests.c.data).where(manifests.c.digest == digest)).scalar()

    def summary(self) -> Summary:
        """Count what is there."""
        with self._database.reading() as connection:
            counted = (
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (records, manifests, fingerprints, checks)
            )
            names = ("records", "manifests", "fingerprints", "checks")
            return Summary(head=ledger.head(connection), **dict(zip(names, counted, strict=True)))

    def export(self, query: Query) -> Iterator[str]:
        """Give the records that are asked for as lines of JSON: exactly what the ledger's digests are made of."""
        return map(canonical.body_of, self.find(query))

    def head(self) -> Head:
        """Return the end of the ledger, to be noted elsewhere."""
        with self._database.reading() as connection:
            return ledger.head(connection)

    def prove(self, name: str) -> Proof:
        """Return the ledger's entry of a record and the chain from it to the head."""
        record = self.get(name)
        wanted = select(entries).where(entries.c.subject == name, entries.c.kind == EntryKind.RECORDED.value)
        with self._database.reading() as connection:
            row = connection.execute(wanted).mappings().first()
            if row is None:
                hint = "provenance catalogue find shows the ids of records"
                raise CatalogueError(f"no record {name!r} was ever entered", path=self.name, hint=hint)
            body = None if record is None else canonical.body_of(record)
            return ledger.prove(connection, ledger.entry_of(row), body)

    def check(self, *, parse: Callable[[bytes], object], expected: Head | None = None) -> Iterator[Problem]:
        """Go through everything, and give what was removed, altered or put in from outside.

        `parse` reads a manifest store, and raises a `ProvenanceError` when it cannot; `expected` is a head that was
        noted before, without which a ledger that was cut off or made anew is not noticed.
        """
        return integrity.examine(self._database, parse=parse, expected=expected)

    def backup(self, target: Path) -> None:
        """Copy the catalogue's file while others go on with it. Raises `OutputExists` and `OutputError` too."""
        backup(self._database, target)

    def copy_to(self, target: Catalogue) -> Head:
        """Copy everything into another catalogue, which is empty, and return the head of its ledger: the same one."""
        return copy(self._database, target._database)

    def plan(self, what: Prunable, *, before: datetime) -> Pruning:
        """Count what `prune` would take away."""
        return pruning.plan(self._database, what, before=before)

    def prune(self, what: Prunable, *, before: datetime, at: datetime, by: str | None = None) -> Pruning:
        """Take away what was signed, or checked, before a time; the ledger gets an entry for all that goes.

        `at` is now, `by` is who asked for it.
        """
        return pruning.prune(self._database, what, before=before, at=at, by=by)


def _groups(recordings: Iterable[Recording]) -> Iterator[list[Recording]]:
    group: list[Recording] = []
    size = 0
    for item in recordings:
        group.append(item)
        size += len(item.store)
        if len(group) >= BATCH or size >= BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group
