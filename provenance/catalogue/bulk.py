"""Write many rows at once; PostgreSQL takes a stream of them (COPY) twice as fast as statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import exc, insert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Table


def write(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows, which all have the same columns. Raises `sqlalchemy.exc.DBAPIError`."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        _copy(connection, table, rows)
    else:
        connection.execute(insert(table), list(rows))


def _copy(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    dialect = connection.dialect
    columns = [table.c[name] for name in rows[0]]
    binders = [(item.name, item.type.dialect_impl(dialect).bind_processor(dialect)) for item in columns]
    quote = dialect.identifier_preparer.quote
    statement = f"COPY {quote(table.name)} ({', '.join(quote(item.name) for item in columns)}) FROM STDIN"
    raw: Any = connection.connection.driver_connection
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([row[name] if bind is None else bind(row[name]) for name, bind in binders])
    except dialect.loaded_dbapi.Error as error:
        # So that whoever called hears of it as of any other statement.
        raise exc.DBAPIError.instance(statement, None, error, dialect.loaded_dbapi.Error, dialect=dialect) from error
