"""What databases say when they refuse, in words of ours: never with a password, nor with what was written."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sqlalchemy import URL, exc, make_url

from provenance.errors import CatalogueError, CatalogueUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_KNOWN: Final = "give postgresql+psycopg://USER@HOST/DATABASE or sqlite:////path/to/catalogue.db"
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_PASSING: Final = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
"""What SQLite answers for the time that a disk is full, away, or mounted for reading only."""
_PASSING_CLASSES: Final = ("08", "40", "53", "55", "57", "58")
"""Of SQLSTATE: connection, rollback of a transaction, resources, locks, the operator, the system."""


def read_url(text: str) -> URL:
    """Read the address of a catalogue. Raises `CatalogueError`, which does not repeat it: it may hold a password."""
    if text.startswith("sqlite:///"):
        return _file(text.removeprefix("sqlite:///"))
    if text.startswith("postgresql://"):
        text = text.replace("postgresql", "postgresql+psycopg", 1)
    try:
        url = make_url(text)
    except (exc.ArgumentError, ValueError) as error:
        raise CatalogueError("the address of the catalogue cannot be read", hint=_KNOWN) from error
    if url.drivername != "postgresql+psycopg":
        raise CatalogueError(f"{url.drivername!r} is no database for a catalogue", hint=_KNOWN)
    if "@" in f"{url.host or ''}{url.database or ''}":
        # What follows the first @ would be taken for a host, and named in messages.
        raise CatalogueError("the address of the catalogue has more than one @", hint="write an @ in a password as %40")
    return url


def _file(name: str) -> URL:
    """Take all that follows for the name of a file: a ? in it begins no options."""
    if not name or name.startswith((":memory:", "file:")):
        raise CatalogueError("the address of the catalogue names no file", hint=_KNOWN)
    return URL.create("sqlite", database=name)


def shown(url: URL) -> str:
    """Return an address as it may be shown: without the password, and without options, which may hold one."""
    if url.drivername == "sqlite":
        return str(url.database)
    return url.set(query={}).render_as_string(hide_password=True)


@contextmanager
def told(url: URL) -> Iterator[None]:
    """Say in words of ours what a database refuses. Raises `CatalogueError`, often `CatalogueUnavailable`."""
    try:
        yield
    except ModuleNotFoundError as error:
        extra = "postgresql" if error.name == "psycopg" else "catalogue"
        message = f"a catalogue there needs a library that is not installed ({error.name})"
        hint = f"pip install 'media-provenance[{extra}]'"
        raise CatalogueError(message, path=shown(url), hint=hint) from error
    except (exc.SQLAlchemyError, sqlite3.Error) as error:
        raise refused(error, url) from error
    except OSError as error:
        kind = CatalogueUnavailable if error.errno in (errno.ENOSPC, errno.EIO, errno.EROFS) else CatalogueError
        raise kind(f"the catalogue cannot be written: {error.strerror or error}", path=shown(url)) from error


def refused(error: exc.SQLAlchemyError | sqlite3.Error, url: URL) -> CatalogueError:
    """Return what is to be raised."""
    cause = error.orig if isinstance(error, exc.DBAPIError) and error.orig is not None else error
    reason = _reason(cause, url)
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code in _BUSY:
            hint = "others are writing; try again when they have finished"
            return CatalogueUnavailable("the catalogue is locked", path=shown(url), hint=hint)
        if code in _PASSING:
            hint = "make room, or see that its folder can be written"
            return CatalogueUnavailable(f"the catalogue cannot be used now: {reason}", path=shown(url), hint=hint)
    elif _passes(error, cause):
        hint = "see that the database runs, and that address, user and password are right"
        return CatalogueUnavailable(f"the catalogue cannot be used now: {reason}", path=shown(url), hint=hint)
    hint = "see that this is the address of a catalogue"
    return CatalogueError(f"the catalogue cannot be used: {reason}", path=shown(url), hint=hint)


def _passes(error: Exception, cause: BaseException) -> bool:
    if isinstance(error, exc.TimeoutError) or getattr(error, "connection_invalidated", False):
        return True
    state = getattr(cause, "sqlstate", None)
    if state is None:
        # psycopg knows no state of connections that were never made.
        return isinstance(error, exc.OperationalError)
    return str(state)[:2] in _PASSING_CLASSES


def _reason(cause: BaseException, url: URL) -> str:
    """Return the first line: further ones quote what was to be written."""
    found = next(iter(str(cause).splitlines()), type(cause).__name__)
    secrets = [url.password, *url.query.values()]
    for item in secrets:
        if isinstance(item, str) and item:
            found = found.replace(item, "…")
    return found
