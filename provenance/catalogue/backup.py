"""A copy of a catalogue that is in use: one file, whole or not there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from provenance.catalogue import files
from provenance.catalogue.refusals import told
from provenance.errors import CatalogueError, OutputError, OutputExists

if TYPE_CHECKING:
    from pathlib import Path

    from provenance.catalogue.database import Database


def backup(database: Database, target: Path) -> None:
    """Copy the file of a catalogue while others go on with it (SQLite online backup).

    Raises `OutputExists`, `OutputError`, or `CatalogueError` for a server, which has tools of its own.
    """
    if database.path is None:
        hint = "pg_dump --format=custom makes a backup, pg_restore brings it back"
        raise CatalogueError("a server is backed up with its own tools", path=database.name, hint=hint)
    try:
        with files.drafted(target) as draft:
            with told(database.url):
                _copy(database.path, draft)
            files.publish_draft(draft, target)
    except FileExistsError as error:
        raise OutputExists("exists already", path=target, hint="choose another name") from error
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror or error}", path=target) from error


def _copy(source: Path, draft: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(draft)) as other:
        # All pages in one step: they belong to one state, and in WAL mode nobody waits for that.
        one.backup(other)
        (found,) = other.execute("PRAGMA quick_check").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError(f"the copy is damaged: {found}")
