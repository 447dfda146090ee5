"""Write many rows at once, and look many up, without what SQLAlchemy does for each of them."""

from __future__ import annotations

from contextlib import closing
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import JSON, Text, cast, exc, func, literal, select

from provenance.catalogue.schema import Sha256

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Column, ColumnElement, Connection, Dialect, Row, Select, Table

MOST: Final = 900
"""Values that SQLite is asked about at once: older ones take no more than 999."""


def write(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows, which all have the same columns; they are made as they are taken.

    Raises `sqlalchemy.exc.DBAPIError`, or `ValueError` for what its column cannot hold.
    """
    coming = iter(rows)
    first = next(coming, None)
    if first is None:
        return
    dialect, columns = connection.dialect, [table.c[name] for name in first]
    found = _bound(chain([first], coming), columns, dialect)
    quote = dialect.identifier_preparer.quote
    into = f"{quote(table.name)} ({', '.join(quote(item.name) for item in columns)})"
    raw: Any = connection.connection
    try:
        with closing(raw.cursor()) as cursor:
            if _is_server(dialect):
                kinds = (dialect.type_compiler_instance.process(item.type) for item in columns)
                _copy(cursor, into, [kind.partition("(")[0].lower() for kind in kinds], found)
            else:
                places = ", ".join("?" * len(columns))
                cursor.executemany(f"INSERT INTO {into} VALUES ({places})", found)  # noqa: S608 -- names of the schema
    except dialect.loaded_dbapi.Error as error:
        # So that whoever called hears of it as of any other statement.
        raise exc.DBAPIError.instance(into, None, error, dialect.loaded_dbapi.Error, dialect=dialect) from error


def _bound(rows: Iterable[dict[str, Any]], columns: Sequence[Column[Any]], dialect: Dialect) -> Iterator[list[Any]]:
    """Give the values of rows as the driver takes them."""
    made = (item.type.dialect_impl(dialect).bind_processor(dialect) for item in columns)
    binders = [(place, bind) for place, bind in enumerate(made) if bind is not None]
    values_of = itemgetter(*(item.name for item in columns))
    for row in rows:
        values = list(values_of(row))
        for place, bind in binders:
            values[place] = bind(values[place])
        yield values


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


def look_up(
    connection: Connection, wanted: Select[Any], column: Column[Any], values: Sequence[Any]
) -> Iterator[Row[Any]]:
    """Give what is wanted of the rows that have one of these values (texts or digests)."""
    size = max(1, len(values)) if _is_server(connection.dialect) else MOST
    for start in range(0, len(values), size):
        yield from connection.execute(wanted.where(among(connection, column, values[start : start + size])))


def among(connection: Connection, column: Column[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Return what holds of rows that have one of these values.

    A server gets one text, not as many parameters; an array, which its driver writes one by one, takes three times as
    long.
    """
    if not _is_server(connection.dialect):
        return column.in_(values)
    said = cast(literal(msgspec.json.encode(values).decode(), Text), JSON)
    each: ColumnElement[Any] = func.json_array_elements_text(said).column_valued("each")
    return column.in_(select(func.decode(each, "hex") if isinstance(column.type, Sha256) else each))


def _is_server(dialect: Dialect) -> bool:
    return dialect.name == "postgresql"
