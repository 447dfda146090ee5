"""Write many rows at once, and look many up, without what SQLAlchemy does for each of them."""

from __future__ import annotations

from contextlib import closing
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, any_, exc, literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Column, ColumnElement, Connection, Table


def write(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows, which all have the same columns; they are made as they are taken.

    Raises `sqlalchemy.exc.DBAPIError`, or `ValueError` for what its column cannot hold.
    """
    coming = iter(rows)
    first = next(coming, None)
    if first is None:
        return
    dialect, columns = connection.dialect, [table.c[name] for name in first]
    binders = [(item.name, item.type.dialect_impl(dialect).bind_processor(dialect)) for item in columns]
    found = ([bind(row[name]) if bind else row[name] for name, bind in binders] for row in chain([first], coming))
    quote = dialect.identifier_preparer.quote
    into = f"{quote(table.name)} ({', '.join(quote(item.name) for item in columns)})"
    raw: Any = connection.connection
    try:
        with closing(raw.cursor()) as cursor:
            if dialect.name == "postgresql":
                kinds = (dialect.type_compiler_instance.process(item.type) for item in columns)
                _copy(cursor, into, [kind.partition("(")[0].lower() for kind in kinds], found)
            else:
                places = ", ".join("?" * len(columns))
                cursor.executemany(f"INSERT INTO {into} VALUES ({places})", found)  # noqa: S608 -- names of the schema
    except dialect.loaded_dbapi.Error as error:
        # So that whoever called hears of it as of any other statement.
        raise exc.DBAPIError.instance(into, None, error, dialect.loaded_dbapi.Error, dialect=dialect) from error


def _copy(cursor: Any, into: str, kinds: Sequence[str], rows: Iterable[list[Any]]) -> None:
    """Send rows as PostgreSQL keeps them: neither side has to write or read numbers, times and bytes as text."""
    with cursor.copy(f"COPY {into} FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(kinds)
        for row in rows:
            try:
                copy.write_row(row)
            except (TypeError, AttributeError, OverflowError) as error:
                # SQLite keeps in a column what somebody puts there, and this may be a copy of such a row.
                raise ValueError(f"a value is none of its column: {error}") from error


def among(connection: Connection, column: Column[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Return what holds of rows that have one of these values: a server gets an array, not as many parameters."""
    if connection.dialect.name == "postgresql":
        return column == any_(literal(values, ARRAY(column.type)))
    return column.in_(values)
