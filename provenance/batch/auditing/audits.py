"""What was last told of each file of an archive: one SQLite database in the workspace.

It is apart from the journal, so that a baseline can be thrown away without forgetting what was signed. Rows are written
in groups, after what they say was told: what is lost in a crash is told again, and nothing is lost without being told.
"""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from provenance import codec
from provenance.batch.auditing.states import Context, Facts, State
from provenance.batch.database import Database, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from provenance.batch.auditing.scopes import Range

AUDITS: Final = "audits.db"
"""In the home of a workspace."""
VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS contexts (id TEXT PRIMARY KEY, stated TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
  name BLOB PRIMARY KEY,
  size INTEGER NOT NULL,
  version TEXT NOT NULL,
  digest TEXT,
  facts TEXT NOT NULL,
  context TEXT NOT NULL,
  at TEXT NOT NULL,
  gone INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS places (name BLOB PRIMARY KEY, deep INTEGER NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
"""
_KIND = Kind(
    name="what is known of earlier audits",
    schema=_SCHEMA,
    version=VERSION,
    without="the next audit then begins anew, and tells nothing of what has changed since the last",
    again="and run the audit again: it tells the same again",
)
_MET = "CREATE TEMP TABLE met (name BLOB PRIMARY KEY) WITHOUT ROWID"
"""What this run has come across; a run of its own for each connection, on the disk where it gets large."""
_COLUMNS = "name, size, version, digest, facts, context, at, gone"
_PAGE = 500


class Audits:
    """The states of files, as they were last told; several audits may use it at once."""

    def __init__(self, path: Path) -> None:
        """Open it, or make it.

        Raises `SettingsError` for one that cannot be used, `OutputError` when it cannot be made or is locked.
        """
        self._database = Database(path, _KIND)
        with self._database.reading() as database:
            database.execute(_MET)
        self._context = lru_cache(maxsize=64)(self._read_context)

    def meet(self, name: str) -> bool:
        """Note that this run has come across a file; False when it has before."""
        with self._database.reading() as database:
            return database.execute("INSERT OR IGNORE INTO met VALUES (?)", (os.fsencode(name),)).rowcount > 0

    def known(self, name: str) -> State | None:
        """Return what was last told of a file."""
        return next(self._states("name = ?", (os.fsencode(name),)), None)

    def missing(self, within: Range) -> Iterator[State]:
        """Give the files of a range of names that were there and that this run has not come across.

        Whoever goes through them may write meanwhile.
        """
        low, high = within
        where = (
            f"name >= ? AND name < ? AND NOT gone AND name NOT IN (SELECT name FROM met) ORDER BY name LIMIT {_PAGE}"
        )
        while found := list(self._states(where, (low, high))):
            yield from found
            low = os.fsencode(found[-1].name) + b"\0"

    def count(self, within: Range) -> int:
        """Count the files of a range of names that were there."""
        with self._database.reading() as database:
            query = "SELECT count(*) FROM files WHERE name >= ? AND name < ? AND NOT gone"
            found: int = database.execute(query, within).fetchone()[0]
            return found

    def audited(self, places: Sequence[tuple[str, bool]]) -> datetime | None:
        """Return when any of these places (each: whether only with what is below it) was last gone through whole."""
        found: list[str] = []
        with self._database.reading() as database:
            for name, deep in places:
                row = database.execute(
                    "SELECT at FROM places WHERE name = ? AND deep >= ?", (os.fsencode(name), deep)
                ).fetchone()
                found += row or ()
        return max(map(datetime.fromisoformat, found), default=None)

    def write(self, states: Iterable[State]) -> None:
        """Remember what was told of files."""
        rows, contexts = [], {}
        for state in states:
            stated = _stated(state.context)
            contexts[key := _key(stated)] = stated
            facts = codec.to_json(state.facts, indent=0)
            at, name = state.at.isoformat(), os.fsencode(state.name)
            rows.append((name, state.size, state.version, state.digest, facts, key, at, state.gone))
        with self._database.writing(durable=False) as database:
            database.executemany("INSERT OR IGNORE INTO contexts VALUES (?, ?)", contexts.items())
            database.executemany(f"INSERT OR REPLACE INTO files ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?)", rows)

    def finish(self, places: Iterable[tuple[str, bool]], *, at: datetime) -> None:
        """Remember that places (each: with what is below it or not) were gone through whole."""
        rows = [(os.fsencode(name), deep, at.isoformat()) for name, deep in places]
        with self._database.writing(durable=False) as database:
            database.executemany(
                "INSERT INTO places VALUES (?, ?, ?) "
                "ON CONFLICT DO UPDATE SET deep = max(deep, excluded.deep), at = excluded.at",
                rows,
            )

    def close(self) -> None:
        """Close it."""
        self._database.close()

    def _states(self, where: str, values: tuple[bytes, ...]) -> Iterator[State]:
        with self._database.reading() as database:
            rows = database.execute(f"SELECT {_COLUMNS} FROM files WHERE {where}", values).fetchall()
        for row in rows:
            yield self._state(row)

    def _state(self, row: tuple[Any, ...]) -> State:
        name, size, version, digest, facts, context, at, gone = row
        try:
            return State(
                name=os.fsdecode(name),
                size=size,
                version=version,
                digest=digest,
                facts=codec.from_json(facts, Facts),
                context=self._context(context),
                at=datetime.fromisoformat(at),
                gone=bool(gone),
            )
        except ValueError as error:
            raise self._database.unusable(f"is damaged: {error}") from error

    def _read_context(self, key: str) -> Context:
        with self._database.reading() as database:
            row = database.execute("SELECT stated FROM contexts WHERE id = ?", (key,)).fetchone()
        return codec.from_json(row[0] if row else "", Context)


@lru_cache(maxsize=8)
def _stated(context: Context) -> str:
    return codec.to_json(context, indent=0)


@lru_cache(maxsize=8)
def _key(stated: str) -> str:
    return hashlib.sha256(stated.encode()).hexdigest()
