"""Move a catalogue from one database to another, with its ledger as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from provenance.catalogue import bulk, ledger
from provenance.catalogue.schema import checks, fingerprints, metadata, records
from provenance.catalogue.schema import ledger as entries
from provenance.errors import CatalogueError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from provenance.catalogue.database import Database
    from provenance.model.ledger import Head

PAGE: Final = 1000


def copy(source: Database, target: Database) -> Head:
    """Copy everything into an empty catalogue, all of it or nothing, and return the head of its ledger.

    Raises `CatalogueError`.
    """
    with source.reading() as reader, target.writing() as writer:
        if any(
            writer.execute(select(func.count()).select_from(table)).scalar() for table in (entries, records, checks)
        ):
            hint = "give the address of a new catalogue"
            raise CatalogueError("there is something in this catalogue already", path=target.name, hint=hint)
        for table in metadata.sorted_tables:
            found = reader.execution_options(yield_per=PAGE).execute(select(table))
            for page in found.mappings().partitions():
                bulk.write(writer, table, [{column.name: row[column.name] for column in table.c} for row in page])
        if not target.is_sqlite:
            _count_on(writer)
        return ledger.head(writer)


def _count_on(connection: Connection) -> None:
    """Have a server number new rows after those that brought their numbers along."""
    for table in (checks, fingerprints):
        highest = select(func.max(table.c.row)).scalar_subquery()
        sequence = func.pg_get_serial_sequence(table.name, "row")
        connection.execute(select(func.setval(sequence, highest)).where(highest.is_not(None)))
