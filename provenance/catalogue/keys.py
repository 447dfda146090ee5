"""The keys of a service's callers. What is kept of a secret opens nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import insert, or_, select, update

from provenance.catalogue.schema import api_keys
from provenance.model.service import ApiKey, Scope, parse_rate

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import RowMapping

    from provenance.catalogue.database import Database
    from provenance.model.service import NewKey


class Keys:
    """The keys in a catalogue. Threads may share it; every method raises `CatalogueError`."""

    def __init__(self, database: Database) -> None:
        """Take a database whose tables are there."""
        self._database = database

    def add(self, made: NewKey) -> None:
        """Keep a key, and the digest of its token."""
        key = made.key
        row = {
            "id": key.id,
            "name": key.name,
            "digest": made.digest,
            "scopes": json.dumps(key.scopes),
            "identities": json.dumps(key.identities, ensure_ascii=False),
            "rate": None if key.rate is None else str(key.rate),
            "created_at": key.created_at,
            "expires_at": key.expires_at,
        }
        with self._database.locking() as connection:
            connection.execute(insert(api_keys), row)

    def find(self, name: str) -> tuple[ApiKey, str] | None:
        """Return the key of an id, whether it still opens anything or not, and the digest of its token."""
        with self._database.reading() as connection:
            row = connection.execute(select(api_keys).where(api_keys.c.id == name)).mappings().first()
            return None if row is None else (_key_of(row), row["digest"])

    def every(self) -> list[ApiKey]:
        """Return all keys, the last one first."""
        with self._database.reading() as connection:
            found = connection.execute(select(api_keys).order_by(api_keys.c.id.desc())).mappings()
            return [_key_of(row) for row in found]

    def revoke(self, name: str, *, at: datetime) -> bool:
        """Have a key open nothing any more, and say whether it was known; it was revoked once only."""
        its = api_keys.c.id == name
        with self._database.locking() as connection:
            connection.execute(update(api_keys).where(its, api_keys.c.revoked_at.is_(None)).values(revoked_at=at))
            return connection.execute(select(api_keys.c.id).where(its)).first() is not None

    def used(self, name: str, *, at: datetime) -> None:
        """Note when a key was last used."""
        earlier = or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at < at)
        with self._database.locking() as connection:
            connection.execute(update(api_keys).where(api_keys.c.id == name, earlier).values(last_used_at=at))


def _key_of(row: RowMapping) -> ApiKey:
    """Make a key from its row. Raises `ValueError` for a row that no key was ever written as."""
    fields = {key: value for key, value in row.items() if key != "digest"}
    fields["scopes"] = tuple(Scope(item) for item in json.loads(row["scopes"]))
    fields["identities"] = tuple(json.loads(row["identities"]))
    fields["rate"] = None if row["rate"] is None else parse_rate(row["rate"])
    return ApiKey(**fields)
