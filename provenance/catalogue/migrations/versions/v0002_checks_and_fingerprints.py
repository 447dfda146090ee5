"""Verifications that were recorded, and fingerprints of pictures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
DIGEST = sa.LargeBinary(32)
INDEXES = (
    ("checks", ("digest", "at")),
    ("checks", ("at",)),
    ("fingerprints", ("number",)),
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "checks",
        sa.Column("row", NUMBER, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("policy_digest", DIGEST, nullable=False),
        sa.Column("lists", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text),
        sa.PrimaryKeyConstraint("row", name="pk_checks"),
        sa.UniqueConstraint("id", name="uq_checks_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "fingerprints",
        sa.Column("row", NUMBER, autoincrement=True, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("variant", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("row", name="pk_fingerprints"),
        sa.ForeignKeyConstraint(["number"], ["records.number"], name="fk_fingerprints_number", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    for table, columns in INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def downgrade() -> None:
    """Take them away, and everything that is in them."""
    for table in ("fingerprints", "checks"):
        op.drop_table(table)
