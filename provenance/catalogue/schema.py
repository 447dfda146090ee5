"""The tables, the same in SQLite and PostgreSQL. How they came to be so is in `migrations`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)

from provenance.model.fingerprints import WATERMARK

if TYPE_CHECKING:
    from sqlalchemy import Dialect

VERSIONS: Final = ("0001", "0002", "0003", "0004", "0005")
"""All that were ever published, from the first to the present one."""
VERSION_TABLE: Final = "catalogue_version"


class Moment(TypeDecorator[datetime]):
    """A time in UTC; times without a zone are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102
        if value is None:
            return None
        found: datetime = value
        # SQLite keeps no zone; what went in was UTC.
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


class Bytes(LargeBinary):
    """Bytes, which the drivers of SQLite and PostgreSQL take as they are."""

    def bind_processor(self, dialect: Dialect) -> None:  # noqa: ARG002, D102
        return None


class Sha256(TypeDecorator[str]):
    """A digest: hexadecimal for Python, 32 bytes in the database, which halves the indexes."""

    impl = Bytes(32)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002, D102
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002, D102
        return None if value is None else bytes(value).hex()


Count: Final = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts rows in its own 64-bit integers only where the column is called INTEGER."""

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ledger: Final = Table(
    "ledger",
    metadata,
    Column("number", Count, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("subject", String(64), nullable=False, index=True),
    Column("digest", Sha256, nullable=False),
    Column("hash", Sha256, nullable=False),
    Column("body", Text),
)
"""Append-only. The body of a signing is made of its record; only what has no row of its own is kept here."""

manifests: Final = Table(
    "manifests",
    metadata,
    Column("number", Count, primary_key=True, autoincrement=False),
    Column("digest", Sha256, nullable=False, unique=True),
    Column("data", Bytes),
)
"""Manifest stores by their SHA-256, each once; without data once they were pruned."""

records: Final = Table(
    "records",
    metadata,
    Column("number", Count, primary_key=True, autoincrement=False),
    Column("id", String(64), nullable=False, unique=True),
    Column("recorded_at", Moment, nullable=False),
    Column("dated_at", Moment, nullable=False, index=True),
    Column("operation", String(16), nullable=False),
    Column("label", Text, nullable=False, index=True),
    Column("store", Count, ForeignKey(manifests.c.number), nullable=False, index=True),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("source", Sha256, index=True),
    Column("output", Sha256, index=True),
    Column("bare", Sha256, index=True),
    Column("width", BigInteger),
    Column("height", BigInteger),
    Column("title", Text),
    Column("signer", Text, index=True),
    Column("certificate", Sha256, index=True),
    Column("signed_at", Moment),
    Column("attested_at", Moment),
    Column("source_type", Text, index=True),
    Column("described", Text, nullable=False),
    Column("written_to", Text),
    Column("asked_by", Text),
)
"""A record has the number of its entry in the ledger. `dated_at` is when it was signed, or else recorded."""

texts: Final = Table(
    "texts",
    metadata,
    Column("number", Count, ForeignKey(records.c.number, ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("folded", Text, nullable=False),
)
"""What is searched, apart from the records so that looking through all of it reads little."""

parents: Final = Table(
    "parents",
    metadata,
    Column("number", Count, ForeignKey(records.c.number, ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("label", Text, index=True),
    Column("record", String(64), index=True),
)

checks: Final = Table(
    "checks",
    metadata,
    Column("row", Count, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("at", Moment, nullable=False, index=True),
    Column("digest", Sha256, nullable=False),
    Column("decision", String(16), nullable=False),
    Column("policy", Text, nullable=False),
    Column("policy_digest", Sha256, nullable=False),
    Column("lists", Text, nullable=False),
    Column("name", Text),
    Column("reasons", Text, nullable=False),
    Column("asked_by", Text),
    Index("ix_checks_digest_at", "digest", "at"),
    sqlite_autoincrement=True,
)

_MARKED: Final = text(f"variant = '{WATERMARK}'")
"""Watermarks alone are looked up by their value: an index of all fingerprints would be as large as they are."""

fingerprints: Final = Table(
    "fingerprints",
    metadata,
    Column("row", Count, primary_key=True),
    Column("number", Count, ForeignKey(records.c.number, ondelete="CASCADE"), nullable=False, index=True),
    Column("method", Text, nullable=False),
    Column("variant", Text, nullable=False),
    Column("value", Bytes, nullable=False),
    Index("ix_fingerprints_watermarks", "value", "method", sqlite_where=_MARKED, postgresql_where=_MARKED),
    sqlite_autoincrement=True,
)
"""No row number is given twice, and rows appear in their order: so an index knows what it has not seen."""


# ---- the service

api_keys: Final = Table(
    "api_keys",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", Sha256, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("identities", Text, nullable=False),
    Column("rate", Text),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
    Column("last_used_at", Moment),
)
"""Keys of a service's callers; of their secrets only the digest."""

reports: Final = Table(
    "reports",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("caller", String(64)),
    Column("name", Text, nullable=False),
    Column("decision", String(16)),
    Column("digest", Sha256),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("texts", Text, nullable=False),
    Index("ix_reports_kind_at", "kind", "at"),
)
"""What a service has answered, for as long as it is kept; its texts by their forms, in JSON."""

# ---- what the service keeps of jobs, and of events that receivers are told

jobs: Final = Table(
    "jobs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("caller", String(64)),
    Column("asked_by", Text, nullable=False),
    Column("spool", String(64), nullable=False),
    Column("order", Text, nullable=False),
    Column("cancelled_at", Moment),
    Column("ended_at", Moment, index=True),
    Index("ix_jobs_caller_id", "caller", "id"),
)

items: Final = Table(
    "items",
    metadata,
    Column("job", String(64), ForeignKey(jobs.c.id, ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("planned", String(64), nullable=False),
    Column("url", Text),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("owner", String(64)),
    Column("lease", Moment),
    Column("ended_at", Moment),
    Column("result", Text),
    Index("ix_items_state_number_job", "state", "number", "job"),
)
"""Of jobs. The lease ends by itself when whoever works on an item no longer says that it does."""

receivers: Final = Table(
    "receivers",
    metadata,
    Column("id", Sha256, primary_key=True),
    Column("gone_at", Moment, nullable=False),
)
"""Those that want no more events."""

deliveries: Final = Table(
    "deliveries",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("receiver", Sha256, nullable=False),
    Column("place", Text, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment),
    Column("ended_at", Moment),
    Column("problem", Text),
    Index("ix_deliveries_state_receiver_due_at", "state", "receiver", "due_at"),
)
"""Of events. `due_at` of one that is being sent is when another may try it, should this one never tell."""
