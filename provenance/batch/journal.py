"""What was begun, done and failed, kept so that nothing is lost and nothing is done twice.

One SQLite database in the workspace. A job is written down, with the label that its manifest will bear, before it
begins; so whoever finds an output after a crash knows whether it is the one. Rows are written in groups.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.batch.database import connect, prepare, transaction
from provenance.errors import OutputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from provenance.batch.work import Job, Outcome

VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
  recipe TEXT NOT NULL,
  source BLOB NOT NULL,
  target BLOB NOT NULL,
  version TEXT NOT NULL,
  digest TEXT,
  label TEXT NOT NULL,
  state TEXT NOT NULL,
  written TEXT,
  beside TEXT,
  reason TEXT,
  run TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (recipe, source, target)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS jobs_by_target ON jobs (target);
"""


class State(StrEnum):
    """How far a job came."""

    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is known of a job."""

    recipe: str
    source: str
    target: str
    version: str
    """Of the source, when it was begun."""
    digest: str | None
    """SHA-256 of the source."""
    label: str
    """Of the manifest."""
    state: State
    written: str | None
    """Version of the target, when it was last done."""
    beside: str | None
    """Version of its sidecar, where there is one."""
    run: str
    """The run that it was last begun by."""


_COLUMNS = ", ".join(Row.__dataclass_fields__)
_THIS = "recipe = ? AND source = ? AND target = ?"


def _key(recipe: str, source: str, target: str) -> tuple[str, bytes, bytes]:
    """Name a job as the database does: names of files are bytes, and not all are text."""
    return recipe, os.fsencode(source), os.fsencode(target)


def _copied(path: Path, folder: Path) -> Path:
    for suffix in ("", "-wal"):
        with suppress(FileNotFoundError):
            shutil.copyfile(f"{path}{suffix}", folder / f"{path.name}{suffix}")
    return folder / path.name


class Journal:
    """The journal of a workspace; several batches may use it at once."""

    def __init__(self, path: Path, *, untouched: bool = False) -> None:
        """Open it, or make it; `untouched` opens a copy, since looking alone makes SQLite write beside it.

        Raises `SettingsError` for one that cannot be used, `OutputError` when it cannot be made or is locked.
        """
        self._path = path
        self._copy = tempfile.TemporaryDirectory(prefix="provenance-journal-") if untouched else None
        try:
            place = path if self._copy is None else _copied(path, Path(self._copy.name))
            place.parent.mkdir(parents=True, exist_ok=True)
            self._database = connect(place)
        except (OSError, sqlite3.DatabaseError) as error:
            reason = error.strerror if isinstance(error, OSError) else None
            raise OutputError(
                f"the journal of batches cannot be made: {reason or error}",
                path=path,
                hint="use another PROVENANCE_HOME, in which one may write",
            ) from error
        try:
            self._prepare()
        except sqlite3.OperationalError as error:
            # It is well, but not to be had: locked, on a full disk, or where one may not write.
            self.close()
            raise OutputError(
                f"the journal of batches cannot be written: {error}",
                path=path,
                hint="make room, or wait until others let go of it, or use another PROVENANCE_HOME",
            ) from error
        except sqlite3.DatabaseError as error:
            self.close()
            raise SettingsError(
                f"the journal of batches cannot be used: {error}",
                path=path,
                hint="move it away: files that are signed already are then refused, not signed twice",
            ) from error
        except SettingsError:
            self.close()
            raise

    def _prepare(self) -> None:
        newer = SettingsError(
            "the journal of batches was written by a newer version of this program",
            path=self._path,
            hint="use that version, or another PROVENANCE_HOME",
        )
        prepare(self._database, _SCHEMA, version=VERSION, newer=newer)

    def known(self, recipe: str, source: str, target: str) -> Row | None:
        """Return what is known of a job."""
        return self._one(_THIS, _key(recipe, source, target))

    def maker(self, target: str) -> Row | None:
        """Return the job that made this file, or was last begun to make it."""
        return self._one("target = ? ORDER BY state = 'done' DESC, at DESC LIMIT 1", (os.fsencode(target),))

    def makers(self, target: str) -> tuple[Row, ...]:
        """Return all jobs that this file may have come from, however they ended."""
        return tuple(self._rows("target = ?", (os.fsencode(target),)))

    def begin(self, jobs: Sequence[tuple[Job, str, str]], *, recipe: str, run: str, at: datetime) -> None:
        """Write down jobs (each with its source and target by their full names) that are about to begin.

        They are on the disk before this returns.
        """
        rows = [
            (*_key(recipe, source, target), job.version, job.label, State.BEGUN, run, at.isoformat())
            for job, source, target in jobs
        ]
        with self._writing(durable=True):
            self._database.executemany(
                "INSERT INTO jobs (recipe, source, target, version, label, state, run, at) VALUES (?,?,?,?,?,?,?,?) "
                "ON CONFLICT DO UPDATE SET version = excluded.version, label = excluded.label, state = excluded.state, "
                "run = excluded.run, at = excluded.at, reason = NULL",
                rows,
            )

    def finish(self, outcomes: Iterable[tuple[Outcome, str, str]], *, recipe: str, at: datetime) -> None:
        """Write down what became of jobs; those that were refused before they began leave what was known."""
        rows = [
            (
                State.FAILED if outcome.failed else State.DONE,
                outcome.digest,
                outcome.written,
                outcome.beside,
                str(outcome.error).encode("utf-8", "backslashreplace").decode() if outcome.error else None,
                at.isoformat(),
                *_key(recipe, source, target),
                outcome.job.label,
            )
            for outcome, source, target in outcomes
        ]
        # What was written once is still known for ours when a later attempt fails.
        changes = (
            "state = ?, digest = ?, written = coalesce(?, written), beside = coalesce(?, beside), reason = ?, at = ?"
        )
        with self._writing(durable=False):
            self._database.executemany(f"UPDATE jobs SET {changes} WHERE {_THIS} AND label = ?", rows)

    def touch(self, row: Row) -> None:
        """Note versions that are others now, although source and results still have the content that they had."""
        with self._writing(durable=False):
            self._database.execute(
                f"UPDATE jobs SET version = ?, written = ?, beside = ? WHERE {_THIS}",
                (row.version, row.written, row.beside, *_key(row.recipe, row.source, row.target)),
            )

    def outputs(self) -> Iterator[Row]:
        """Give everything that was made, in the order of names."""
        yield from self._rows("state = 'done' ORDER BY target", ())

    def close(self) -> None:
        """Close it."""
        self._database.close()
        if self._copy is not None:
            self._copy.cleanup()

    def _one(self, where: str, values: tuple[str | bytes, ...]) -> Row | None:
        return next(self._rows(where, values), None)

    def _rows(self, where: str, values: tuple[str | bytes, ...]) -> Iterator[Row]:
        try:
            for found in self._database.execute(f"SELECT {_COLUMNS} FROM jobs WHERE {where}", values):
                fields = dict(zip(Row.__dataclass_fields__, found, strict=True))
                names = {name: os.fsdecode(fields[name]) for name in ("source", "target")}
                yield Row(**fields | names | {"state": State(fields["state"])})
        except sqlite3.DatabaseError as error:
            raise SettingsError(f"the journal of batches cannot be read: {error}", path=self._path) from error

    @contextmanager
    def _writing(self, *, durable: bool) -> Iterator[None]:
        """Write in one transaction.

        What is lost of what was done is found again by its label, so that only what was begun must be `durable`.
        """
        try:
            self._database.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            with transaction(self._database):
                yield
        except sqlite3.DatabaseError as error:
            raise OutputError(
                f"the journal of batches cannot be written: {error}",
                path=self._path,
                hint="make room or let go of it, and run the same batch again",
            ) from error
