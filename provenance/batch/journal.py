"""What was begun, done and failed, kept so that nothing is lost and nothing is done twice.

One SQLite database in the workspace. A job is written down, with the label that its manifest will bear, before it
begins; so whoever finds an output after a crash knows whether it is the one. Rows are written in groups.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from provenance.batch.database import Database, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

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
_KIND = Kind(
    name="the journal of batches",
    schema=_SCHEMA,
    version=VERSION,
    without="files that are signed already are then refused, not signed twice",
    again="and run the same batch again",
)


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
    """The run that it was last begun by, or found to be done."""


_COLUMNS = ", ".join(Row.__dataclass_fields__)
_THIS = "recipe = ? AND source = ? AND target = ?"


def _key(recipe: str, source: str, target: str) -> tuple[str, bytes, bytes]:
    """Name a job as the database does: names of files are bytes, and not all are text."""
    return recipe, os.fsencode(source), os.fsencode(target)


class Journal:
    """The journal of a workspace; several batches may use it at once."""

    def __init__(self, path: Path, *, untouched: bool = False) -> None:
        """Open it, or make it; `untouched` opens a copy, since looking alone makes SQLite write beside it.

        Raises `SettingsError` for one that cannot be used, `OutputError` when it cannot be made or is locked.
        """
        self._database = Database(path, _KIND, untouched=untouched)

    def known(self, recipe: str, source: str, target: str) -> Row | None:
        """Return what is known of a job."""
        return next(self._rows(_THIS, _key(recipe, source, target)), None)

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
        with self._database.writing(durable=True) as database:
            database.executemany(
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
        # It need not be on the disk at once: what is lost of it is found again by its label.
        with self._database.writing(durable=False) as database:
            database.executemany(f"UPDATE jobs SET {changes} WHERE {_THIS} AND label = ?", rows)

    def touch(self, row: Row) -> None:
        """Note versions that are others now, although source and results still have the content that they had."""
        with self._database.writing(durable=False) as database:
            database.execute(
                f"UPDATE jobs SET version = ?, written = ?, beside = ? WHERE {_THIS}",
                (row.version, row.written, row.beside, *_key(row.recipe, row.source, row.target)),
            )

    def claim(self, rows: Sequence[Row], *, run: str) -> None:
        """Note that a run works on these jobs, also where it finds that they are done."""
        if rows:
            with self._database.writing(durable=False) as database:
                keys = [(run, *_key(row.recipe, row.source, row.target)) for row in rows]
                database.executemany(f"UPDATE jobs SET run = ? WHERE {_THIS}", keys)

    def outputs(self) -> Iterator[Row]:
        """Give everything that was made, in the order of names."""
        yield from self._rows("state = 'done' ORDER BY target", ())

    def close(self) -> None:
        """Close it."""
        self._database.close()

    def _rows(self, where: str, values: tuple[str | bytes, ...]) -> Iterator[Row]:
        with self._database.reading() as database:
            for found in database.execute(f"SELECT {_COLUMNS} FROM jobs WHERE {where}", values):
                fields = dict(zip(Row.__dataclass_fields__, found, strict=True))
                names = {name: os.fsdecode(fields[name]) for name in ("source", "target")}
                yield Row(**fields | names | {"state": State(fields["state"])})
