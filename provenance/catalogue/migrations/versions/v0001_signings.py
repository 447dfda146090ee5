"""Signings: the ledger, records, what is searched, parents, manifest stores."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
DIGEST = sa.LargeBinary(32)


INDEXES = (
    ("ledger", "subject"),
    ("records", "dated_at"),
    ("records", "label"),
    ("records", "store"),
    ("records", "source"),
    ("records", "output"),
    ("records", "bare"),
    ("records", "signer"),
    ("records", "certificate"),
    ("records", "source_type"),
    ("parents", "label"),
    ("parents", "record"),
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "ledger",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("hash", DIGEST, nullable=False),
        sa.Column("body", sa.Text),
        sa.PrimaryKeyConstraint("number", name="pk_ledger"),
    )
    op.create_table(
        "manifests",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("data", sa.LargeBinary),
        sa.PrimaryKeyConstraint("number", name="pk_manifests"),
        sa.UniqueConstraint("digest", name="uq_manifests_digest"),
    )
    op.create_table(
        "records",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("dated_at", TIME, nullable=False),
        sa.Column("operation", sa.String(16), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("store", NUMBER, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        *(sa.Column(name, DIGEST) for name in ("source", "output", "bare")),
        *(sa.Column(name, sa.BigInteger) for name in ("width", "height")),
        *(sa.Column(name, sa.Text) for name in ("title", "signer")),
        sa.Column("certificate", DIGEST),
        *(sa.Column(name, TIME) for name in ("signed_at", "attested_at")),
        sa.Column("source_type", sa.Text),
        sa.Column("described", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("written_to", "asked_by")),
        sa.PrimaryKeyConstraint("number", name="pk_records"),
        sa.UniqueConstraint("id", name="uq_records_id"),
        sa.ForeignKeyConstraint(["store"], ["manifests.number"], name="fk_records_store"),
    )
    _make_what_stands_beside()
    for table, column in INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column])


def _make_what_stands_beside() -> None:
    op.create_table(
        "texts",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_texts"),
        sa.ForeignKeyConstraint(["number"], ["records.number"], name="fk_texts_number", ondelete="CASCADE"),
    )
    op.create_table(
        "parents",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("label", sa.Text),
        sa.Column("record", sa.String(64)),
        sa.PrimaryKeyConstraint("number", "position", name="pk_parents"),
        sa.ForeignKeyConstraint(["number"], ["records.number"], name="fk_parents_number", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Take them away, and everything that is in them."""
    for table in ("parents", "texts", "records", "manifests", "ledger"):
        op.drop_table(table)
