"""Write many rows at once, in the quickest way that each database has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Table


def write(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows that all have the same columns; PostgreSQL takes a stream (COPY) three times as fast as statements."""
    if not rows:
        return
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), list(rows))
        return
    columns = [table.c[name] for name in rows[0]]
    bind = [column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect) for column in columns]
    names = [column.name for column in columns]
    quote = connection.dialect.identifier_preparer.quote
    raw: Any = connection.connection.driver_connection
    target = f"COPY {quote(table.name)} ({', '.join(map(quote, names))}) FROM STDIN"
    with raw.cursor() as cursor, cursor.copy(target) as copy:
        for row in rows:
            copy.write_row([row[n] if b is None else b(row[n]) for n, b in zip(names, bind, strict=True)])
