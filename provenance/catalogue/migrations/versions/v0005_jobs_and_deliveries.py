"""Jobs of the service with their items, and deliveries of events to receivers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TIME = sa.DateTime(timezone=True)
DIGEST = sa.LargeBinary(32)
INDEXES = (
    ("jobs", ("ended_at",)),
    ("jobs", ("caller", "id")),
    ("items", ("state", "number", "job")),
    ("deliveries", ("state", "receiver", "due_at")),
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("caller", sa.String(64)),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("spool", sa.String(64), nullable=False),
        sa.Column("order", sa.Text, nullable=False),
        sa.Column("cancelled_at", TIME),
        sa.Column("ended_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_table(
        "items",
        sa.Column("job", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("planned", sa.String(64), nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("lease", TIME),
        sa.Column("ended_at", TIME),
        sa.Column("result", sa.Text),
        sa.PrimaryKeyConstraint("job", "number", name="pk_items"),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_items_job", ondelete="CASCADE"),
    )
    _make_what_receivers_are_told()
    for table, columns in INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _make_what_receivers_are_told() -> None:
    op.create_table(
        "receivers",
        sa.Column("id", DIGEST, nullable=False),
        sa.Column("gone_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_receivers"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("receiver", DIGEST, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", TIME),
        sa.Column("ended_at", TIME),
        sa.Column("problem", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )


def downgrade() -> None:
    """Take them away, and everything that is in them."""
    for table in ("deliveries", "receivers", "items", "jobs"):
        op.drop_table(table)
