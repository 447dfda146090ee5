"""SQLite as batches use it: several at once, written in transactions, and never by a program that is too old for it."""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from provenance.errors import SettingsError

_WAIT = 30.0
"""Seconds for another batch of this workspace to finish writing."""


def connect(path: Path) -> sqlite3.Connection:
    """Open a database, or make it. Raises `sqlite3.DatabaseError`."""
    return sqlite3.connect(path, timeout=_WAIT, isolation_level=None, check_same_thread=False)


def prepare(database: sqlite3.Connection, schema: str, *, version: int, newer: SettingsError) -> None:
    """Make the tables of a new database.

    Raises `newer` for one that a newer version of this program has written, and `sqlite3.DatabaseError`.
    """
    (found,) = database.execute("PRAGMA user_version").fetchone()
    if found > version:
        raise newer
    if found < version:
        _switch(database)
        database.executescript(f"BEGIN IMMEDIATE; {schema} PRAGMA user_version = {version}; COMMIT;")


def _switch(database: sqlite3.Connection) -> None:
    """Have readers and writers not wait for each other; SQLite does not wait for others when it is told this."""
    last = time.monotonic() + _WAIT
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > last:
                raise
            time.sleep(0.02)
        else:
            return


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Write all of a block or nothing of it. Raises `sqlite3.DatabaseError`."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
