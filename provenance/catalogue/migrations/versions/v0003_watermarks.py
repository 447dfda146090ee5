"""Watermarks are looked up by their payloads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NAME = "ix_fingerprints_watermarks"
MARKED = sa.text("variant = 'watermark'")


def upgrade() -> None:
    """Make an index of watermarks alone: fingerprints are many, and nobody looks them up by their value."""
    op.create_index(NAME, "fingerprints", ["value", "method"], sqlite_where=MARKED, postgresql_where=MARKED)


def downgrade() -> None:
    """Take it away."""
    op.drop_index(NAME, "fingerprints")
