"""What a service must remember: the keys of its callers, and the reports that can be fetched again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TIME = sa.DateTime(timezone=True)
DIGEST = sa.LargeBinary(32)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("identities", sa.Text, nullable=False),
        sa.Column("rate", sa.Text),
        sa.Column("created_at", TIME, nullable=False),
        *(sa.Column(name, TIME) for name in ("expires_at", "revoked_at", "last_used_at")),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("caller", sa.String(64)),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("decision", sa.String(16)),
        sa.Column("digest", DIGEST),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("texts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
    )
    op.create_index("ix_reports_kind_at", "reports", ["kind", "at"])
    op.create_index("ix_reports_expires_at", "reports", ["expires_at"])


def downgrade() -> None:
    """Take them away, and everything that is in them."""
    for table in ("reports", "api_keys"):
        op.drop_table(table)
