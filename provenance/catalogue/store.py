"""The catalogue: what is entered, found and proved."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, Self

from sqlalchemy import select

from provenance.catalogue import canonical, ledger, migrating, reading
from provenance.catalogue.database import WAIT, Database
from provenance.catalogue.entering import enter
from provenance.catalogue.schema import ledger as entries
from provenance.catalogue.schema import manifests, records
from provenance.errors import CatalogueError
from provenance.model.ledger import EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provenance.model.ledger import Head, Proof
    from provenance.model.record import Record, Recording

BATCH: Final = 500
"""Recordings that are written in one transaction."""


class Catalogue:
    """An open catalogue. Threads may share it; every method raises `CatalogueError`."""

    def __init__(self, database: Database) -> None:
        """Take a database whose tables are there; `open` and `create` see to that."""
        self._database = database

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

        Each group of some hundred is written whole or not at all.
        """
        waiting, added = iter(recordings), 0
        while group := list(islice(waiting, BATCH)):
            with self._database.writing() as connection:
                added += enter(connection, group)
        return added

    def get(self, name: str) -> Record | None:
        """Return the record of an id."""
        return next(reading.every(self._database, records.c.id == name), None)

    def manifest(self, digest: str) -> bytes | None:
        """Return the manifest store of this SHA-256."""
        with self._database.reading() as connection:
            return connection.execute(select(manifests.c.data).where(manifests.c.digest == digest)).scalar()

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
