"""Many rows are written, and looked up, at once."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import event, select

from provenance.catalogue import Catalogue, bulk
from provenance.catalogue.database import Database
from provenance.catalogue.queries import of_digest
from provenance.catalogue.schema import ledger as entries
from provenance.catalogue.schema import records
from provenance.errors import CatalogueError
from tests.support.catalogue import alter, an_id, digest, recordings


def test_a_server_without_statistics_looks_records_up_by_their_index(server_catalogue):
    database = Database(server_catalogue)
    with Catalogue.open(server_catalogue) as catalogue:
        catalogue.add(recordings(500))
    wanted = select(entries.c.digest)
    with database.writing() as connection:
        asked = wanted.where(bulk.among(connection, entries.c.subject, [an_id(number) for number in range(500)]))
        shown = asked.compile(connection, compile_kwargs={"literal_binds": True})
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {shown}").scalars())
    database.close()
    assert "ix_ledger_subject" in plan


def test_a_server_looks_digests_of_every_kind_up_by_their_indexes(server_catalogue):
    database = Database(server_catalogue)
    asked = select(records.c.number).where(of_digest(digest("1")))
    with database.writing() as connection:
        compiled = asked.compile(connection)
        given = {name: bytes.fromhex(value) for name, value in compiled.params.items()}
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {compiled}", given).scalars())
    database.close()
    assert "Seq Scan" not in plan, plan
    assert all(f"ix_records_{kind}" in plan for kind in ("source", "output", "bare", "store"))


def test_an_sqlite_that_takes_few_values_at_once_takes_many_records(file_catalogue):
    with Catalogue.open(file_catalogue) as catalogue:
        engine = catalogue._database.engine
        event.listen(engine, "connect", lambda raw, _: raw.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999))
        engine.dispose()
        many = list(recordings(1200))
        assert [catalogue.add(many), catalogue.add(many)] == [1200, 0]


def test_a_row_that_is_refused_leaves_nothing_behind_and_the_database_in_order(url):
    row = {"number": 1, "kind": "recorded", "subject": "1", "digest": digest("1"), "hash": digest("1"), "body": None}
    database = Database(url)
    with pytest.raises(CatalogueError), database.writing() as connection:
        bulk.write(connection, entries, [row, row | {"number": 2, "hash": None}])
    with database.writing() as connection:
        bulk.write(connection, entries, iter([row]))
        assert connection.execute(select(entries.c.number)).scalars().all() == [1]
    database.close()


@pytest.mark.parametrize("change", ["size = 'many'", "title = x'00ff'", "width = 1e300"])
def test_a_row_that_was_altered_in_a_file_is_not_copied_to_a_server(change, file_catalogue, server_catalogue):
    with Catalogue.open(file_catalogue) as source, Catalogue.open(server_catalogue) as target:
        source.add(recordings(3))
        alter(file_catalogue, f"UPDATE records SET {change} WHERE number = 2")
        with pytest.raises(CatalogueError, match="altered"):
            source.copy_to(target)
        assert target.summary().records == 0
