"""One way to SQLite and PostgreSQL: transactions for reading, and for writing one after the other."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import create_engine, event, text

from provenance.catalogue.refusals import read_url, shown, told
from provenance.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

WAIT: Final = 10.0
"""Seconds for others to finish writing."""
CONNECT: Final = 5
"""Seconds until a connection to a server stands."""


class Database:
    """An address, and connections to it as they are needed. Everything here raises `CatalogueError`."""

    def __init__(self, url: str, *, wait: float = WAIT) -> None:
        """Take the address; nothing is opened yet. `wait` is in seconds."""
        self.url = read_url(url)
        self.name = shown(self.url)
        self._wait = wait
        self.is_sqlite = self.url.drivername == "sqlite"
        with told(self.url):
            self.engine = self._engine()
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare)
            event.listen(self.engine, "begin", _begin)
        self._writer = self.engine.execution_options(writing=True)

    def _engine(self) -> Engine:
        if self.is_sqlite:
            # No transaction of the driver's own: it would not begin before the first change.
            options: dict[str, Any] = {"timeout": self._wait, "isolation_level": None}
        else:
            options = {"connect_timeout": CONNECT, "application_name": "provenance"}
        # Statements are cached by their form; what was written is in no message.
        return create_engine(self.url, connect_args=options, hide_parameters=True, pool_pre_ping=not self.is_sqlite)

    def __repr__(self) -> str:
        return f"Database({self.name!r})"

    @property
    def path(self) -> Path | None:
        """The file, where it is one."""
        return Path(str(self.url.database)) if self.is_sqlite else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of everything."""
        try:
            with told(self.url), self.engine.begin() as connection:
                yield connection
        except ValueError as error:
            # What its column cannot hold, or no record was ever written as.
            hint = "see what else was changed: provenance catalogue check"
            raise CatalogueError(f"a row was altered: {error}", path=self.name, hint=hint) from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the connection that alone may write, until the end of the block; then all of it is there, or nothing.

        One writer at a time makes the ledger one chain, and lets whoever follows rows by their numbers miss none.
        """
        with self.locking() as connection:
            if not self.is_sqlite:
                connection.execute(text("LOCK TABLE ledger IN EXCLUSIVE MODE"))
                # Tables that grow fast have no statistics yet, or those of smaller ones: without these, a server looks
                # hundreds of records up by reading all there are, although there is an index.
                connection.execute(text("SET LOCAL enable_seqscan = off"))
            yield connection

    @contextmanager
    def locking(self) -> Iterator[Connection]:
        """Give a connection for changes that waits no longer than it should for what others hold."""
        with told(self.url), self._writer.begin() as connection:
            if not self.is_sqlite:
                connection.execute(text(f"SET LOCAL lock_timeout = {int(self._wait * 1000)}"))
            yield connection

    def make_file(self) -> None:
        """Make the file of a new SQLite database, in which readers and writers do not wait for each other."""
        if self.path is None:
            return
        with told(self.url):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # What is signed, and who asked for it, is nobody else's business; SQLite gives its files the same mode.
            with suppress(FileExistsError):
                os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            with closing(sqlite3.connect(self.path, timeout=self._wait, isolation_level=None)) as connection:
                # Larger pages than usual: half as many of them are written, most of which are indexes of digests.
                connection.execute("PRAGMA page_size = 8192")
                (mode,) = self._switch(connection)
        if mode != "wal":
            hint = "keep it on a local disk, or use PostgreSQL"
            raise CatalogueError("a catalogue cannot be kept on this file system", path=self.name, hint=hint)

    def _switch(self, connection: sqlite3.Connection) -> tuple[str]:
        """SQLite does not wait for others when it is told this, so we do."""
        last = time.monotonic() + self._wait
        while True:
            try:
                found: tuple[str] = connection.execute("PRAGMA journal_mode = WAL").fetchone()
            except sqlite3.OperationalError:
                if time.monotonic() > last:
                    raise
                time.sleep(0.02)
            else:
                return found

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _prepare(connection: Any, _record: object) -> None:
    for pragma in ("foreign_keys = ON", "synchronous = FULL", "cache_size = -65536", "wal_autocheckpoint = 8192"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
