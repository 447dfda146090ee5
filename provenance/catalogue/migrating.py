"""Bring the tables from one version to another.

A file of one's own is brought up to date whenever it is opened. A server is brought up to date when somebody says so:
other programs of the team may still be older, and not everybody who signs may change tables.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import inspect, text

from provenance.catalogue.schema import VERSION_TABLE, VERSIONS
from provenance.errors import CatalogueError

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

    from provenance.catalogue.database import Database

FOLDER: Final = Path(__file__).parent / "migrations"
"""Where alembic finds its steps."""


def version(connection: Connection) -> str | None:
    """Return the version of the tables; `None` where there are none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 -- a constant
    return found


def require_current(database: Database) -> None:
    """See that the tables are those that this program knows; a file that is older is brought up to date.

    Raises `CatalogueError`.
    """
    if database.path is not None and not database.path.is_file():
        raise CatalogueError("there is no catalogue", path=database.name, hint="make it: provenance catalogue init")
    with database.reading() as connection:
        found = version(connection)
    if found == VERSIONS[-1]:
        return
    if found is None:
        raise CatalogueError("is no catalogue", path=database.name, hint="make one: provenance catalogue init")
    _refuse_newer(database, found)
    if not database.is_sqlite:
        hint = "when all who use it have this version of the program: provenance catalogue upgrade"
        raise CatalogueError("the catalogue is of an older version", path=database.name, hint=hint)
    upgrade(database)


def upgrade(database: Database, to: str = VERSIONS[-1]) -> None:
    """Make the tables, or bring older ones up to a version: all of it, or nothing. Raises `CatalogueError`."""
    from alembic import command  # noqa: PLC0415 -- only where tables change

    database.make_file()
    with database.locking() as connection:
        _take_turns(database, connection)
        found = version(connection)
        if found is not None:
            _refuse_newer(database, found)
        command.upgrade(_config(connection), to)


def downgrade(database: Database, to: str) -> None:
    """Take the tables back to a version, and lose what only later ones keep. Raises `CatalogueError`."""
    from alembic import command  # noqa: PLC0415 -- only where tables change

    with database.locking() as connection:
        _take_turns(database, connection)
        command.downgrade(_config(connection), to)


def _take_turns(database: Database, connection: Connection) -> None:
    """Have several that begin at once make the tables once; SQLite does this by itself."""
    if not database.is_sqlite:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('provenance catalogue'))"))
        encoding = connection.execute(text("SHOW server_encoding")).scalar()
        if encoding != "UTF8":
            hint = "make the database with ENCODING 'UTF8'"
            raise CatalogueError(f"the database keeps text as {encoding}", path=database.name, hint=hint)


def _refuse_newer(database: Database, found: str) -> None:
    if found not in VERSIONS:
        hint = "use that version, or a newer one"
        message = f"the catalogue was written by a newer version of this program (its tables: {found})"
        raise CatalogueError(message, path=database.name, hint=hint)


def _config(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415 -- only where tables change

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config
