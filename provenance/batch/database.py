"""SQLite as batches use it: several at once, written in transactions, and its errors told as ours."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.errors import OutputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

_WAIT = 30.0
"""Seconds for another batch of this workspace to finish writing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a database holds, and what is said of it where it cannot be used."""

    name: str
    schema: str
    version: int
    """A higher one was written by a newer version of this program."""
    without: str
    """What follows where it is moved away."""
    again: str
    """What to do once it can be written."""


class Database:
    """An open database; several programs may use it at once."""

    def __init__(self, path: Path, kind: Kind, *, untouched: bool = False) -> None:
        """Open it, or make it; `untouched` opens a copy, since looking alone makes SQLite write beside it.

        Raises `SettingsError` for one that cannot be used, `OutputError` when it cannot be made or is locked.
        """
        self._path, self._kind = path, kind
        self._copy = tempfile.TemporaryDirectory(prefix="provenance-database-") if untouched else None
        try:
            place = path if self._copy is None else _copied(path, Path(self._copy.name))
            place.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(place, timeout=_WAIT, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.DatabaseError) as error:
            self._forget_copy()
            reason = error.strerror if isinstance(error, OSError) else None
            raise OutputError(
                f"{kind.name} cannot be made: {reason or error}",
                path=path,
                hint="use another PROVENANCE_HOME, in which one may write",
            ) from error
        try:
            self._prepare()
        except (OutputError, SettingsError):
            self.close()
            raise

    def _prepare(self) -> None:
        """Make the tables of a new one."""
        version = self._kind.version
        try:
            (found,) = self._connection.execute("PRAGMA user_version").fetchone()
            if found < version:
                _switch(self._connection)
                script = f"BEGIN IMMEDIATE; {self._kind.schema} PRAGMA user_version = {version}; COMMIT;"
                self._connection.executescript(script)
        except sqlite3.OperationalError as error:
            # It is well, but not to be had: locked, on a full disk, or where one may not write.
            hint = "make room, or wait until others let go of it, or use another PROVENANCE_HOME"
            raise self._unwritable(error, hint) from error
        except sqlite3.DatabaseError as error:
            raise self.unusable(f"cannot be used: {error}") from error
        if found > version:
            raise SettingsError(
                f"{self._kind.name} was written by a newer version of this program",
                path=self._path,
                hint="use that version, or another PROVENANCE_HOME",
            )

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection to read from. Raises `SettingsError` where that fails."""
        try:
            yield self._connection
        except sqlite3.DatabaseError as error:
            raise self.unusable(f"cannot be read: {error}") from error

    @contextmanager
    def writing(self, *, durable: bool) -> Iterator[sqlite3.Connection]:
        """Give the connection to write all of a block or nothing of it; `durable` has it on the disk at the end.

        Raises `OutputError`.
        """
        try:
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            with _transaction(self._connection):
                yield self._connection
        except sqlite3.DatabaseError as error:
            raise self._unwritable(error, f"make room or let go of it, {self._kind.again}") from error

    def close(self) -> None:
        """Close it."""
        self._connection.close()
        self._forget_copy()

    def _forget_copy(self) -> None:
        if self._copy is not None:
            self._copy.cleanup()

    def unusable(self, why: str) -> SettingsError:
        """Say why nothing can be learned from it."""
        hint = f"move it away: {self._kind.without}"
        return SettingsError(f"{self._kind.name} {why}", path=self._path, hint=hint)

    def _unwritable(self, why: sqlite3.DatabaseError, hint: str) -> OutputError:
        return OutputError(f"{self._kind.name} cannot be written: {why}", path=self._path, hint=hint)


def _copied(path: Path, folder: Path) -> Path:
    for suffix in ("", "-wal"):
        with suppress(FileNotFoundError):
            shutil.copyfile(f"{path}{suffix}", folder / f"{path.name}{suffix}")
    return folder / path.name


def _switch(connection: sqlite3.Connection) -> None:
    """Have readers and writers not wait for each other; SQLite does not wait for others when it is told this."""
    last = time.monotonic() + _WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > last:
                raise
            time.sleep(0.02)
        else:
            return


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
