"""Write many rows at once, without what SQLAlchemy does for each; PostgreSQL takes a stream of them (COPY)."""

from __future__ import annotations

from contextlib import closing
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, exc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Column, Connection, Dialect, Table


def write(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows, which all have the same columns; they are made as they are taken.

    Raises `sqlalchemy.exc.DBAPIError`.
    """
    coming = iter(rows)
    first = next(coming, None)
    if first is None:
        return
    dialect, quote = connection.dialect, connection.dialect.identifier_preparer.quote
    binders = [(name, _binder(table.c[name], dialect)) for name in first]
    found = ([bind(row[name]) if bind else row[name] for name, bind in binders] for row in chain([first], coming))
    into = f"{quote(table.name)} ({', '.join(quote(name) for name in first)})"
    send = _copy if dialect.name == "postgresql" else _insert
    try:
        with closing(connection.connection.cursor()) as cursor:
            send(cursor, into, len(binders), found)
    except dialect.loaded_dbapi.Error as error:
        # So that whoever called hears of it as of any other statement.
        raise exc.DBAPIError.instance(into, None, error, dialect.loaded_dbapi.Error, dialect=dialect) from error


def _binder(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """Return what makes a value one that the driver takes; it takes bytes as they are."""
    kind = column.type.dialect_impl(dialect)
    return None if isinstance(kind, LargeBinary) else kind.bind_processor(dialect)


def _copy(cursor: Any, into: str, _columns: int, rows: Iterable[list[Any]]) -> None:
    with cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _insert(cursor: Any, into: str, columns: int, rows: Iterable[list[Any]]) -> None:
    cursor.executemany(f"INSERT INTO {into} VALUES ({', '.join('?' * columns)})", rows)
